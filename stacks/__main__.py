"""The one Pulumi program: declares the stack that it is run for, from the definitions beside it."""

from pathlib import Path

import pulumi

from moothall.environment import keep_secrets
from moothall.failures import Failure
from moothall.model.outcome import Stopped
from moothall.operations.stacks.declare import declare
from moothall.report.renderers import render
from moothall.report.style import Style


async def program() -> None:
    """Declare the stack; what cannot be is said in words, for Pulumi shows a traceback of every other error."""
    try:
        await declare(pulumi.get_stack(), Path(__file__).resolve().parents[1])
    except Failure as failure:
        words = (failure.what, failure.left and f"left: {failure.left}", failure.mend and f"mend: {failure.mend}")
        raise pulumi.RunError("\n".join(filter(None, words))) from failure
    except Stopped as stopped:
        raise pulumi.RunError(render(stopped.answer, "text", Style(False))) from stopped


keep_secrets()
pulumi.run(program)
