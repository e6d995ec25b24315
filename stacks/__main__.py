"""The one Pulumi program: declares the stack that it is run for, from the definitions beside it."""

from functools import partial
from pathlib import Path

import pulumi

from moothall.environment import keep_secrets
from moothall.verbs.declare import declare

keep_secrets()
pulumi.run(partial(declare, pulumi.get_stack(), Path(__file__).resolve().parents[1]))
