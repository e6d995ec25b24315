"""The roles of a database server that are no tenant's, said once for what makes them, lets them in and reserves names.

A tenant's role has the name of its council, so no name with a dot in it can be one (`model.name`). Those without a dot
are older than that rule, and no council can have them (`engine-name`). images/postgres/lib/roles.sql makes them.
"""

from __future__ import annotations

SUPERUSER = "postgres"
"""The server's own role, for what is about the server itself."""
PROVISIONER = "provisioner"
"""The role that owns the databases of tenants and nothing in them."""
REPLICATION = "repl"
"""The role of the other site's server."""
BASE_SETS = "moothall.base_sets"
"""The role that fills templates, and owns what is in them until it is a tenant's."""
FROZEN = "moothall.frozen"
"""The role whose members are let in from nowhere."""
OWN = (SUPERUSER, PROVISIONER, REPLICATION, BASE_SETS, FROZEN)
FORMER = ("base_sets",)
"""What roles of servers that have not been started since were called."""
