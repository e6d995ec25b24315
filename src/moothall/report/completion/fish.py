"""Completion for fish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moothall.report.completion.words import PLACES, Expected, Option, VerbWords

_HEAD = """\
function __moothall_names
    set -l words (commandline -opc)
    set -l places
    for index in (seq 2 (count $words))
        set -l before $words[(math $index - 1)]
        contains -- $before @PLACES@; and set -a places $before=$words[$index]
        string match -q -r -- '^(@EITHER@)=' $words[$index]; and set -a places $words[$index]
    end
    moothall completion --names=$argv $places 2>/dev/null
end
complete -c moothall -f
"""
_COMPLETE = "complete -c moothall"


def script(verbs: Sequence[VerbWords]) -> str:
    """Return the text to source: `moothall completion fish | source`."""
    head = _HEAD.replace("@PLACES@", " ".join(PLACES)).replace("@EITHER@", "|".join(PLACES))
    return head + "".join(f"{line}\n" for verb in verbs for line in _verb(verb))


def _verb(verb: VerbWords) -> Iterator[str]:
    yield f"{_COMPLETE} -n __fish_use_subcommand -a {verb.name} -d {_quoted(verb.summary)}"
    here = f"-n '__fish_seen_subcommand_from {verb.name}'"
    for option in verb.options:
        yield f"{_COMPLETE} {here} {_option(option)}"
    for expected in verb.positions:
        if offered := _offered(expected):
            yield f"{_COMPLETE} {here} {offered}"


def _option(option: Option) -> str:
    flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    return " ".join([*flags, *_value(option.expected), f"-d {_quoted(option.help)}"])


def _value(expected: Expected | None) -> Iterator[str]:
    """Yield how fish is told that an option takes a value, and which."""
    if expected is not None:
        yield "-r" if expected.files == "file" else "-x"
        yield from filter(None, [_offered(expected)])


def _offered(expected: Expected) -> str:
    if expected.words:
        return f"-a '{' '.join(expected.words)}'"
    if expected.names:
        return f"-a '(__moothall_names {' '.join(expected.names)})'"
    return {"folder": "-a '(__fish_complete_directories)'", "file": "-F"}.get(expected.files, "")


def _quoted(text: str) -> str:
    """Return the text in single quotes as fish reads them."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
