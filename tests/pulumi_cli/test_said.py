"""What the CLI and the plug-in say of a failure, and what a person is told: the cause, and each once."""

from __future__ import annotations

import pytest

from moothall.pulumi_cli.cli_errors import cause, last_error

REFUSED = "Unable to upload volume content: Error response from daemon: container rootfs is marked read-only"
URN = "urn:pulumi:a.b.c::moothall::moothall:units:Council$docker:index/container:Container::hr-system-prepare"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"sdk-v2/provider2.go:571: sdk.helper_schema: {REFUSED}: provider=docker@5.2.0", REFUSED),
        (f"1 error occurred:\n\t* creating {URN}: 1 error occurred:\n\t* {REFUSED}\n\n", REFUSED),
        ("2 errors occurred:\n\t* one thing\n\t* another", "one thing\nanother"),
        ("mem-app ended with exit code 1.\nits last line", "mem-app ended with exit code 1.\nits last line"),
        ("update failed", ""),
        ("resource deletion failed", "resource deletion failed"),
        ("", ""),
    ],
)
def test_a_message_is_its_cause(said: str, told: str) -> None:
    """As the real plug-in 5.2 and the engine 3.256 wrote them, and as ours does."""
    assert cause(said) == told


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ("\n code: 255\n stdout: \n stderr: error: no such bucket.\n", "no such bucket"),
        ("\n code: 1\n stdout: Updating\nerror: the first\n   error: the last\n stderr: \n", "the last"),
        ("\n code: 1\n stdout: half a word\n stderr: \n", "half a word"),
        ("\n code: -9\n stdout: \n stderr: \n", ""),
    ],
)
def test_the_last_thing_said_is_the_error(written: str, last: str) -> None:
    """Whichever stream it came from; neither the streams' names nor the code are things said."""
    assert last_error(written) == last
