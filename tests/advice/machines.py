"""What is done by hand on a machine in memory, by what an advice says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from tests.fakes.provided import Machine


def by_hand(machine: Machine) -> dict[str, Callable[[str], object]]:
    """Return what is done on the machine itself, by what an advice says."""

    def started() -> None:
        machine.silent = machine.hung = machine.imageless = False
        machine.answered = None

    def remove(text: str) -> None:
        names = shlex.split(text, comments=True)[3:]
        assert names[0] == "--force" or "container" not in text, "docker removes no container that runs"
        machine.take(names[-1])

    def filtered(text: str) -> None:
        for made in machine.listed(dict(re.findall(r"--filter (label|volume)=([^)]*)", text))):
            machine.take(made.name)

    return {
        r"^(systemctl start docker|apt-get install docker.io|docker --host \S+ (version|info))": lambda text: started(),
        r"^docker (container|network|volume) rm ": remove,
        r"^docker rm --force ": lambda text: machine.take(shlex.split(text, comments=True)[-1]),
        r"^docker --host \S+ rm .*--filter ": filtered,
        r"^docker system df|Dockerfile": lambda text: setattr(machine, "broken", ""),
        r"^moothall verify ": lambda text: machine.deaf.clear(),
        r"^docker pull ": lambda text: machine.pulled.add(text.split()[-1]),
    }
