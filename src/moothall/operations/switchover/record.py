"""The record of where an instance is served: `active.yaml`, written when the servers have changed roles."""

from __future__ import annotations

from collections.abc import Mapping

from moothall import paths
from moothall.failures import OperationError
from moothall.file_lock import folder_lock
from moothall.model.written import Active
from moothall.operations.context import Context
from moothall.operations.switchover.switchover_context import SwitchoverContext

# The servers have changed roles by then, and users may wait for what comes next. So `onboard` may go first, but nobody
# who sits before its question, or has left it open. What is written beside them harms nothing: they write other files,
# and who mends this one (`validate --fix`) is refused when it is not as it was read.
PATIENCE = 5.0
"""Seconds for which a switch waits for a change of the definitions; one about which nobody is asked takes less."""


def record(context: Context, switchover: SwitchoverContext, active: Active | None) -> str:
    """Write in `active.yaml` where the instance is served, None for at home; return the file's path below the root.

    It is read, changed and written under the lock of every change of the definitions, held for this moment and not for
    the switch. Raises OperationError when it cannot be written, or was made unreadable meanwhile.
    """
    from moothall.language.edit import lock
    from moothall.language.edit.active_file import write
    from moothall.language.edit.files import write_failure

    folder = context.root / "partnerships" / switchover.plan.partnership
    path = f"partnerships/{switchover.plan.partnership}/active.yaml"
    file = context.root / path
    try:
        # Another instance may be failed over at this moment: the second lock holds where the first is not waited for.
        with lock.exclusive_lock(context.root, context.progress.stage, PATIENCE), folder_lock(folder):
            old_text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else None
            other_entries = {
                name: entry for name, entry in _actives(path, old_text).items() if name != switchover.mirror.instance
            }
            write(context.root, path, old_text, other_entries | ({active.instance: active} if active else {}))
    except OSError as error:
        raise write_failure(file, error) from error
    return path


def _actives(path: str, text: str | None) -> Mapping[str, Active]:
    """Return what an `active.yaml` says, nothing if it is not there; the definitions were sound when they were read.

    Raises OperationError where they are not any more (a merge that conflicts): which others are failed over must not be
    lost.
    """
    from moothall.language.files import decode
    from moothall.language.schema.shape import shape
    from moothall.language.yaml.yaml12 import parse

    if text is None:
        return {}
    document, findings = parse(path, text)
    if document and not (findings := shape(document, "active", paths.SCHEMAS)):
        return decode.active(document)
    what = f"the switch is made and not recorded: {path} was changed meanwhile, {findings[0].summary}"
    state = "The file is as it was found, and the instance is served where it should be."
    raise OperationError(what, state=state, hint="moothall validate  # mend the file, then the same command again")
