"""What `doctor` looks at on this machine and on its container engine; each look is one result, with its mend.

Nothing here needs definitions, a state or an engine to be there: their absence is a result.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from moothall import json_text
from moothall.docker_engine.engine import Engine
from moothall.docker_engine.images.debian import BASE_IMAGE_VARIABLE, pinned_base_image
from moothall.docker_engine.port import EngineObject
from moothall.failures import Inconclusive, OperationError
from moothall.model.outcome import COULD_NOT_RUN, FAILED, PASSED, SKIPPED, CheckResult
from moothall.verify.clocks import SECONDS, clock_offset, seconds_apart

OLDEST_PYTHON = (3, 11)
OLDEST_API = (1, 41)
"""Docker's HTTP API of engine 20.10, the oldest that this was tried with."""
LABEL = "moothall.owner"
"""What every container of ours carries."""
FREE_BYTES = 4_000_000_000
"""Room for the images and their build, and for the data of a small partnership to grow."""


def python() -> CheckResult:
    """Say whether this Python is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return CheckResult("python", "Python", PASSED, version)
    return CheckResult("python", "Python", FAILED, f"{version} is older than 3.11", hint="apt-get install python3.11")


def container_engine(engine: Engine) -> CheckResult:
    """Say whether the container engine answers and is new enough."""
    subject = f"Container engine at {engine.host}"
    start = "apt-get install docker.io" if shutil.which("dockerd") is None else "systemctl start docker"
    try:
        version, interface = engine.version(), engine.interface()
    except Inconclusive as reason:
        return CheckResult("engine", subject, FAILED, str(reason), hint=start)
    if interface < OLDEST_API:
        return CheckResult(
            "engine", subject, FAILED, f"{version} is older than 20.10", hint="apt-get install docker.io"
        )
    return CheckResult("engine", subject, PASSED, version)


def containers(engine: Engine) -> CheckResult:
    """Say whether everything of ours on an engine runs that its engine is to keep running; jobs have ended."""
    subject = f"Containers at {engine.host}"
    try:
        own_containers = [summary for summary in engine.containers() if LABEL in (summary["Labels"] or {})]
        idle_names = [
            summary["Names"][0].lstrip("/")
            for summary in own_containers
            if summary["State"] not in ("running", "restarting")
        ]
        stopped_names = sorted(name for name in idle_names if _is_to_run(engine.container(name)))
    except Inconclusive as reason:
        return CheckResult("containers", subject, COULD_NOT_RUN, str(reason))
    if stopped_names:
        more = f" and {len(stopped_names) - 1} more" if len(stopped_names) > 1 else ""
        detail = f"{stopped_names[0]}{more} should run and does not"
        return CheckResult("containers", subject, FAILED, detail, hint="moothall up")
    return CheckResult(
        "containers", subject, PASSED, f"{len(own_containers) - len(idle_names)} run, and start again with their engine"
    )


def _is_to_run(container: EngineObject | None) -> bool:
    return container is not None and container["HostConfig"]["RestartPolicy"]["Name"] not in ("", "no")


def clock(engine: Engine, sites: Sequence[str] = ()) -> CheckResult:
    """Say whether this machine's clock and an engine's agree: certificates and locks depend on both.

    `sites` are those that the engine serves, where that is said.
    """
    whose = f"the engine of {', '.join(sites)}" if sites else "the engine"
    try:
        skew = seconds_apart(clock_offset(engine.time))
    except Inconclusive as reason:
        return CheckResult("clock", "Clocks", COULD_NOT_RUN, str(reason))
    if skew > SECONDS:
        detail = f"this machine and {whose} are {skew:.0f} s apart"
        return CheckResult("clock", "Clocks", FAILED, detail, hint="timedatectl set-ntp true")
    return CheckResult("clock", "Clocks", PASSED, f"this machine and {whose} agree")


def firewall(engine: Engine) -> CheckResult:
    """Say whether iptables is there, with which the engine keeps networks apart; only known of this machine."""
    if not engine.host.startswith("unix://"):
        return CheckResult("iptables", "iptables", SKIPPED, f"{engine.host} is another machine")
    path = shutil.which("iptables", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path:
        return CheckResult("iptables", "iptables", PASSED, path)
    detail = "without it the engine cannot keep networks apart"
    return CheckResult("iptables", "iptables", FAILED, detail, hint="apt-get install iptables")


def images(missing_images: Callable[[], Sequence[str]]) -> tuple[CheckResult, CheckResult]:
    """Say whether the engine has all images, and whether this machine could make the first of them."""
    try:
        missing_names = missing_images()
    except OperationError as failure:
        could_not_run = CheckResult("images", "Images", COULD_NOT_RUN, failure.message, hint=failure.hint)
        return could_not_run, CheckResult(
            "mmdebstrap", "mmdebstrap", COULD_NOT_RUN, "it is not known whether it is needed"
        )
    if missing_names:
        result = CheckResult(
            "images", "Images", FAILED, f"not built yet: {', '.join(missing_names)}", hint="moothall up"
        )
    else:
        result = CheckResult("images", "Images", PASSED, "all are built")
    return result, _bootstrap(is_needed="base" in missing_names)


def _bootstrap(*, is_needed: bool) -> CheckResult:
    """Say whether the base image can be made, if it must be."""
    path = shutil.which("mmdebstrap")
    if path or not is_needed:
        return CheckResult("mmdebstrap", "mmdebstrap", PASSED, path or "not needed: the base image is built")
    try:
        if pinned_base_image():
            return CheckResult("mmdebstrap", "mmdebstrap", SKIPPED, f"{BASE_IMAGE_VARIABLE} names a base image instead")
    except OperationError as failure:
        return CheckResult("mmdebstrap", "mmdebstrap", FAILED, failure.message, hint=failure.hint)
    detail = "the base image is made with it"
    return CheckResult("mmdebstrap", "mmdebstrap", FAILED, detail, hint="apt-get install mmdebstrap")


def disk(engine: Engine, state: Path) -> CheckResult:
    """Say whether there is room where the engine keeps its data, or where the state is if that is elsewhere."""
    places = [path for path in (_engine_folder(engine), state, *state.resolve().parents) if path and path.is_dir()]
    usage = shutil.disk_usage(places[0])
    detail = f"{usage.free / 1e9:.1f} GB free at {places[0]}"
    if usage.free < FREE_BYTES:
        shortage = f"{detail}, {FREE_BYTES / 1e9:.0f} GB are needed"
        return CheckResult("disk", "Disk", FAILED, shortage, hint="docker system prune")
    return CheckResult("disk", "Disk", PASSED, detail)


def _engine_folder(engine: Engine) -> Path | None:
    """Return where a local engine keeps its data; None when it does not say or is elsewhere."""
    try:
        return Path(engine.folder()) if engine.host.startswith("unix://") else None
    except Inconclusive:
        return None


def state_files(state: Path) -> CheckResult:
    """Say whether the state can be read and written, file by file."""
    subject = f"State in {state}"
    if not state.is_dir():
        return CheckResult("state", subject, SKIPPED, "there is none yet; the first `moothall up` makes it")
    if not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        return CheckResult("state", subject, FAILED, "it may not be read and written", hint=f"ls -ld {state}")
    stacks = state / ".pulumi" / "stacks"  # of which `states.states` knows more
    files = sorted(path for path in state.rglob("*.json") if not path.is_relative_to(stacks))
    broken_files = [path for path in files if not _is_json(path)]
    if broken_files:
        detail = f"cannot be read: {', '.join(str(path) for path in broken_files)}"
        return CheckResult("state", subject, FAILED, detail, hint=f"cp {broken_files[0]}.bak {broken_files[0]}")
    return CheckResult("state", subject, PASSED, f"{len(files)} files can be read")


def _is_json(path: Path) -> bool:
    """Say whether a file holds JSON; one that vanishes meanwhile is none of ours to judge."""
    try:
        json_text.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return True


def passphrase(read: Callable[[], str], *, is_needed: bool) -> CheckResult:
    """Say whether there is a usable passphrase; before there is a state to open, none is needed."""
    try:
        read()
    except OperationError as failure:
        if is_needed:
            return CheckResult("passphrase", "Passphrase", FAILED, failure.message, hint=failure.hint)
        return CheckResult("passphrase", "Passphrase", SKIPPED, "there is none yet; the first `moothall up` makes it")
    return CheckResult("passphrase", "Passphrase", PASSED, "there is one, and only its owner may read it")
