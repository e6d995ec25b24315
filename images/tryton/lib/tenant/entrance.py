"""Whom an application lets in: its own gateway, and who is in its container.

The applications of other tenants stand on the same network. Whoever came past the gateway would leave no line in the
trail, say from which address it likes to come, and have a thread for each connection, also for one that says nothing.
"""

import errno
import socket
import time

KNOWN_SECONDS = 5
"""How long an address is the gateway's before its name is asked again: another container may have it by then."""
PAUSE_SECONDS = 0.1
"""Between two questions that strangers give rise to; what is answered counts for all."""


class Entrance:
    """A listening socket that turns away whoever has not the address of the gateway."""

    def __init__(self, listener, gateway):
        """Take a listening socket of gunicorn's, and the gateway's name in the network."""
        self._listener = listener
        self._gateway = gateway
        self._address = None
        self._asked = float("-inf")

    def __getattr__(self, name):
        """Be the listening socket in all else."""
        return getattr(self._listener, name)

    def accept(self):
        """Return a connection and its address; raise what gunicorn takes for one that was gone again."""
        connection, (address, port) = self._listener.accept()
        if address.startswith("127.") or address == self._address_of_gateway(address):
            return connection, (address, port)
        connection.close()
        raise OSError(errno.ECONNABORTED, "neither the gateway nor this container")

    def _address_of_gateway(self, caller):
        is_known = caller == self._address
        if time.monotonic() - self._asked > (KNOWN_SECONDS if is_known else PAUSE_SECONDS):
            try:
                self._address = socket.gethostbyname(self._gateway)
            except OSError:  # it is not there, or not yet
                self._address = None
            self._asked = time.monotonic()
        return self._address
