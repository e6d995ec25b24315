"""secret-in-clear: something in the text of a definition that opens a door, in a value or in a comment.

Found are private keys, access tokens of forms that their makers publish, passwords in addresses, and whatever stands
after a word such as `password:`. A secret is repeated neither in the finding nor in its excerpt.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from moothall.diagnostics import SECRET, Diagnostic
from moothall.language.checks.finding import error
from moothall.source import Span

if TYPE_CHECKING:
    from re import Match, Pattern

RULE = SECRET

_HINTS = (
    *("passw", "passphrase", "pwd", "secret", "token", "api-key", "api_key", "api key", "apikey", "access", "private"),
    *("://", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "eyj"),
)
"""One of these is in every text in which there is anything to find, in lower case; most texts have none."""

_WORDS = r"passw(?:or)?d|passphrase|pwd|secret|token|(?:api|access|private|secret)[-_ ]?key"
_VALUE = r""""[^"\n]{1,200}"|'[^'\n]{1,200}'|[^\s"'{}\[\],#|>&$<*!%@`][^\s,}\]]{0,200}(?=[ \t\r]*(?:$|[,}\]]|#))"""

_FORMS = (
    # RFC 7468, section 10 and 11; OpenSSH and PGP use the same words.
    (
        "a private key",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,20000}-----END [A-Z0-9 ]{0,60})?",
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    ("an access key of AWS", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    # https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
    ("an access token of GitHub", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})"),
    # https://docs.gitlab.com/security/tokens/#token-prefixes
    ("an access token of GitLab", r"\bglpat-[A-Za-z0-9_-]{20,300}"),
    # https://api.slack.com/authentication/token-types
    ("an access token of Slack", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    # RFC 7519, section 3.1: the header is an object in JSON, so that its base64 begins with eyJ
    ("a JSON web token", r"\beyJ[A-Za-z0-9_-]{8,400}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{0,2000}"),
    # RFC 3986, section 3.2.1
    ("a password in an address", r"://[^\s/:@?#]{0,200}:(?P<value>[^\s/@]{1,200})@"),
    ("a password or key", rf"(?P<word>(?i:{_WORDS}))[\"']?[ \t]{{0,9}}[:=][ \t]{{0,9}}(?P<value>{_VALUE})"),
)
_CHOSEN = ("passw", "passphrase", "pwd")
"""How the words for secrets begin that people think of themselves."""
_LONGEST_WORD = 9
"""Letters; a token or key that a machine made has more, and digits among them."""
_NO_SECRET = frozenset(("none", "null", "~", "true", "false", "yes", "no"))


def secrets(path: str, text: str) -> Iterator[Diagnostic]:
    """Yield a finding for every secret in the text of a file, at what would have to be taken out."""
    lower = text.lower()
    if not any(hint in lower for hint in _HINTS):
        return
    end = 0
    place = (1, 1)
    for start, match_end, what in sorted(_matches(text)):
        if start >= end:  # of two that overlap, one is enough
            first = _place(text, place, end, start)
            place, end = _place(text, first, start, match_end), match_end
            detail = (
                "Whoever reads the repository has it, and its history keeps it: take it out of use, and out of here."
            )
            yield error(RULE, f"{what} stands here in clear", detail, Span(path, *first, *place))


def _matches(text: str) -> Iterator[tuple[int, int, str]]:
    for what, form in _patterns():
        for match in form.finditer(text):
            start, match_end = match.span("value" if "value" in form.groupindex else 0)
            if not _is_harmless(match, form):
                yield start, match_end, what


@cache
def _patterns() -> tuple[tuple[str, Pattern[str]], ...]:
    import re  # as much work as a small file: only when there is something to look at

    return tuple((what, re.compile(form, re.MULTILINE)) for what, form in _FORMS)


def _is_harmless(match: Match[str], form: Pattern[str]) -> bool:
    """Say whether what stands in the place of a secret is a word for none, or a remark on one.

    A comment may say `token: rotate`: no token or key is one short word. A password that somebody thought of may be.
    """
    if "value" not in form.groupindex:
        return False
    value = match["value"].strip("\"'")
    if value.lower() in _NO_SECRET:
        return True
    is_generated = "word" in form.groupindex and not match["word"].lower().startswith(_CHOSEN)
    return is_generated and value.isalpha() and len(value) <= _LONGEST_WORD and _in_comment(match)


def _in_comment(match: Match[str]) -> bool:
    """Say whether a `#` that begins a comment stands before it on its line (YAML 1.2.2, section 6.6)."""
    line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
    return line.startswith("#") or " #" in line or "\t#" in line


def _place(text: str, position: tuple[int, int], start: int, index: int) -> tuple[int, int]:
    """Return the line and column of the character at `index`, from those of an earlier one at `start`."""
    lines = text.count("\n", start, index)
    if not lines:
        return position[0], position[1] + index - start
    return position[0] + lines, index - text.rfind("\n", start, index)
