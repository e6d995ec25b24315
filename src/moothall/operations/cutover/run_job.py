"""Sending the job to where the tenant's database is: beside it, as the preparing job stood there."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from moothall.docker_engine.one_off import FOLDER, AlreadyRunning, ContainerResult, OneOff, run_one_off
from moothall.docker_engine.port import as_json
from moothall.docker_engine.shape import NUMBER, require_shape
from moothall.failures import BLOCKED, FAILED, REFUSED, Inconclusive, OperationError
from moothall.model.engines import Endpoint
from moothall.model.planned import Container
from moothall.payloads import sources
from moothall.pulumi_engine.errors import NOTHING_TOUCHED, EngineError, EngineUnreachable
from moothall.pulumi_engine.provider.calls import calling, engine_at
from moothall.pulumi_engine.provider.port import StepFailed

_PROGRAM = "moothall.payloads.ledger_import.program"
_AMOUNT = re.compile("-?[0-9]{1,20}[.][0-9]{2}")
_ANSWER = {
    "state": re.compile("rehearsed|imported|standing|differs|looked|undone"),
    "totals": [[str]],
    "moves": int,
    "lines": int,
    "seconds": {str: NUMBER},
    "lost": {str: int},
    "at": re.compile("[0-9T:.+-]{19,32}"),
}
_PATIENCE_SECONDS = 3600
_IDENTITY_FILES = ("ca.crt", "client.crt", "client.key", "database-password")
_CONFIGURATION = """\
[database]
uri = postgresql://{tenant}@/?sslmode=verify-full&sslrootcert=/cfg/ca.crt&passfile=/tmp/pgpass
path = /var/lib/trytond
[cache]
clean_timeout = 0
"""
"""Tryton's settings: it works as the tenant, by the tenant's password, which the job writes there; libpq knows the
server from PGHOST. With
`clean_timeout = 0` the tenant's own application hears of what is new at once."""


def send(
    endpoint: Endpoint,
    partnership: str,
    prepare: Container,
    texts: Mapping[str, str],
    order: Mapping[str, Any],
) -> dict[str, Any]:
    """Run the job and return what it answers.

    `prepare` is the planned job that prepared the tenant, `texts` its files, filled in, by path. Raises OperationError
    when the job could not be done, and as refused when it must not be.
    """
    job_result = _run(endpoint, _job(partnership, prepare, order), _files(texts, order), _command_again(order))
    if job_result.code:
        raise _failure(job_result, order)
    try:
        answer: dict[str, Any] = as_json(job_result.out, "the job", _ANSWER)
        for _, _, debit, credit in answer["totals"]:
            require_shape([debit, credit], [_AMOUNT], "the job")
    except (Inconclusive, ValueError) as error:
        what = f"the job ended well, and its answer cannot be read: {job_result.out[:200]!r}"
        hint = f"{_command_again(order)}  # says what is there now"
        raise OperationError(what, state="What it was told to do is done.", hint=hint) from error
    return answer


def _run(endpoint: Endpoint, job: OneOff, files: Mapping[str, str], command_again: str) -> ContainerResult:
    """Run the job to its end. Raises OperationError, as blocked while another one is at work on the same tenant."""
    engine = engine_at(endpoint)
    try:
        with calling(endpoint.host):
            return run_one_off(engine, job, files, _PATIENCE_SECONDS)
    except AlreadyRunning as error:
        wait_command = f"docker --host {endpoint.host} wait {error.name}  # then run the same command again"
        raise OperationError(str(error), state=NOTHING_TOUCHED, hint=wait_command, exit_code=BLOCKED) from error
    except EngineUnreachable as failure:  # which knows of no job: it may have run to its end since
        hint = f"{failure.hint}  # until it answers; then {command_again} says what is there now"
        raise _unfinished(job, failure.message, hint) from failure
    except StepFailed as failure:
        raise _unfinished(job, failure.message, f"{command_again}  # says what is there now") from failure


def _unfinished(job: OneOff, reason: str, hint: str) -> EngineError:
    what = f"{job.name} was not run to its end: {reason.rstrip('.')}."
    return EngineError(what, "What it was told to do may be done.", hint)


def _job(partnership: str, prepare: Container, order: Mapping[str, Any]) -> OneOff:
    return OneOff(
        image=prepare.image,
        user=prepare.user,
        labels={"moothall.partnership": partnership, "moothall.role": "cutover"},
        memory_mb=prepare.memory_mb,
        network=prepare.networks[0].network,
        name=f"{prepare.name.removesuffix('prepare')}cutover",
        entrypoint=("/opt/t/bin/python", "-m", _PROGRAM),
        environment={
            "PGHOST": prepare.environment["PGHOST"],
            "PYTHONPATH": f"/usr/local/lib/moothall:{FOLDER}/program",
            "TRYTOND_CONFIG": f"{FOLDER}/trytond.conf",
        },
        volumes=[FOLDER],
        tmpfs=prepare.tmpfs,
    )


def _files(texts: Mapping[str, str], order: Mapping[str, Any]) -> dict[str, str]:
    """Return the job's files by their paths below `FOLDER`."""
    return {
        **{name: texts[f"/cfg/{name}"] for name in _IDENTITY_FILES},
        **{f"program/{path}": text for path, text in sources("ledger_import").items()},
        "trytond.conf": _CONFIGURATION.format(tenant=order["tenant"]),
        "order.json": json.dumps(order),
    }


def _command(order: Mapping[str, Any]) -> str:
    """Return the command of this cut-over, without what is to be done."""
    return shlex.join(["moothall", "cutover", order["council"], order["instance"]])


def _command_again(order: Mapping[str, Any]) -> str:
    """Return the command of this cut-over again; where it was done already, it says so and does it no second time."""
    words = {"rehearse": "--extract DIR --rehearse", "import": "--extract DIR"}
    return f"{_command(order)} {words.get(order['action'], '--undo')}"


def _failure(job_result: ContainerResult, order: Mapping[str, Any]) -> OperationError:
    lines = [line for line in job_result.err.splitlines() if line.strip()] or ["it did not say why"]
    command = _command(order)
    if job_result.code == REFUSED:
        hint = f"{command} --extract DIR" if order["action"] in ("look", "undo") else f"{command} --undo"
        return OperationError(lines[-1], state="Nothing was changed.", hint=hint, exit_code=REFUSED)
    what = f"the job ended with {job_result.code}: {lines[-1]}"
    return OperationError(what, state="The tenant is as it was.", hint="moothall doctor", exit_code=FAILED)
