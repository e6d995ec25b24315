"""What can go wrong with a Docker engine, and the one translation of what the SDK and its transport raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moothall.failures import Inconclusive

OVERLAPS = ("Pool overlaps with other one", "networks have overlapping IP")
"""What the engine says of a network whose addresses another one has: its list of addresses, and the bridge's."""
_LINE = 300
"""How many characters of a line are shown."""


class DockerError(Inconclusive):
    """A call on an engine failed; the text is one sentence.

    `brief` is the reason in a few words. `detail` is what the engine said, whole; where it said nothing, the innermost
    cause in one line. `status` is that of the engine's HTTP answer, 0 without one.
    """

    def __init__(self, what: str, brief: str, detail: str, status: int = 0) -> None:
        super().__init__(f"{what}: {brief}.")
        self.brief = brief
        self.detail = detail
        self.status = status


class Refused(DockerError):
    """The engine answered with an error of its own."""


class NotFound(Refused):
    """What was asked for is not on the engine."""


class ImageNotFound(NotFound):
    """The image that was asked for is not on the engine."""


class Unreachable(DockerError):
    """The engine does not answer, or stopped to."""


class TimedOut(Unreachable):
    """The engine did not answer in time."""


class NotConnected(Unreachable):
    """No connection could be made: no call was begun, whatever it was for."""


@contextmanager
def translate_docker_errors(what: str, as_: type[DockerError] | None = None) -> Iterator[None]:
    """Raise DockerError with the sentence `what` in front of the reason; it is of the type `as_` where one is said.

    Where such blocks are within each other, the outermost one says what could not be done. Only a NotConnected keeps
    the sentence that it has.
    """
    import docker
    import requests
    import urllib3

    try:
        yield
    except NotConnected:
        raise
    except DockerError as error:
        raise type(error)(what, error.brief, error.detail, error.status) from error
    # A stream that falls silent raises what lies below `requests`.
    except (docker.errors.DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        is_refusal = isinstance(error, docker.errors.APIError)
        detail = str(getattr(error, "explanation", None) or error) if is_refusal else _innermost(error)
        status = getattr(error, "status_code", None) or 0
        raise (as_ or _type_of(error))(what, _brief(error), detail, status) from error


def _type_of(error: Exception) -> type[DockerError]:
    import docker

    translations: tuple[tuple[type[Exception], type[DockerError]], ...] = (
        (docker.errors.ImageNotFound, ImageNotFound),
        (docker.errors.NotFound, NotFound),
        (docker.errors.APIError, Refused),
    )
    fallback = TimedOut if any(isinstance(cause, TimeoutError) for cause in _chain(error)) else Unreachable
    return next((error_type for sdk_type, error_type in translations if isinstance(error, sdk_type)), fallback)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and what it came of; `requests` calls an answer that does not come a broken connection."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _innermost(error: BaseException) -> str:
    """Return the innermost cause, in one line."""
    while inner := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        error = inner
    return (str(error) or type(error).__name__).splitlines()[0]


def _brief(error: Exception) -> str:
    """Return the most telling part of an SDK error on one line: the engine's own words, or the system's."""
    for cause in _chain(error):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    explanation = getattr(error, "explanation", None)
    if isinstance(explanation, str) and explanation:
        return explanation.strip().rstrip(".")
    return last_line(str(error).strip() or type(error).__name__).rstrip(".")


def last_line(text: str) -> str:
    """Return the last line that says something, at most 300 characters of it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:_LINE] if lines else "no output"
