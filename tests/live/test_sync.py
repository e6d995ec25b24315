"""A mirror that is waited for: the primary's commits are on the standby's disk before they are answered."""

from __future__ import annotations

import pytest
import testinfra
from tests.live.helpers.running import Place

pytestmark = pytest.mark.live

QUESTION = 'psql -h /run/postgresql -U postgres -Atc "select application_name, sync_state from pg_stat_replication"'


def test_commits_wait_for_the_mirror(little: Place) -> None:
    """With `mode: sync` it stands up whole, and the primary itself says that it waits."""
    partnership = little.councils.parent / "partnership.yaml"
    text = partnership.read_text()
    partnership.write_text(text.replace("recovery-point: 60s", "mode: sync, recovery-point: 0s"))

    up = little.run("up", "--yes")
    verified = little.run("verify")

    assert up.code == 0, up
    assert verified.code == 0, verified
    primary = testinfra.get_host("docker://mh-little.erp.morpeth.postgres")
    assert primary.check_output(QUESTION) == "durham_dc|sync"
    assert little.run("destroy", "--with-data", "--confirm", little.name).code == 0
