"""Whatever a variable of the environment says: what is no answer to it is told, with its name and what is right."""

from __future__ import annotations

import asyncio
import re
import runpy
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pulumi
import pytest
from tests.commands.front_door import PROJECT, moothall, sound_root

from moothall.docker_engine.images.debian import lay_base
from moothall.failures import OK, OperationError
from moothall.keys import validity
from moothall.keys.vault import DerivingVault
from moothall.model.planned import Certificate
from moothall.operations.stacks.declare import declare
from moothall.settings.day import CERTIFICATES, certificates_year

NO_TEXT = "\udcff" * 20
"""Bytes that are no UTF-8, as Python tells them."""
STACK = "dales.hill"


def preview(root: Path) -> str:
    """Look ahead, and return what is said; it is neither a success nor a bug."""
    done = moothall("preview", root)
    assert done.returncode not in (OK, 70), done
    return done.stderr


def by_pulumi(root: Path) -> str:
    """Look ahead with Pulumi's CLI."""
    done = moothall("preview", root, "--engine", "pulumi")
    assert done.returncode not in (OK, 70), done
    return done.stderr


def declared(root: Path) -> str:
    """Declare a stack, as Pulumi's CLI has it done."""
    with pytest.raises(OperationError) as refused:
        asyncio.run(declare(STACK, root, is_preview=False))
    return f"moothall: {refused.value.message}\n  left: {refused.value.state}\n  hint: {refused.value.hint}\n"


def laid(root: Path) -> str:
    """Lay the ground of the images; nothing is asked of the engine."""
    with pytest.raises(OperationError) as refused:
        lay_base(None, {}, "tag", print)  # type: ignore[arg-type]
    return f"moothall: {refused.value.message}\n  left: {refused.value.state}\n  hint: {refused.value.hint}\n"


GARBAGE: dict[str, tuple[Callable[[Path], str], str, tuple[str, ...]]] = {
    CERTIFICATES: (
        preview,
        "is not a date like 2006-10-10",
        ("nonsense", "2026-02-30", "20270101", "10000-01-01", NO_TEXT),
    ),
    "MOOTHALL_AS_OF": (declared, "is not a date like 2006-10-10", ("nonsense", "2026-02-30", "0000-01-01", NO_TEXT)),
    "MOOTHALL_STATE": (declared, "folder", (__file__, f"{__file__}/x", "x" * 300)),
    "MOOTHALL_BACKEND": (by_pulumi, "is not an address like s3://bucket", ("nonsense", "://", "s3://a b", NO_TEXT)),
    "MOOTHALL_PULUMI": (by_pulumi, "Pulumi's CLI is not in", ("/nowhere", __file__, "x" * 300)),
    "MOOTHALL_BASE_IMAGE": (laid, "pinned by digest", ("debian", "debian@sha256:00", "@sha256:" + "0" * 64, NO_TEXT)),
    "MOOTHALL_PASSPHRASE_FILE": (declared, "cannot be read", ("/nowhere", "/", "x" * 300)),
    "MOOTHALL_PASSPHRASE": (declared, "12 characters of UTF-8 are needed", ("short", NO_TEXT)),
}
"""For every variable that the sources name: what reads it, what is said, and words that are no answer."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a sound root; no engine answers, and no passphrase is named."""
    for name in ("MOOTHALL_PASSPHRASE_FILE", "MOOTHALL_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return sound_root(tmp_path)


def test_every_variable_is_tried() -> None:
    """Whoever adds one adds words that are no answer to it."""
    sources = [
        path.read_text(encoding="utf-8") for part in ("src", "stacks") for path in (PROJECT / part).rglob("*.py")
    ]

    assert {name for text in sources for name in re.findall(r"MOOTHALL_[A-Z_]+", text)} == set(GARBAGE)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (*_, values) in GARBAGE.items() for value in values], ids=ascii
)
def test_garbage_is_told_in_one_line(root: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The name, the word unless it is a secret, and what would be right; then what was left and what mends it."""
    run, right, _ = GARBAGE[name]
    monkeypatch.setenv(name, value)

    said = run(root).splitlines()

    assert [line.split(":")[0].strip() for line in said] == ["moothall", "left", "hint"]
    assert name in said[0]
    assert right in said[0]
    assert (value in said[0] or ascii(value)[1:-1] in said[0]) == (name != "MOOTHALL_PASSPHRASE")


@pytest.mark.parametrize("value", ["0001-01-01", "2003-12-31", "2047-01-01", "9998-01-01", "9999-12-31"])
def test_a_day_without_certificates_is_told(root: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Once, and not by every stack: the authority is not valid then."""
    monkeypatch.setenv(CERTIFICATES, value)

    said = preview(root).splitlines()

    assert said[0].startswith(
        f"moothall: {CERTIFICATES}: there are no certificates for {value}: the authority of dales"
    )
    assert said[1:] == ["  left: Nothing was touched.", f"  hint: unset {CERTIFICATES}"]


def test_a_password_in_an_address_is_not_repeated(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pipelines keep what is printed."""
    monkeypatch.setenv("MOOTHALL_BACKEND", "postgres://me:hunter2@host /states")

    assert "hunter2" not in by_pulumi(root)


def test_the_program_of_the_stacks_says_it_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi shows a RunError as it is, and of everything else a traceback."""
    programs: list[Callable[[], object]] = []
    monkeypatch.setattr(pulumi, "run", programs.append)
    monkeypatch.setattr(pulumi, "get_stack", lambda: STACK)
    monkeypatch.setenv("MOOTHALL_AS_OF", "nonsense")
    runpy.run_path(str(PROJECT / "stacks" / "__main__.py"), run_name="__main__")

    with pytest.raises(
        pulumi.RunError, match="MOOTHALL_AS_OF: 'nonsense' is not a date like 2006-10-10\nleft: Nothing"
    ):
        asyncio.run(programs[0]())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "agreed", [date.min, date(1940, 1, 1), date(1980, 2, 29), date(2006, 10, 10), date(9980, 2, 29), date.max]
)
def test_where_there_is_a_year_there_are_certificates(agreed: date, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every edge of the calendar: a year, and then what is made is valid in it, or a failure."""
    leaf = Certificate("a", "a", (), (), ("server",))
    edges = {day.year for day in (*validity.of_authority(agreed), date.min, date.max)}
    for year in sorted({year + more for year in edges for more in (-3, -2, -1, 0, 1, 2)} & set(range(1, 10_000))):
        monkeypatch.setenv(CERTIFICATES, date(year, 7, 1).isoformat())
        try:
            assert certificates_year("dales", agreed) == year
        except OperationError:
            continue
        vault = DerivingVault({0: bytes(32)}, "dales", agreed=agreed, as_of=date(year, 7, 1))
        assert "BEGIN CERTIFICATE" in vault.certificate(leaf)
