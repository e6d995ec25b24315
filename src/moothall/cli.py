"""The command line: arguments, one command, one error boundary, one exit code. Nothing else prints."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from moothall import __version__
from moothall.commands.arguments import value
from moothall.failures import FAILED, INTERRUPTED, NO_ROOM, OK, USAGE, OperationError
from moothall.model.did_you_mean import did_you_mean
from moothall.model.outcome import InvalidDefinitions, Report
from moothall.model.uses import SELECTION, Uses
from moothall.operations.context import Context
from moothall.report.progress import progress
from moothall.report.renderers import FORMATS, render, renders
from moothall.report.streams import SteadyStream, discard_output, replace_closed_streams
from moothall.report.style import Style, safe, wants_colour
from moothall.settings.backend_url import backend_url
from moothall.settings.day import day
from moothall.settings.folder import folder

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    # the ports know the plan, which not every command has a need to load
    from moothall.commands.command import Command
    from moothall.ports import Progress

VERBS = {
    "validate": ("definitions", "check all definitions"),
    "plan": ("definitions", "show everything that shall stand"),
    "explain": ("definitions", "show where each value of a council comes from"),
    "calendar": ("definitions", "list what changes in the days to come, and what is overdue"),
    "shares": ("definitions", "show what each council pays"),
    "diff": ("definitions", "show what a change of the definitions does, from git alone"),
    "affected": ("definitions", "name the stacks that a change of the definitions concerns"),
    "graph": ("definitions", "draw a partnership"),
    "preview": ("stacks", "show what would change"),
    "up": ("stacks", "make the change"),
    "failover": ("recovery", "have the other site serve an instance"),
    "failback": ("recovery", "bring an instance home"),
    "verify": ("stacks", "prove that what stands does what was agreed"),
    "trail": ("stacks", "show who came from where, and what administrators did"),
    "drift": ("stacks", "show where what stands is not what was stood up"),
    "unlock": ("stacks", "show locks, and remove one whose owner is dead"),
    "keys": ("stacks", "exchange passwords, keys and the passphrase"),
    "state": ("stacks", "export, import, repair the state, and list its old versions"),
    "drill": ("recovery", "do a failover or a restore in an isolated copy, and measure it"),
    "restore": ("recovery", "restore an instance or a council's tenant from its backups"),
    "destroy": ("stacks", "take stacks down, data kept"),
    "doctor": ("stacks", "look at engines, images, keys and state"),
    "credentials": ("stacks", "show how to sign in to a tenant"),
    "onboard": ("lifecycle", "propose and write the file of a new council"),
    "decommission": ("lifecycle", "carry a council out with its data"),
    "site": ("lifecycle", "move all that is at a site to another"),
    "tenant": ("lifecycle", "move a tenant to a server of its own, or back"),
    "cutover": ("lifecycle", "carry the ledger of a replaced system into its tenant"),
    "migrate": ("definitions", "lift files to the current version of the language"),
    "schema": ("definitions", "publish the schemas and the reference page"),
    "completion": ("definitions", "complete words in a shell"),
}
"""Room and summary of each command; the module `moothall.commands.<room>.<name>` is imported when it is chosen."""

_SHARED_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "engines": {
        "metavar": "FILE",
        "dest": "engines_file",
        "type": Path,
        "help": "site to engine endpoint, ROOT/stacks/engines.yaml if left out",
    },
    "engine": {
        "choices": ("embedded", "pulumi"),
        "default": "embedded",
        "help": "who runs the Pulumi program: the embedded engine, or Pulumi's own CLI",
    },
    "backend": {
        "metavar": "URL",
        "type": value(backend_url),
        "help": "where Pulumi keeps state, in --state if left out",
    },
}
"""Options besides the selection that some commands share, as `add_argument` takes them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; see `moothall.failures` for what the codes mean."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # text files, always
    with redirect_stderr(SteadyStream(sys.stderr)):
        return _run_with_error_boundary(words)


