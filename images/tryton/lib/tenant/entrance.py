"""Whom an application lets in: its own gateway, and who is in its container.

The applications of other tenants stand on the same network. Whoever came past the gateway would leave no line in the
trail, say from which address it likes to come, and have a thread for each connection, also for one that says nothing.
"""

import errno
import socket
import threading
import time

KNOWN_SECONDS = 5
"""How long an address is the gateway's before its name is asked again: another container may have it by then."""
KEPT_SECONDS = 60
"""How long it is so at the most while nobody answers: a busy engine takes seconds."""
PAUSE_SECONDS = 0.1
"""Between two questions; what is answered counts for all who came meanwhile."""


class Entrance:
    """A listening socket that turns away whoever has not the address of the gateway.

    Nobody waits at it: the name is asked by a thread, when somebody comes whom the last answer does not settle. So a
    gateway that was recreated is turned away once, and known when it comes again.
    """

    def __init__(self, listener, gateway):
        """Take a listening socket of gunicorn's, and the gateway's name in the network."""
        self._listener = listener
        self._gateway = gateway
        self._address = None
        self._heard = float("-inf")
        self._wanted = threading.Event()
        self._wanted.set()
        threading.Thread(target=self._ask_when_wanted, daemon=True).start()

    def __getattr__(self, name):
        """Be the listening socket in all else."""
        return getattr(self._listener, name)

    def accept(self):
        """Return a connection and its address; raise what gunicorn takes for one that was gone again."""
        connection, (address, port) = self._listener.accept()
        if address.startswith("127.") or self._is_gateway(address):
            return connection, (address, port)
        connection.close()
        raise OSError(errno.ECONNABORTED, "neither the gateway nor this container")

    def _is_gateway(self, caller):
        age = time.monotonic() - self._heard
        is_it = caller == self._address and age < KEPT_SECONDS
        if not is_it or age > KNOWN_SECONDS:
            self._wanted.set()
        return is_it

    def _ask_when_wanted(self):
        while self._wanted.wait():
            self._wanted.clear()
            try:
                self._address = socket.gethostbyname(self._gateway)
                self._heard = time.monotonic()
            except OSError:  # it is not there, or the engine takes its time
                pass
            time.sleep(PAUSE_SECONDS)
