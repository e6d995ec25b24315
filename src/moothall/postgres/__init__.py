"""PostgreSQL as the host side sees it: sessions on servers in containers, and every statement that goes to them.

Statements go in by standard input with bound variables. Who acts, on which database of which server, is said with
every session. Nothing here knows stacks, commands or people.
"""
