"""The tags of the images follow their sources, and nothing else."""

from __future__ import annotations

from graphlib import CycleError
from pathlib import Path

import pytest

from moothall.imagetags import content_digest, tags


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Three images: `app` and `proxy` are built from `ground`."""
    for name, parents in {"ground": "", "app": 'from = ["ground"]', "proxy": 'from = ["ground"]'}.items():
        folder = tmp_path / name
        (folder / "bin").mkdir(parents=True)
        (folder / "image.toml").write_text(parents)
        (folder / "bin" / "start").write_text(f"start {name}\n")
    return tmp_path


def test_a_tag_names_the_image_and_its_content(images: Path) -> None:
    """The form is moothall/<name>:<SHA-256 in hexadecimal>."""
    name, _, digest = tags(images)["app"].partition(":")
    assert name == "moothall/app"
    assert len(digest) == 64
    assert int(digest, 16) >= 0


def test_a_change_reaches_the_image_and_those_built_from_it(images: Path) -> None:
    """Its neighbours keep their tags."""
    before = tags(images)
    (images / "app" / "bin" / "start").write_text("start differently\n")
    changed = tags(images)
    assert [name for name in before if before[name] != changed[name]] == ["app"]
    (images / "ground" / "bin" / "start").write_text("start differently\n")
    assert all(changed[name] != tags(images)[name] for name in changed)


@pytest.mark.parametrize("name", [".editor", "__pycache__/start.pyc"])
def test_files_that_no_commit_holds_do_not_count(images: Path, name: str) -> None:
    """An editor or an interpreter passing by changes no tag."""
    before = content_digest(images / "app")
    (images / "app" / name).parent.mkdir(exist_ok=True)
    (images / "app" / name).write_text("passing by")
    assert content_digest(images / "app") == before


def test_only_the_right_to_execute_counts_of_a_mode(images: Path) -> None:
    """Git keeps that bit and no other, so a stricter umask must not change a tag."""
    start = images / "app" / "bin" / "start"
    start.chmod(0o644)
    before = content_digest(images / "app")
    start.chmod(0o600)
    assert content_digest(images / "app") == before
    start.chmod(0o755)
    assert content_digest(images / "app") != before


def test_moving_a_file_changes_the_tag(images: Path) -> None:
    """The same content under another name is another image."""
    before = content_digest(images / "app")
    (images / "app" / "bin" / "start").rename(images / "app" / "bin" / "begin")
    assert content_digest(images / "app") != before


def test_images_built_from_each_other_are_refused(images: Path) -> None:
    """A circle has no first image."""
    (images / "ground" / "image.toml").write_text('from = ["app"]')
    with pytest.raises(CycleError):
        tags(images)


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    """The message names the folder, because the root was most likely given wrongly."""
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        tags(tmp_path)
