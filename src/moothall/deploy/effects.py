"""What a step means to the people who use what stands: the second question after what changes."""

from __future__ import annotations

from moothall.model import filesname
from moothall.model.effects import DATA_LOSS, IN_PLACE, NONE, REPLACE, RESTART
from moothall.pulumi_engine.steps.outcome import Step

_CONTAINER = "docker:index/container:Container"
_VOLUME = "docker:index/volume:Volume"


def effect(step: Step, *, data: bool) -> str:
    """Return the effect of a step; `data` says whether the object is a data volume.

    A container holds nothing of its own: made again it has restarted, however many of its settings changed. One
    that is started or stopped, because it should not be as it is, restarts too. What stands on no engine
    (components, providers) means nothing to anybody.
    """
    if not step.physical:
        return NONE
    if filesname.holds_files(step.type, step.physical):
        # A container has its files exchanged in place, or its own step says what it is.
        return IN_PLACE if step.op == "update" else NONE
    if step.type == _VOLUME and data and step.op in ("replace", "delete"):
        return NONE if step.retained else DATA_LOSS
    if step.type == _CONTAINER and (step.op == "replace" or step.diff in (("mustRun",), ("start",))):
        return RESTART
    if step.op in ("replace", "delete"):
        return REPLACE
    return IN_PLACE if step.op == "update" else NONE
