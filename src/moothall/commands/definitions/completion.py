"""Complete verbs, options and names in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from moothall.failures import USAGE, OperationError
from moothall.language.files.listing import COUNCIL, MODULE, PARTNERSHIP, ListedFile
from moothall.language.files.sources import list_files, source
from moothall.model.name import is_unit_name
from moothall.model.outcome import Report
from moothall.model.stackname import parts
from moothall.model.uses import Uses
from moothall.operations.context import Context
from moothall.report.text.view import text_of

HELP = "Print the completion script of a shell, or the names of a kind that stand in the files."
USES = Uses(("partnership",))
SHELLS = ("bash", "zsh", "fish")
KINDS = ("partnership", "council", "site", "instance", "stack")


@dataclass(frozen=True)
class Options:
    """The shell whose script is wanted, or the kinds whose names are; and the parsers of all commands."""

    shell: str | None
    names: tuple[str, ...]
    parsers: Callable[[], Mapping[str, argparse.ArgumentParser]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add which shell, or which names."""
    parser.add_argument("shell", metavar="SHELL", nargs="?", choices=SHELLS, help=f"one of {', '.join(SHELLS)}")
    help_text = f"one of {', '.join(KINDS)}: print their names; may be repeated"
    parser.add_argument("--names", metavar="KIND", choices=KINDS, action="append", help=help_text)


def parse(namespace: argparse.Namespace) -> Options:
    """Return the options."""
    return Options(shell=namespace.shell, names=tuple(namespace.names or ()), parsers=namespace.parsers)


def run(options: Options, context: Context) -> Report:
    """Return the script, or the names.

    Raises OperationError when neither is asked for, or both.
    """
    if (options.shell is None) != bool(options.names):
        raise OperationError("which shell?", hint=f"moothall completion {'|'.join(SHELLS)}", exit_code=USAGE)
    if options.shell:
        text = _script(options.shell, options.parsers)
    else:
        # A name that cannot be one is not offered: a shell might read more than a name in it.
        names = (
            name for kind in options.names for name in _names(context, kind) if all(map(is_unit_name, name.split(".")))
        )
        text = "".join(f"{name}\n" for name in sorted(set(names)))
    return text_of(text)


def _script(shell: str, parsers: Callable[[], Mapping[str, argparse.ArgumentParser]]) -> str:
    from moothall.commands.words import verb_words
    from moothall.report.completion import bash, fish

    scripts = {"bash": bash.script, "zsh": bash.zsh_script, "fish": fish.script}
    return scripts[shell](verb_words(parsers()))


def _names(context: Context, kind: str) -> Iterator[str]:
    """Yield the names of a kind, from file names where they give them: nothing is checked, somebody waits."""
    if kind == "stack":
        yield from _stacks(context)
        return
    for file in list_files(context.root, None)[0]:
        if file.kind == MODULE or not file.place:
            continue
        partnership = file.path.split("/")[1]
        if context.partnership not in (None, partnership):
            continue
        if kind == "partnership":
            yield partnership
        elif kind == "council" and file.kind == COUNCIL:
            yield PurePath(file.path).stem
        elif kind in ("site", "instance") and file.kind == PARTNERSHIP:
            yield from _spec_keys(file, f"{kind}s")


def _stacks(context: Context) -> Iterator[str]:
    """Yield the stacks of the state, of the chosen partnership."""
    from moothall.deploy.deployment import PROJECT
    from moothall.pulumi_engine import Backend
    from moothall.pulumi_engine.state.history import stacks

    names = stacks(Backend(context.state, lambda: ""), PROJECT)
    yield from (stack for stack in names if context.partnership in (None, parts(stack).partnership))


def _spec_keys(file: ListedFile, key: str) -> Iterator[str]:
    """Yield the keys of a mapping in the `spec` of a file; nothing if it cannot be read so far."""
    from moothall.language.yaml.yaml12 import parse

    text = source(file)[0].text
    document, _ = parse(file.path, text) if text else (None, ())
    data: Any = document.data if document else None
    spec = data.get("spec") if isinstance(data, dict) else None
    mapping = spec.get(key) if isinstance(spec, dict) else None
    yield from (str(name) for name in mapping) if isinstance(mapping, dict) else ()