def _run_with_error_boundary(words: Sequence[str]) -> int:
    try:
        return _run(words)
    except SystemExit as error:  # argparse, after --help or a usage error
        return int(error.code or OK)
    except OperationError as failure:
        _explain(failure)
        return failure.exit_code
    except KeyboardInterrupt:
        print("moothall: interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # whatever it is, nobody is shown a traceback
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            message = f"{error.strerror}: {error.filename or 'what was being written'}"
            _explain(OperationError(message, hint="df  # then do it again"))
            return FAILED
        from moothall.report.internal_error import report

        return report(error, words, sys.stderr)


def _run(words: Sequence[str]) -> int:
    for word in words:
        if not _is_text(word):
            message = f"{safe(word)!r} is not text"
            raise OperationError(message, state="Nothing was touched.", hint="write it in UTF-8", exit_code=USAGE)
    if not words or words[0] not in VERBS:
        parser = _overview()
        if words and not words[0].startswith("-"):
            parser.error(f"there is no verb {safe(words[0])}{_suggestion(words[0], VERBS)}")
        parser.parse_args(words)
        parser.error("which verb?")
    command, parser = _command(words[0])
    namespace = parser.parse_args(words[1:])
    namespace.parsers = lambda: {
        name: _command(name)[1] for name in VERBS
    }  # for completion, which tells of all commands
    with progress(sys.stderr) as shown_progress:
        context = _context(namespace, words, shown_progress)
        if namespace.format in command.USES.formats:
            answer, form = _run_command(command, namespace, context)
        else:
            answer, form = _findings_or_nothing(words[0], command, context, namespace.format)
    _print(answer, form)
    return int(answer.exit_code)


def _context(namespace: argparse.Namespace, words: Sequence[str], shown_progress: Progress) -> Context:
    """Return the context of the request, from the options that commands have in common."""
    return Context(
        root=namespace.root,
        state=namespace.state or namespace.root / ".moothall",
        as_of=namespace.as_of,
        progress=shown_progress,
        **{noun: getattr(namespace, noun) for noun in SELECTION},
        engines_file=namespace.engines_file,
        engine=namespace.engine,
        backend=namespace.backend,
        command_words=tuple(words),
    )


def _is_text(word: str) -> bool:
    """Say whether an argument was read as text: bytes that are none stand in it as lone surrogates (PEP 383)."""
    return not any("\ud800" <= character <= "\udfff" for character in word)


def _command(name: str) -> tuple[Command, argparse.ArgumentParser]:
    """Return the module of a command and its parser."""
    command: Command = import_module(f"moothall.commands.{VERBS[name][0]}.{name}")
    parser = _Parser(prog=f"moothall {name}", description=command.HELP, allow_abbrev=False, formatter_class=_Help)
    _add_common_options(parser, command.USES)
    command.arguments(parser)
    return command, parser


def _findings_or_nothing(name: str, command: Command, context: Context, form: str) -> tuple[Report, str]:
    """Return the findings of unsound definitions, and a form that the command's own answer has not; nothing is done.

    Raises OperationError when they are sound.
    """
    from moothall.operations.definitions import valid_definitions

    try:
        valid_definitions(context)
    except InvalidDefinitions as error:
        return error.answer, form
    usual_formats = " or ".join(command.USES.formats)
    raise OperationError(f"{name} has no {form} form", hint=f"use --format {usual_formats}", exit_code=USAGE)


def _run_command(command: Command, namespace: argparse.Namespace, context: Context) -> tuple[Report, str]:
    """Run the command and return its answer and the format for it; findings in a format they lack are given as text."""
    try:
        return command.run(command.parse(namespace), context), namespace.format
    except InvalidDefinitions as error:
        return error.answer, namespace.format if renders(error.answer.kind, namespace.format) else "text"


class _Help(argparse.HelpFormatter):
    """Help of a fixed width: asking the terminal imports shutil at every start, help or no help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100)


class _HelpAsWritten(_Help, argparse.RawDescriptionHelpFormatter):
    """The same, with the lines of the description kept."""


class _Parser(argparse.ArgumentParser):
    """A parser whose usage errors have the exit code of sysexits(3), EX_USAGE, and name what may have been meant."""

    def parse_args(self, args: Sequence[str], namespace: None = None) -> argparse.Namespace:  # type: ignore[override]
        """Return the options; ends the process for words that there are not, whatever else is missing."""
        for word in args:
            if word == "--":
                break
            if word.startswith("--") and word.partition("=")[0] not in self._option_string_actions:
                self._unknown(word)
        options, unknown_words = self.parse_known_args(args, namespace)
        if unknown_words:
            self._unknown(unknown_words[0])
        return options

    def _unknown(self, word: str) -> NoReturn:
        if not word.startswith("-"):
            self.error(f"unexpected: {safe(word)}")
        name = word.partition("=")[0]
        self.error(f"there is no option {safe(name)}{_suggestion(name, self._option_string_actions)}")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Write the help, or a usage error."""
        if file is sys.stderr:
            super()._print_message(message, file)
        else:
            _write(message)

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {safe(message)}\nTry: {self.prog} --help\n")


def _overview() -> argparse.ArgumentParser:
    """Return the parser for everything but a command that exists."""
    verbs = "\n".join(f"  {name:12} {summary}" for name, (_, summary) in VERBS.items())
    parser = _Parser(
        prog="moothall",
        usage="moothall VERB [options]",
        description=f"Configuration as code for councils that share ICT services.\n\nverbs:\n{verbs}",
        epilog="moothall VERB --help says more about a verb.",
        formatter_class=_HelpAsWritten,
    )
    parser.add_argument("--version", action="version", version=f"moothall {__version__}")
    return parser


def _suggestion(word: str, words: Iterable[str]) -> str:
    """Return the end of a message about an unknown word: the nearest known one, if any."""
    return f"; {suggestion}" if (suggestion := did_you_mean(word, words)) else ""


def _add_common_options(parser: argparse.ArgumentParser, uses: Uses) -> None:
    """Add the options that the command shares with others; others are refused like any word."""
    selection = parser.add_argument_group("selection")
    for noun in (noun for noun in SELECTION if noun in uses.options):
        selection.add_argument(f"--{noun}", metavar="NAME", help=f"only this {noun}")
    selection.add_argument(
        "--as-of", metavar="DATE", type=value(day), default=date.today(), help="the day, today if left out"
    )
    places = parser.add_argument_group("places")
    places.add_argument(
        "--root", metavar="DIR", type=value(folder), default=Path(), help="where partnerships/ is, here if left out"
    )
    places.add_argument(
        "--state", metavar="DIR", type=value(folder), help="where state is kept, ROOT/.moothall if left out"
    )
    for name, keywords in _SHARED_OPTIONS.items():
        if name in uses.options:
            places.add_argument(f"--{name}", **keywords)
    format_names = "{" + ",".join(uses.formats) + "}"
    parser.add_argument("--format", metavar=format_names, type=_form(uses), default="text", help="text if left out")
    unused_options = {name: None for name in SELECTION if name not in uses.options}
    parser.set_defaults(
        **unused_options,
        **{keywords.get("dest", name): keywords.get("default") for name, keywords in _SHARED_OPTIONS.items()},
    )


def _form(uses: Uses) -> Callable[[str], str]:
    """Return what reads the name of a format; where definitions have to be sound, also one of their findings."""

    def form(text: str) -> str:
        if text not in uses.formats and not (uses.sound and renders("diagnostics", text)):
            message = f"there is no {text} form of this" if text in FORMATS else f"there is no format {text!r}"
            raise argparse.ArgumentTypeError(f"{message}; there are {', '.join(uses.formats)}")
        return text

    return form


def _print(answer: Report, format: str) -> None:
    _write(render(answer, format, Style(wants_colour(sys.stdout, os.environ))))


def _write(text: str) -> None:
    """Write to stdout; a reader who has seen enough (`| head`) is no error. Raises OperationError for anything else."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output(sys.stdout)
    except OSError as error:
        discard_output(sys.stdout)
        message = f"the answer cannot be written to standard output: {error.strerror}"
        state = "What was to be done is done."
        raise OperationError(message, state=state, hint="write it where there is room") from error


def _explain(failure: OperationError) -> None:
    lines = [f"moothall: {_printable(failure.message)}"]
    lines += [f"  left: {_printable(failure.state)}"] if failure.state else []
    lines += [f"  hint: {_printable(failure.hint)}"] if failure.hint else []
    print("\n".join(lines), file=sys.stderr)


def _printable(text: str) -> str:
    """Return what a failure says without anything that a terminal might obey: servers and engines put words into it.

    Lines after the first are indented, so that none of them passes for one of ours.
    """
    return "\n    ".join(safe(line) for line in text.split("\n"))
