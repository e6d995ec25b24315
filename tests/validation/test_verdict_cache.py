"""What a verdict is kept for: these files, this catalogue and this day, for as long as they are there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from moothall.cache import Cache
from moothall.language.files.sources import Source
from moothall.validation.claims import Claims
from moothall.validation.groups import Groups, group_sources
from moothall.validation.verdict_cache import Verdict, VerdictCache

DAY = date(2007, 6, 1)
NAMES = [f"partnerships/p{number}" for number in range(12)]
VERDICT = Verdict(2, Claims(["uid"], [(1, 2)]))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test a user's cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))


def groups(**changed: str) -> Groups:
    """Return many partnerships and a module, with other texts in some."""
    files = [Source(f"{name}/partnership.yaml", "partnership", changed.get(name[13:], "text")) for name in NAMES]
    return group_sources([*files, Source("modules/m/module.yaml", "module", changed.get("modules", "text"))])


def kept(folder: Path, found: Groups) -> Cache:
    """Return a cache in which there is a verdict for each of the partnerships and for all."""
    cache = Cache(folder)
    verdicts = VerdictCache(cache, found, DAY)
    for name in NAMES:
        verdicts.keep_verdict(name, VERDICT)
    verdicts.keep_root_verdict(7)
    cache.save()
    return Cache(folder)


def known(cache: Cache, found: Groups, day: date = DAY) -> list[str]:
    """Return the partnerships of which there is a verdict."""
    verdicts = VerdictCache(cache, found, day)
    return [name for name in NAMES if verdicts.verdict_of(name) == VERDICT]


def test_it_is_of_these_files_on_this_day(tmp_path: Path) -> None:
    """A partnership that changed has none; nor has any when the catalogue or the day is another."""
    cache = kept(tmp_path / "kept", groups())

    assert VerdictCache(cache, groups(), DAY).root_verdict() == 7
    assert known(cache, groups()) == NAMES
    assert VerdictCache(cache, groups(p3="other"), DAY).root_verdict() is None
    assert known(cache, groups(p3="other")) == [name for name in NAMES if name != "partnerships/p3"]
    assert known(cache, groups(modules="other")) == []
    assert known(cache, groups(), date(2007, 6, 2)) == []


def test_what_is_not_asked_for_stays(tmp_path: Path) -> None:
    """A run that keeps something, and has no need of the other partnerships' verdicts, loses none of them."""
    changed = groups(p3="other")
    for _ in range(3):
        cache = kept(tmp_path / "kept", groups())
        VerdictCache(cache, changed, DAY).keep_verdict("partnerships/p3", VERDICT)
        cache.save()

    assert known(Cache(tmp_path / "kept"), changed) == NAMES


def test_what_is_known_is_not_written_again(tmp_path: Path) -> None:
    """The file stays as it is when there is nothing new."""
    cache = kept(tmp_path / "kept", groups())
    [file] = (tmp_path / "kept").iterdir()
    before = file.stat().st_ino

    VerdictCache(cache, groups(), DAY).keep_root_verdict(7)
    cache.save()

    assert file.stat().st_ino == before
