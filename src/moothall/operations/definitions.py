"""The definitions of a request, once they have been found valid, and the names that people give for parts of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from moothall.diagnostics import Diagnostic, has_errors
from moothall.engines import EngineMapping, load_engine_mapping
from moothall.failures import USAGE, OperationError
from moothall.model.did_you_mean import did_you_mean, nearest
from moothall.model.engines import Engines
from moothall.model.outcome import InvalidDefinitions
from moothall.model.written import Definitions, Folder
from moothall.operations.context import Context
from moothall.validation.store import cache_of
from moothall.validation.validate import ValidationResult, validate


def valid_definitions(context: Context) -> ValidationResult:
    """Return the definitions, which have no error and hold the chosen partnership.

    Raises InvalidDefinitions with the findings when they are not valid, and OperationError for a partnership that is
    not there.
    """
    validation = validate(context.root, context.as_of, cache_of(context.root))
    if has_errors(validation.diagnostics):
        stop_for(validation.diagnostics, validation.files)
    check_name(
        "partnership", context.partnership, [f.partnership.metadata.name for f in validation.definitions.folders]
    )
    return validation


def chosen_folders(context: Context) -> tuple[Folder, ...]:
    """Return the definitions of the chosen partnership, or of all of them, by name; raises as `valid_definitions`."""
    folders_by_name = {
        folder.partnership.metadata.name: folder for folder in valid_definitions(context).definitions.folders
    }
    return tuple(folder for name, folder in sorted(folders_by_name.items()) if context.partnership in (None, name))


def check_name(noun: str, name: str | None, names: list[str], *, option: bool = True) -> None:
    """Raise OperationError, with the nearest name, for one that is given, as an `option` or as a word, and not in
    `names`."""
    if name is None or name in names:
        return
    nearest_name = nearest(name, names)
    listed_names = ", ".join(sorted(set(names)))
    suggestion = f"--{noun} {nearest_name}" if nearest_name and option else did_you_mean(name, names)
    hint = suggestion or (f"one of: {listed_names}" if listed_names else "moothall calendar")
    raise OperationError(f"there is no {noun} named {name!r}", hint=hint, exit_code=USAGE)


def engines_of(context: Context) -> Engines:
    """Return which engine serves which site; with a plan they have been checked against its definitions.

    Raises InvalidDefinitions with the findings when the file that says so is not valid.
    """
    return mapped_engines(context, None).engines


def mapped_engines(context: Context, definitions: Definitions | None) -> EngineMapping:
    """Return the engines with the file that names them, checked against definitions; raises as `engines_of`."""
    mapping = load_engine_mapping(context.root, context.engines_file, definitions)
    stop_for(mapping.findings, mapping.files)
    return mapping


def stop_for(findings: Sequence[Diagnostic], files: Mapping[str, str]) -> None:
    """Raise InvalidDefinitions with the findings, if there are any."""
    if findings:
        from moothall.report.diagnostics.view import answer

        raise InvalidDefinitions(answer(findings, files))
