"""What a tenant or a container answers a look of `verify` is shown as words, in every form of the results."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.advice.taking import Operator
from tests.hostile.front_door import Type
from tests.hostile.strings import MIXED

from moothall.commands.stacks import verify as command
from moothall.failures import FAILED, Inconclusive
from moothall.model.planned import Plan
from moothall.verify.context import VerifyContext
from moothall.verify.task import Task, Verdict, failed_verdict, passed_verdict


class Answers:
    """A kind of look that says what it was answered: that all is well, that it is not, and why it cannot be told."""

    @staticmethod
    def tasks(plan: Plan) -> Iterator[Task]:
        """Yield three looks for each answer."""
        for number, text in enumerate(MIXED):

            def cannot(context: VerifyContext, text: str = text) -> Verdict:
                raise Inconclusive(text)

            yield Task(f"good.{number}", "it answers", lambda context, text=text: passed_verdict(text))
            yield Task(f"bad.{number}", "it answers", lambda context, text=text: failed_verdict(text))
            yield Task(f"silent.{number}", "it answers", cannot)


@pytest.mark.parametrize("checks", ["CHECKS", "ISOLATION"])
def test_answers_are_words(operator: Operator, type_: Type, monkeypatch: pytest.MonkeyPatch, checks: str) -> None:
    """As text, JSON and JUnit; and of those that failed as they do."""
    monkeypatch.setattr(command, checks, (Answers,))
    words = ["verify", "--isolation"] if checks == "ISOLATION" else ["verify"]

    assert type_(operator.root, *words).code == FAILED
