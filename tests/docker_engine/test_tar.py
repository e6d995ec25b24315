"""Archives that come out of containers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any, cast

import pytest

from moothall.docker_engine.tar import Entry, join, pack_tar
from moothall.failures import Inconclusive
from moothall.model.engines import Endpoint
from moothall.pulumi_engine.provider.inspection import Inspection
from moothall.verify.checks.certificates import file_texts


class Archives:
    """An engine in whose containers a file, or what stands in its place, is these bytes as a tar."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read_files(self, container: str, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        """Return the pieces; the engine says that they are little."""
        return self._pieces, {"name": path, "size": 7, "mode": 0o440}


def endless() -> Iterator[bytes]:
    """Return an archive without an end."""
    return repeat(b"x" * 65_536)


def test_an_archive_is_read_to_its_end() -> None:
    """Unless it has too many bytes, which are not read."""
    assert join([b"a", b"bc"], 3) == b"abc"
    assert join([b"a", b"bcd"], 3) is None
    assert join(endless(), 1 << 20) is None


def asked(entries: list[Entry], *paths: str) -> dict[str, str]:
    """Return files of a container whose folder has these entries."""
    return file_texts(cast(Any, Archives(iter([pack_tar(entries)]))), "it", paths)


def test_certificates_are_read_all_at_once() -> None:
    """Each is the one of its own name."""
    entries = [Entry("cfg/ca.crt", b"authority", 0o440), Entry("cfg/pg.crt", b"own", 0o440)]
    assert asked(entries, "/cfg/pg.crt", "/cfg/ca.crt") == {"/cfg/pg.crt": "own", "/cfg/ca.crt": "authority"}


def test_a_folder_without_an_end_has_no_certificate() -> None:
    """Whatever the engine says of its size: of a folder it says little."""
    with pytest.raises(Inconclusive, match="/cfg of it has more than 262144 bytes"):
        file_texts(cast(Any, Archives(endless())), "it", ["/cfg/ca.crt"])


@pytest.mark.parametrize("entries", [[Entry("cfg/ca.crt", b"\xff", 0o440)], [Entry("cfg/ca.crt", b"", 0o440)], []])
def test_a_certificate_that_is_no_text_is_none(entries: list[Entry]) -> None:
    """Nor an empty one, nor one that is not there."""
    with pytest.raises(Inconclusive, match="is no file with a text"):
        asked(entries, "/cfg/ca.crt")


def test_a_file_without_an_end_is_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """When what stands is compared with what was put there."""
    monkeypatch.setattr("moothall.pulumi_engine.provider.inspection.engine_at", lambda address: Archives(endless()))

    assert Inspection(Endpoint("unix:///nowhere")).files("it", ["/cfg/a"], ["/data"]) == {"/cfg/a": None}
