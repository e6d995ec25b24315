"""Somebody of a council at work, on the council's own network, through its relay."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import docker
from tests.live.helpers.running import Place

HERE = Path(__file__).parent


class Call(NamedTuple):
    """One try to log in: when it began and ended (seconds since 1970), and what went wrong, "" if nothing."""

    begun: float
    ended: float
    wrong: str


class Caller:
    """A container on a council's network that calls the council's tenant of the ERP; gone when the block ends."""

    def __init__(self, place: Place, council: str, folder: Path) -> None:
        """Take whose tenant is called; `folder` is for what the container reads."""
        shown = place.run("credentials", council, "erp", "--format", "json")
        assert shown.code == 0, shown
        folder.mkdir()
        (folder / "credentials.json").write_text(shown.out)
        (folder / "ca.crt").write_text(shown.json["authority"])
        shutil.copy(HERE / "caller_program.py", folder)
        folder.chmod(0o755)
        relay = next(
            c
            for name, c in place.containers().items()
            if name.endswith(f".{council}.{_site(place, council)}.erp-relay")
        )
        self.network = next(name for name in relay.attrs["NetworkSettings"]["Networks"] if f".{council}." in name)
        image = next(c for name, c in place.containers().items() if name.endswith("erp-application")).attrs["Config"][
            "Image"
        ]
        self.container = docker.from_env().containers.create(
            image,
            entrypoint=["sleep", "3600"],
            command=[],
            user="910:0",
            network=self.network,
            volumes={str(folder): {"bind": "/caller", "mode": "ro"}},
            tmpfs={"/tmp": "size=8m,uid=910"},
            healthcheck={"test": ["NONE"]},
        )

    def __enter__(self) -> Caller:
        self.container.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.container.remove(force=True, v=True)

    def post_a_journal(self) -> None:
        """Post one journal."""
        self._run("post")

    def keep_logging_in(self, pause: float) -> None:
        """Begin to log in again and again, with a pause of so many seconds between."""
        words = ["python3", "-I", "/caller/caller_program.py", "/caller", "log-in", str(pause)]
        self.container.exec_run(words, detach=True)

    def calls(self) -> list[Call]:
        """Return what came of every try so far."""
        answer = self.container.exec_run(["cat", "/tmp/found"])
        return [Call(*json.loads(line)) for line in answer.output.decode().splitlines() if line.startswith("[")]

    def stop(self) -> list[Call]:
        """Stop logging in and return what came of every try."""
        self.container.exec_run(["touch", "/tmp/stop"])
        return self.calls()

    def _run(self, *words: str) -> None:
        answer = self.container.exec_run(["python3", "-I", "/caller/caller_program.py", "/caller", *words])
        assert answer.exit_code == 0, answer.output.decode()


def _site(place: Place, council: str) -> str:
    """Return the council's own site."""
    text = (place.councils / f"{council}.yaml").read_text()
    return next(line.split()[1] for line in text.splitlines() if line.startswith("  site:"))


def interruption(calls: list[Call]) -> float:
    """Return the longest time in seconds between two logins that worked, where one between them did not."""
    worst, last, failed = 0.0, calls[0].begun, False
    for call in calls:
        if call.wrong:
            failed = True
            continue
        worst = max(worst, call.ended - last) if failed else worst
        last, failed = call.ended, False
    return worst
