"""What each run of an engine leaves behind is pruned: a state directory is no larger after a hundred runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from tests.pulumi_cli.real_pulumi import PROJECT_FOLDER, SharedMemory
from tests.pulumi_engine.lab import PROJECT, Words
from tests.pulumi_engine.memory_engine import MemoryLab

from moothall.pulumi_engine.state import cli_leftovers, history

STACK = "dev"


def program(number: int) -> object:
    """A volume that each run takes another one for."""

    def declare(w: Words) -> None:
        w.volume(f"v{number}")
        w.pulumi.export("secret", w.pulumi.Output.secret("hush"))

    return declare


def there(lab: MemoryLab) -> Counter[str]:
    """How many files there are in each folder of the state."""
    return Counter(str(path.parent.relative_to(lab.root)) for path in lab.root.rglob("*") if path.is_file())


@pytest.mark.pulumi
def test_nothing_grows_with_the_runs(shared: SharedMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both engines in turn, with changes, without, and previews; the newest versions are kept."""
    lab, sizes = MemoryLab(tmp_path / "state"), []
    shared.use(lab)
    monkeypatch.setattr(history, "KEPT_VERSIONS", 3)
    for number in range(6):
        assert shared.pulumi.up(lab.run(program(number)), lab.backend).status == "succeeded"
        assert shared.pulumi.up(lab.run(program(number)), lab.backend).status == "succeeded"
        assert lab.up(program(number + 100)).status == "succeeded"
        assert lab.up(program(number + 100)).status == "succeeded"
        assert shared.pulumi.preview(lab.run(program(number)), lab.backend).status == "previewed"
        sizes.append(there(lab))

    assert sizes[-1] == sizes[2]
    kept = history.versions(lab.backend, PROJECT, STACK)
    assert [version.reason for version in kept] == ["up", "update by Pulumi", "update by Pulumi"]
    assert kept[0].path.read_bytes() == lab.backend.checkpoint(PROJECT, STACK).read_bytes()
    assert len(cli_leftovers.backups(lab.backend, PROJECT, STACK)) == 3
    assert sizes[-1]["pulumi/dev/home/logs"] == cli_leftovers.KEPT_LOGS


def test_the_newest_copies_and_logs_stay(tmp_path: Path) -> None:
    """By the number in the name, and by time; what is beside a file goes with it, other stacks' are left alone."""
    lab = MemoryLab(tmp_path)
    copies, logs = lab.root / ".pulumi" / "backups" / PROJECT / STACK, lab.root / "pulumi" / STACK / "home" / "logs"
    other = lab.root / "pulumi" / "other" / "home" / "logs"
    for folder in (copies, logs, other):
        folder.mkdir(parents=True)
    for number in range(30):
        for name in (copies / f"{STACK}.{10**18 + number}.json", logs / f"{number}.log", other / f"{number}.log"):
            name.write_text("{}")
            os.utime(name, (number, number))
        (copies / f"{STACK}.{10**18 + number}.json.attrs").write_text("{}")

    cli_leftovers.prune(lab.backend, PROJECT, STACK)

    left = sorted(path.name for path in copies.iterdir())
    assert (len(left), left[0]) == (2 * history.KEPT_VERSIONS, f"{STACK}.{10**18 + 10}.json")
    assert {path.stem for path in logs.iterdir()} == {"25", "26", "27", "28", "29"}
    assert len(list(other.iterdir())) == 30


def test_git_passes_over_what_the_cli_writes_by_hand(tmp_path: Path) -> None:
    """`pulumi up` in `stacks/` leaves the settings of each stack there; the program itself is not passed over."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    shutil.copy(PROJECT_FOLDER / ".gitignore", tmp_path)

    def ignored(path: str) -> bool:
        command = ["git", "-C", str(tmp_path), "check-ignore", "--quiet", path]
        return subprocess.run(command, check=False).returncode == 0

    assert ignored("stacks/Pulumi.dales.erp.hill.yaml")
    assert not ignored("stacks/Pulumi.yaml")
