"""Complete verbs, options and names in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moothall.failures import USAGE, Failure
from moothall.model.outcome import Answer
from moothall.ports import Progress

HELP = "Print the completion script of a shell, or the names of a kind that stand in the files."
SHELLS = ("bash", "zsh", "fish")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add which shell, or which names."""
    parser.add_argument("shell", metavar="SHELL", nargs="?", choices=SHELLS, help=f"one of {', '.join(SHELLS)}")
    kinds = ("partnership", "council", "site", "instance")
    parser.add_argument("--names", metavar="KIND", choices=kinds, help=f"one of {', '.join(kinds)}: print their names")


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the script, or the names.

    Raises Failure when neither is asked for, or both.
    """
    if (options.shell is None) == (options.names is None):
        raise Failure("which shell?", mend=f"moothall completion {'|'.join(SHELLS)}", exit_code=USAGE)
    text = _script(options) if options.shell else "".join(f"{name}\n" for name in sorted(set(_names(options))))
    return Answer("text", {"schemaVersion": 1, "text": text})


def _script(options: argparse.Namespace) -> str:
    from moothall.report import completion_bash, completion_fish
    from moothall.report.completion import verb_words

    scripts = {"bash": completion_bash.script, "zsh": completion_bash.zsh_script, "fish": completion_fish.script}
    return scripts[options.shell](verb_words(options.parsers()))


def _names(options: argparse.Namespace) -> Iterator[str]:
    """Yield the names, from file names where they give them; nothing is checked, for somebody waits at a prompt."""
    chosen = options.partnership or "*"
    for folder in options.root.glob(f"partnerships/{chosen}/"):
        if options.names == "partnership":
            yield folder.name
        elif options.names == "council":
            yield from (file.stem for file in folder.glob("councils/*.yaml"))
        else:
            yield from _written(folder / "partnership.yaml", f"{options.names}s")


def _written(file: Path, key: str) -> Iterator[str]:
    """Yield the keys of a mapping in the `spec` of a file; nothing if it cannot be read so far."""
    from moothall.read.yaml12 import parse

    try:
        document, _ = parse(file.name, file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return
    data: Any = document.data if document else None
    spec = data.get("spec") if isinstance(data, dict) else None
    found = spec.get(key) if isinstance(spec, dict) else None
    yield from found if isinstance(found, dict) else ()
