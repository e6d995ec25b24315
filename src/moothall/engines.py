"""Which engine serves which site: read from `stacks/engines.yaml` or the file that `--engines` names, and checked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, in_order
from moothall.failures import USAGE, OperationError
from moothall.model.engines import Endpoint, Engines
from moothall.model.written import Definitions
from moothall.source import Document

DEFAULT_HOST = "unix:///var/run/docker.sock"


class EngineMapping(NamedTuple):
    """The engines, and the file that says so: its document and its text by its path, nothing without a file."""

    engines: Engines
    document: Document | None = None
    files: dict[str, str] = {}  # noqa: RUF012  # never changed
    findings: tuple[Diagnostic, ...] = ()


def local() -> Endpoint:
    """Return the local engine: the one in DOCKER_HOST, else the usual socket.

    Raises OperationError for another kind of DOCKER_HOST: engines elsewhere are named in a file, with their protection.
    """
    host = os.environ.get("DOCKER_HOST") or DEFAULT_HOST
    if not host.startswith("unix://"):
        raise OperationError(
            f"the engine endpoint {host} in DOCKER_HOST is not served: only unix:// is",
            state="Nothing was touched.",
            hint=f"export DOCKER_HOST={DEFAULT_HOST}  # or name the engine in stacks/engines.yaml",
            exit_code=USAGE,
        )
    return Endpoint(host)


def load_engine_mapping(root: Path, named_file: Path | None, definitions: Definitions | None) -> EngineMapping:
    """Return the engines of the mapping file, with its findings; those that need `definitions` only if these are given.

    Raises OperationError for a named file that is not there.
    """
    file = named_file or root / "stacks" / "engines.yaml"
    if named_file is None and not file.exists():
        return EngineMapping(Engines(local()))
    path = os.path.relpath(file, root) if file.resolve().is_relative_to(root.resolve()) else str(file)
    try:
        data = file.read_bytes()
    except OSError as error:
        hint = f"ls -l {file.parent}  # and name the one that is meant"
        raise OperationError(f"{file} cannot be read: {error.strerror}", hint=hint, exit_code=USAGE) from error
    return _parse_engine_mapping(path, data, definitions)


def _parse_engine_mapping(path: str, data: bytes, definitions: Definitions | None) -> EngineMapping:
    from moothall import paths
    from moothall.language.checks.engines import findings
    from moothall.language.files.engines import engines
    from moothall.language.files.sources import decode_text
    from moothall.language.schema.shape import shape
    from moothall.language.yaml.yaml12 import parse

    none = Engines(Endpoint(DEFAULT_HOST))
    text, unreadable = decode_text(path, data)
    if text is None:
        return EngineMapping(none, findings=(unreadable,) if unreadable else ())
    document, wrong = parse(path, text)
    wrong = wrong if document is None else shape(document, "engines", paths.SCHEMAS)
    if document is None or wrong:
        return EngineMapping(none, document, {path: text}, _displayable(wrong))
    engines_in_file = engines(document, local())
    return EngineMapping(
        engines_in_file, document, {path: text}, _displayable(findings(document, engines_in_file, definitions))
    )


def _displayable(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    from moothall.language.checks.nearest import with_suggestion

    return tuple(map(with_suggestion, in_order(findings)))


def clashes(mapping: EngineMapping, listeners: Iterable[tuple[str, int, str]]) -> tuple[Diagnostic, ...]:
    """Return a finding for each two receivers (address, port, name) that have one address and port between them."""
    from moothall.language.checks.engines import port_clashes

    return in_order(port_clashes(mapping.document, mapping.engines, listeners)) if mapping.document else ()
