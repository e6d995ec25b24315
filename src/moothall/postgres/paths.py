"""Where a server's files are in its container (images/postgres)."""

DATA = "/var/lib/postgresql/data"
"""The data volume."""
FENCE = f"{DATA}/fenced"
"""The file with which a server does not start as a primary."""
SOCKET = "/run/postgresql"
"""The folder of the server's socket."""
UID = 900
"""The user that a server runs as."""
