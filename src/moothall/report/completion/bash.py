"""Completion for bash, and for zsh through its own `bashcompinit`.

What is offered may come from files that somebody else wrote. So it is compared as it is, word by word: `compgen -W`
would expand it like a command line, and run what it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moothall.report.completion.words import PLACES, ExpectedValue, VerbWords

_HEAD = """\
_moothall_words() {
    local word
    while IFS= read -r word; do
        if [[ $word == "$cur"* && $word != *[!A-Za-z0-9._-]* ]]; then COMPREPLY+=("$word"); fi
    done
}
_moothall_paths() {
    local path
    compopt -o filenames 2>/dev/null
    while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$cur")
}
_moothall() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
    local taking="" position=0 index word before
    local -a options=() places=()
    COMPREPLY=()
    if [[ $prev == "=" ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
    if [[ $cur == "=" ]]; then cur=""; fi
    if ((COMP_CWORD == 1)); then
        _moothall_words < <(printf '%s\\n' @VERBS@ --help --version)
        return
    fi
    case $verb in
"""
_WALK = """\
    esac
    for ((index = 2; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]} before=${COMP_WORDS[index-1]}
        if [[ $before == "=" ]]; then before=${COMP_WORDS[index-2]}; fi
        if [[ $word != "=" && " @PLACES@ " == *" $before "* ]]; then places+=("$before=$word"); fi
        if [[ $word != -* && $word != "=" && " $taking " != *" $before "* ]]; then position=$((position + 1)); fi
    done
    if [[ " $taking " != *" $prev "* ]]; then
        if [[ $cur == -* ]]; then prev=options; else prev=$position; fi
    fi
    case $verb:$prev in
"""
_TAIL = """\
    *:options|*:[0-9]*) _moothall_words < <(printf '%s\\n' "${options[@]}") ;;
    esac
}
complete -F _moothall moothall
"""


def script(verbs: Sequence[VerbWords]) -> str:
    """Return the text to source: `source <(moothall completion bash)`."""
    head = _HEAD.replace("@VERBS@", " ".join(verb.name for verb in verbs))
    walk = _WALK.replace("@PLACES@", " ".join(PLACES))
    return "".join([head, *map(_verb, verbs), walk, *_cases(verbs), _TAIL])


def zsh_script(verbs: Sequence[VerbWords]) -> str:
    """Return the text to source in zsh: `source <(moothall completion zsh)`."""
    return "autoload -Uz compinit bashcompinit\ncompinit -u -D\nbashcompinit\n" + script(verbs)


def _verb(verb: VerbWords) -> str:
    options = " ".join(flag for option in verb.options for flag in option.flags)
    flags_with_value = " ".join(flag for option in verb.options if option.value is not None for flag in option.flags)
    return f'    {verb.name}) options=({options}) taking="{flags_with_value}" ;;\n'


def _cases(verbs: Sequence[VerbWords]) -> Iterator[str]:
    """Yield one case for everything that completes in the same way."""
    places: dict[str, list[str]] = {}
    for place, command in _places(verbs):
        places.setdefault(command, []).append(place)
    for command, conditions in places.items():
        if command:
            yield f"    {'|'.join(conditions)}) {command} ;;\n"


def _places(verbs: Sequence[VerbWords]) -> Iterator[tuple[str, str]]:
    """Yield `verb:place` and its command; an option that is the same with every verb is named once."""
    flags: dict[str, dict[str, str]] = {}
    for verb in verbs:
        for number, value in enumerate(verb.positions):
            yield f"{verb.name}:{number}", _command(value)
        for option in verb.options:
            for flag in option.flags:
                flags.setdefault(flag, {})[verb.name] = _command(option.value)
    for flag, commands in flags.items():
        if len(set(commands.values())) == 1:
            yield f"*:{flag}", next(iter(commands.values()))
        else:
            yield from ((f"{verb}:{flag}", command) for verb, command in commands.items())


def _command(value: ExpectedValue | None) -> str:
    """Return the command that offers what fits, empty where nothing is known."""
    if value is None:
        return ""
    if value.words:
        return f"_moothall_words < <(printf '%s\\n' {' '.join(value.words)})"
    if value.names:
        kinds = " ".join(f"--names {kind}" for kind in value.names)
        return f'_moothall_words < <(moothall completion {kinds} "${{places[@]}}" 2>/dev/null)'
    return {"folder": "_moothall_paths -d", "file": "_moothall_paths -f"}.get(value.files, "")
