"""The one Pulumi program: declares the stack that it is run for, from the definitions beside it."""

from pathlib import Path

import pulumi

from moothall.verbs.declare import declare

declare(pulumi.get_stack(), Path(__file__).resolve().parents[1])
