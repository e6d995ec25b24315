"""Which timeline was in use when, and which backups lead to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from moothall.docker_engine.engine import Engine
from moothall.operations.restore.timelines import Timeline, history_file_in_use, switch_points, timeline_in_use

START_TIMES = {"15-1/00000002.history": 100, "15-1/00000003.history": 200, "15-1/0000000A.history": 300}
HISTORY = """\
1\t0/A0000A0\tno recovery target specified

2\t1/14000000\tbefore 2026-11-22 19:19:30+00
"""


@pytest.mark.parametrize(
    ("second", "number"), [(99, None), (100, "00000002"), (250, "00000003"), (299, "00000003"), (300, "0000000A")]
)
def test_a_moment_has_the_newest_timeline_that_had_begun(second: int, number: str | None) -> None:
    """Before the first history file it is the first timeline, which has none."""
    found = history_file_in_use(START_TIMES, datetime.fromtimestamp(second, UTC))

    assert found == (f"15-1/{number}.history" if number else None)


def test_now_is_the_newest() -> None:
    """Without a moment the highest number counts, not the longest or the last."""
    assert history_file_in_use(dict(reversed(START_TIMES.items())), None) == "15-1/0000000A.history"
    assert history_file_in_use({}, None) is None


def test_history_says_where_each_was_left() -> None:
    """In bytes of log."""
    assert switch_points(HISTORY) == {1: 0x0A0000A0, 2: (1 << 32) + 0x14000000}


@pytest.mark.parametrize(
    ("backup_timeline", "stop", "expected"),
    [
        (5, "F/0", True),
        (1, "0/A0000A0", True),
        (1, "0/A0000A1", False),
        (2, "1/13FFFFFF", True),
        (3, "0/1", False),
    ],
)
def test_a_backup_counts_until_its_timeline_was_left(backup_timeline: int, stop: str, expected: bool) -> None:
    """One that was made after that, or on a timeline that nothing came of, leads to another state."""
    backup = {"archive": {"stop": f"{backup_timeline:08X}0000000100000014"}, "lsn": {"stop": stop}}

    assert Timeline(5, switch_points(HISTORY)).holds(backup) is expected


class Repositories:
    """Two repositories, of which the first has taken the place of the second: a history was copied at 400."""

    listed: Mapping[str, Mapping[str, Mapping[str, int]]] = {
        "--repo=1": {"15-1/00000002.history": {"time": 400}, "15-1/00000003.history": {"time": 500}},
        "--repo=2": {"15-7/00000002.history": {"time": 100}},
    }

    def command_json(self, copy: str, words: Sequence[str], what: str, shape: object) -> Any:
        """Return the files of the repository that is asked for."""
        return next(files for option, files in self.listed.items() if option in words)

    def answer(self, copy: str, words: Sequence[str]) -> str:
        """Return the history that is asked for."""
        repository, _, path = words[-3:]
        number = int(path[-16:-8], 16)
        assert path.removeprefix("archive/erp/") in self.listed[repository]
        return "".join(f"{each}\t0/{each}0000000\tno recovery target specified\n" for each in range(1, number))


@pytest.mark.parametrize(("second", "number"), [(99, 1), (100, 2), (450, 2), (500, 3)])
def test_a_history_that_was_copied_began_where_it_was_first(second: int, number: int) -> None:
    """A moment between the switch and the copy is on the timeline that was in use then."""
    moment = datetime.fromtimestamp(second, UTC)
    found = timeline_in_use(cast(Engine, Repositories()), "copy", ["pgbackrest"], "erp", {1, 2}, moment)
    assert found == Timeline(number, {each: each << 28 for each in range(1, number)})
