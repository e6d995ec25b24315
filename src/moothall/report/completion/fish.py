"""Completion for fish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moothall.report.completion.words import PLACES, ExpectedValue, Option, VerbWords

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
    yield f"{_COMPLETE} -n __fish_use_subcommand -a {verb.name} -d {_quote(verb.summary)}"
    condition = f"-n '__fish_seen_subcommand_from {verb.name}'"
    for option in verb.options:
        yield f"{_COMPLETE} {condition} {_option(option)}"
    for value in verb.positions:
        if argument := _completion_argument(value):
            yield f"{_COMPLETE} {condition} {argument}"


def _option(option: Option) -> str:
    flags = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    return " ".join([*flags, *_value(option.value), f"-d {_quote(option.help)}"])


def _value(value: ExpectedValue | None) -> Iterator[str]:
    """Yield the arguments by which fish knows that an option takes a value, and which."""
    if value is not None:
        yield "-r" if value.files == "file" else "-x"
        yield from filter(None, [_completion_argument(value)])


def _completion_argument(value: ExpectedValue) -> str:
    if value.words:
        return f"-a '{' '.join(value.words)}'"
    if value.names:
        return f"-a '(__moothall_names {' '.join(value.names)})'"
    return {"folder": "-a '(__fish_complete_directories)'", "file": "-F"}.get(value.files, "")


def _quote(text: str) -> str:
    """Return the text in single quotes as fish reads them."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
