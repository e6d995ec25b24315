"""`python -m moothall` is the same as `moothall`."""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

_OBJECTS = 100_000
"""Made and not dropped again before Python looks for circles among them; a small run makes half as many."""

_AT_THE_END = frozenset(("atexit", "threading"))
"""Modules without which nobody can have left anything to be done at the end of the process."""


def start() -> NoReturn:
    """Run the command line as a process of its own, and end it with the exit code.

    Nearly everything that a run makes stays to its end and nothing of it is circular: Python's collector would walk it
    again and again while modules are loaded, and twice more at the end, for nothing. What is frozen is not walked.
    Where nothing is left to be done at the end, the objects are not taken apart one by one either.
    """
    gc.set_threshold(_OBJECTS)
    from moothall.environment import keep_secrets

    keep_secrets()
    from moothall.cli import main

    code = main()
    gc.freeze()
    if not _AT_THE_END & sys.modules.keys():
        with suppress(OSError):  # Python's own end has an answer to that
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    start()
