"""Sending the job to where the tenant's database is: beside it, as the preparing job stood there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from moothall.engine.errand import Ended, Errand, run
from moothall.failures import FAILED, REFUSED, Failure
from moothall.model.engines import Endpoint
from moothall.model.planned import Container

_PROGRAM = "moothall.cutover.job.program"
_PATIENCE_SECONDS = 3600
_NEEDED = ("ca.crt", "client.crt", "client.key")
_CONFIGURATION = """\
[database]
uri = postgresql://provisioner@pg:5432/?sslmode=verify-full&sslrootcert=/cfg/ca.crt&sslcert=/cfg/client.crt\
&sslkey=/cfg/client.key&options=-c%20role%3D{tenant}
path = /var/lib/trytond
[cache]
clean_timeout = 0
"""
"""Tryton's settings: the provisioner's certificate, the tenant's role. With `clean_timeout = 0` the tenant's own
application hears of what is new at once."""


def send(
    endpoint: Endpoint,
    partnership: str,
    prepare: Container,
    texts: Mapping[str, str],
    order: Mapping[str, Any],
) -> dict[str, Any]:
    """Run the job and return what it answers.

    `prepare` is the planned job that prepared the tenant, `texts` its files, filled in, by path. Raises Failure when
    the job could not be done, and as refused when it must not be.
    """
    ended = run(endpoint, _errand(partnership, prepare, texts, order), _PATIENCE_SECONDS)
    if ended.code:
        raise _failure(ended, order)
    try:
        answer: dict[str, Any] = json.loads(ended.out)
    except ValueError as error:
        what = f"the job ended well, and its answer cannot be read: {ended.out[:200]!r}"
        look = f"moothall cutover {order['council']} {order['instance']}"
        raise Failure(what, left="What it was told to do is done.", mend=f"{look}  # says what is there now") from error
    return answer


def _errand(partnership: str, prepare: Container, texts: Mapping[str, str], order: Mapping[str, Any]) -> Errand:
    settings = _CONFIGURATION.format(tenant=order["tenant"])
    return Errand(
        name=f"{prepare.name.removesuffix('prepare')}cutover",
        image=prepare.image,
        user=prepare.user,
        network=prepare.networks[0].network,
        command=("/opt/t/bin/python", "-m", _PROGRAM),
        environment={
            "PYTHONPATH": "/usr/local/lib/moothall:/cfg/program",
            "TRYTOND_CONFIG": "/cfg/trytond.conf",
        },
        tmpfs=prepare.tmpfs,
        memory_mb=prepare.memory_mb,
        labels={"moothall.partnership": partnership, "moothall.role": "cutover"},
        files={
            **{name: texts[f"/cfg/{name}"] for name in _NEEDED},
            **dict(_programs()),
            "trytond.conf": settings,
            "order.json": json.dumps(order),
        },
    )


def _programs() -> Iterator[tuple[str, str]]:
    """Yield the job's modules by the paths at which Python finds them there under the same names."""
    for file in files("moothall.cutover.job").iterdir():
        if file.name.endswith(".py"):
            yield f"program/moothall/cutover/job/{file.name}", file.read_text(encoding="utf-8")


def _failure(ended: Ended, order: Mapping[str, Any]) -> Failure:
    lines = [line for line in ended.err.splitlines() if line.strip()] or ["it did not say why"]
    command = f"moothall cutover {order['council']} {order['instance']}"
    if ended.code == REFUSED:
        mend = f"{command} --extract DIR" if order["action"] in ("look", "undo") else f"{command} --undo"
        return Failure(lines[-1], left="Nothing was changed.", mend=mend, exit_code=REFUSED)
    what = f"the job ended with {ended.code}: {lines[-1]}"
    return Failure(what, left="The tenant is as it was.", mend="moothall doctor", exit_code=FAILED)
