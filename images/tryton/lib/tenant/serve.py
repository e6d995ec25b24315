"""Serve a tenant with gunicorn's threaded worker alone: a first process to watch over it would take 12 MB."""

import os
import signal

from gunicorn import sock
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from tenant import service
from tenant.entrance import Entrance

SETTINGS = {
    "bind": "0.0.0.0:8000",
    "threads": 9,  # eight for users, and one for the relay's question, which is held back
    "graceful_timeout": 5,
    "loglevel": "warning",
    "worker_tmp_dir": "/dev/shm",  # the heartbeat that nobody reads must not be on a disk
}


class Application:
    """What a worker wants to know of its application."""

    @staticmethod
    def wsgi():
        """Return it."""
        return service.app


class Worker(ThreadWorker):
    """A worker that is asked by the engine itself to stop."""

    def handle_exit(self, sig, frame):
        """Let those go who are held back, and stop when all have their answers."""
        service.DOOR.stop()
        super().handle_exit(sig, frame)

    def wait_for_and_dispatch_events(self, timeout):
        """Sleep until something happens: only a connection that is kept, or a stop, has an end to be watched."""
        watches = self.keepalived_conns or self.pending_conns or not self.alive
        super().wait_for_and_dispatch_events(timeout if watches else None)


def main():
    """Serve until asked to stop."""
    settings = Config()
    for name, value in SETTINGS.items():
        settings.set(name, value)
    log = settings.logger_class(settings)
    sockets = sock.create_sockets(settings, log)
    if gateway := os.environ.get("GATEWAY"):  # an export's page has none
        sockets = [Entrance(each, gateway) for each in sockets]
    worker = Worker(1, os.getppid(), sockets, Application(), settings.timeout, settings, log)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # until the worker has its own
    service.DOOR.begin()
    worker.init_process()


if __name__ == "__main__":
    main()
