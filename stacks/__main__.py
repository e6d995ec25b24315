"""The one Pulumi program: declares the stack that it is run for, from the definitions beside it."""

from pathlib import Path

import pulumi

from moothall.environment import keep_secrets
from moothall.failures import OperationError
from moothall.model.outcome import InvalidDefinitions
from moothall.operations.stacks.declare import declare
from moothall.report.renderers import render
from moothall.report.style import Style


async def program() -> None:
    """Declare the stack; what cannot be is said in words, for Pulumi shows a traceback of every other error."""
    try:
        root = Path(__file__).resolve().parents[1]
        await declare(pulumi.get_stack(), root, is_preview=pulumi.runtime.is_dry_run())
    except OperationError as failure:
        words = (failure.message, failure.state and f"left: {failure.state}", failure.hint and f"hint: {failure.hint}")
        raise pulumi.RunError("\n".join(filter(None, words))) from failure
    except InvalidDefinitions as stopped:
        raise pulumi.RunError(render(stopped.answer, "text", Style(False))) from stopped


keep_secrets()
pulumi.run(program)
