"""An operator who types commands of moothall, does what they advise, and never believes the same advice twice."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.fakes import dales

from moothall import cli

DAY = dales.DAY.isoformat()
"""The day on which commands are given: all of the partnership stands on it."""
TAKEN = 8
"""How many pieces of advice may be taken before a verb has to be done."""
Act = Callable[[str], object]
"""What somebody does outside of moothall, told in the words of the advice."""


class Operator:
    """Somebody at `root`; `acts` are what is done by hand, by a regular expression that finds it in an advice.

    A list that an act returns is typed instead.
    `given` is what stands in an advice as a word in capitals, such as FILE, and what is typed in its place.
    """

    def __init__(
        self, root: Path, acts: dict[str, Act], patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.root = root
        self.acts = acts
        self.given: dict[str, str] = {}
        self.shown = ("", "")
        self.patch = patch
        self._capsys = capsys

    def type(self, words: list[str]) -> tuple[int, list[str]]:
        """Type a command of moothall; return its exit code and all that it advises, in order."""
        where = [] if "--root" in words else ["--root", str(self.root)]
        day = [] if "--as-of" in words else ["--as-of", DAY]
        code = cli.main([*words, *where, *day])
        self.shown = self._capsys.readouterr()
        return code, re.findall(r"^ +hint: (.*)$", "\n".join(reversed(self.shown)), re.MULTILINE)

    def fails(self, *words: str) -> tuple[int, str]:
        """Type a command that fails; return its exit code and the first advice that it gives."""
        code, advice = self.type(list(words))
        assert code, f"{words} does not fail: {self.shown}"
        assert advice, f"{words} fails ({code}) and advises nothing: {self.shown}"
        return code, advice[0]

    def led(self, *words: str) -> list[str]:
        """Type a command and take each advice until it is done; return the advice in order. None is given twice."""
        taken: list[str] = []
        wanted, typed = list(words), list(words)
        while True:
            code, advice = self.type(typed)
            if not code and typed == wanted:
                return taken
            if not code:
                typed = wanted
            else:
                assert advice, f"fails ({code}) and advises nothing after {taken}: {self.shown}"
                assert advice[0] not in taken, f"a circle: {[*taken, advice[0]]}: {self.shown}"
                assert len(taken) < TAKEN, taken
                taken.append(advice[0])
                typed = self.take(advice[0], wanted)
                if not advice[0].startswith("moothall ") or set(wanted) <= set(typed):
                    wanted = typed  # it is the same command, corrected or with more words

    def take(self, advice: str, typed: list[str]) -> list[str]:
        """Do what is advised, and return what is to be typed next: the advice, or what was `typed`, maybe corrected."""
        text = re.sub(r"\b[A-Z_]{4,}\b", lambda word: self.given.get(word[0], word[0]), advice)
        for known, act in self.acts.items():
            if re.search(known, text):
                instead = act(text)
                return instead if isinstance(instead, list) else typed
        if text.startswith("moothall "):
            return shlex.split(text, comments=True)[1:]
        if added := re.match(r"(?:(?:add|use) )?(--[a-z-]+) ([^ ,]+)", text):
            return _with(typed, *added.groups())
        self._by_hand(text)
        return typed

    def _by_hand(self, text: str) -> None:
        """Do what a shell does, in the root. Fails for what is no command that changes something."""
        words = shlex.split(text, comments=True)
        if words[0] == "export":
            self.patch.setenv(*words[1].split("=", 1))
        elif words[0] == "unset":
            self.patch.delenv(words[1])
        else:
            assert words[0] in ("chmod", "cp", "git", "mkdir", "sed"), f"nobody knows how to do this: {text}"
            subprocess.run(words, cwd=self.root, check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"})


class Killed(BaseException):
    """The end of a process, which nobody catches."""


def killed(operator: Operator, place: str, *words: str) -> None:
    """Type a command that is killed when it comes to the function at this place."""

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(place, kill)
        operator.type([*words])


def _with(typed: list[str], option: str, value: str) -> list[str]:
    """Return a command with an option, in place of what it had for it."""
    if option in typed:
        at = typed.index(option)
        return [*typed[: at + 1], value, *typed[at + 2 :]]
    return [*typed, option, value]
