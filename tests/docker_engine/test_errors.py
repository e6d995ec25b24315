"""What the SDK and its transport raise, in types of ours: one sentence each, and what the engine said."""

from __future__ import annotations

import pytest
import requests
import urllib3
from docker import errors

from moothall.docker_engine.errors import (
    DockerError,
    ImageNotFound,
    NotConnected,
    NotFound,
    Refused,
    TimedOut,
    Unreachable,
    last_line,
    translate_docker_errors,
)
from moothall.failures import Inconclusive


def answer(status: int) -> requests.Response:
    """Return an answer of the engine with a status."""
    made = requests.Response()
    made.status_code = status
    return made


def raised(error: Exception, as_: type[DockerError] | None = None) -> DockerError:
    """Return what an error becomes."""
    with pytest.raises(DockerError) as info, translate_docker_errors("It cannot be done", as_):
        raise error
    return info.value


NO_FILE = FileNotFoundError(2, "No such file or directory")


@pytest.mark.parametrize(
    ("error", "type_", "brief", "status"),
    [
        (errors.APIError("500", answer(500), "The disk is full.\n"), Refused, "The disk is full", 500),
        (errors.APIError("409", answer(409)), Refused, "409 Client Error for None: None", 409),
        (errors.NotFound("404", answer(404), "No such container: x"), NotFound, "No such container: x", 404),
        (errors.ImageNotFound("404", answer(404), "No such image: x"), ImageNotFound, "No such image: x", 404),
        (NO_FILE, Unreachable, "No such file or directory", 0),
        (errors.DockerException("first\nlast."), Unreachable, "last", 0),
        (urllib3.exceptions.ProtocolError("it broke off"), Unreachable, "it broke off", 0),
        (requests.ConnectionError(), Unreachable, "ConnectionError", 0),
        (TimeoutError("timed out"), TimedOut, "timed out", 0),
    ],
)
def test_each_error_has_a_type_and_a_reason(
    error: Exception, type_: type[DockerError], brief: str, status: int
) -> None:
    """The engine's own words come first, then the system's, then the last line that says something."""
    found = raised(error)
    assert (type(found), found.brief, found.status) == (type_, brief, status)
    assert str(found) == f"It cannot be done: {brief}."
    assert isinstance(found, Inconclusive)
    assert found.__cause__ is error


def test_an_answer_that_does_not_come_is_no_broken_connection() -> None:
    """`requests` says so of one, and of the other as well."""
    error = requests.ConnectionError("Read timed out.")
    error.__cause__ = TimeoutError("timed out")
    assert type(raised(error)) is TimedOut


def test_what_the_engine_said_is_kept_whole() -> None:
    """The Pulumi engine shows it as it is; of silence it shows the innermost cause."""
    assert raised(errors.APIError("500", answer(500), "One.\nTwo.")).detail == "One.\nTwo."
    error = errors.DockerException("while asking")
    error.__cause__ = NO_FILE
    assert raised(error).detail == "[Errno 2] No such file or directory"


def test_the_outermost_block_says_what_could_not_be_done() -> None:
    """Of an engine that was never reached it is the connection, whatever it was for."""
    inner, outermost = errors.NotFound("404", answer(404), "gone"), "The drill cannot be cleared away"

    def call(error: Exception, as_: type[DockerError] | None = None) -> None:
        with translate_docker_errors(outermost), translate_docker_errors("It does not answer", as_):
            raise error

    with pytest.raises(NotFound, match=r"^The drill cannot be cleared away: gone\.$") as info:
        call(inner)
    assert (info.value.detail, info.value.status) == ("gone", 404)
    with pytest.raises(NotConnected, match=r"^It does not answer: No such file or directory\.$"):
        call(NO_FILE, NotConnected)


def test_what_is_no_error_of_an_engine_passes() -> None:
    """A bug stays a bug, and what could not be run for another reason keeps its reason."""
    for error in (KeyError("a bug"), Inconclusive("for another reason")):
        with pytest.raises(type(error)) as info, translate_docker_errors("It cannot be done"):
            raise error
        assert info.value is error


def test_a_line_is_never_longer_than_people_read() -> None:
    """And there is always something to say."""
    assert last_line("one\n two \n\n") == "two"
    assert last_line(" \n") == "no output"
    assert len(last_line("x" * 1000)) == 300
