"""From definitions to plans: what holds on a day, and everything that shall stand then."""

from __future__ import annotations

from collections.abc import Container
from datetime import date

from moothall import paths
from moothall.imagetags import tags
from moothall.model.engines import Engines
from moothall.model.planned import Plan
from moothall.model.written import Definitions
from moothall.plan import compile_plan
from moothall.resolve import resolve


def compile_all(
    definitions: Definitions,
    as_of: date,
    partnership: str | None = None,
    engines: Engines | None = None,
    councils: Container[str] | None = None,
) -> tuple[Plan, ...]:
    """Return the plan of every partnership on the day `as_of`, by name, or of the only one named.

    The definitions must be sound. Without `engines` all sites share one. With `councils` the others' own stacks are
    left out: nothing of a council follows from another.
    """
    images = tags(paths.IMAGES)
    folders_by_name = {folder.partnership.metadata.name: folder for folder in definitions.folders}
    folders = [folder for name, folder in sorted(folders_by_name.items()) if partnership in (None, name)]
    return tuple(
        compile_plan(resolve(folder, definitions.modules, as_of, councils), images, engines) for folder in folders
    )
