"""Where every value of a council comes from: the level that set it, its line, and what it overrode.

The levels are those of `model.tenancy`: defaults, the instance's `tenants`, the council's own file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from moothall.model import defaults
from moothall.model.outcome import Explanation, SourcedValue
from moothall.model.written import Council, Folder
from moothall.source import Origin, Route, Span

DEFAULT = "default"
PARTNERSHIP = "partnership"
COUNCIL = "council"


def explain(folder: Folder, council: Council) -> tuple[Explanation, ...]:
    """Return every value that holds for the council, by path."""
    levels = [dict(_defaults(folder, council)), dict(_of_instances(folder, council)), dict(_of_council(council))]
    routes = sorted({route for level in levels for route in level}, key=lambda route: tuple(map(str, route)))
    entries = (_explanation(route, levels) for route in routes if not _has_entries_elsewhere(route, levels))
    return tuple(entry for entry in entries if entry)


def _explanation(route: Route, levels: list[dict[Route, SourcedValue]]) -> Explanation | None:
    values = [level[route] for level in reversed(levels) if route in level]
    if route[-1] == "planned" and _has_nearer_date((*route[:-1], "from"), route, levels):
        return None
    return Explanation(".".join(map(str, route)), values[0], tuple(values[1:]))


def _has_nearer_date(date_route: Route, planned_route: Route, levels: list[dict[Route, SourcedValue]]) -> bool:
    """Say whether a level nearer than the one that plans has a date."""
    nearest = max(number for number, level in enumerate(levels) if planned_route in level)
    return any(date_route in level for level in levels[nearest + 1 :])


def _has_entries_elsewhere(route: Route, levels: list[dict[Route, SourcedValue]]) -> bool:
    """Say whether a mapping that is empty on one level has entries on another."""
    return any(other[: len(route)] == route and len(other) > len(route) for level in levels for other in level)


def _defaults(folder: Folder, council: Council) -> Iterator[tuple[Route, SourcedValue]]:
    for name in council.uses.keys() & folder.partnership.instances.keys():
        for field, value in defaults.TENANCY._asdict().items():
            if field not in ("modules", "origin") and value is not None:
                yield ("uses", name, field.replace("_", "-")), SourcedValue(value, DEFAULT, None)


def _of_instances(folder: Folder, council: Council) -> Iterator[tuple[Route, SourcedValue]]:
    for name in council.uses:
        instance = folder.partnership.instances.get(name)
        if instance and instance.tenants:
            for route, value, span in _leaves(instance.tenants.origin):
                yield ("uses", name, *route), SourcedValue(value, PARTNERSHIP, span)
        service = instance or folder.partnership.external.get(name)
        if service and service.data_sharing:  # what binds every council that uses the service
            for route, value, span in _leaves(service.data_sharing.origin):
                yield ("uses", name, "data-sharing", *route), SourcedValue(value, PARTNERSHIP, span)


def _of_council(council: Council) -> Iterator[tuple[Route, SourcedValue]]:
    for route, value, span in _leaves(Origin(council.origin.document, ("spec",))):
        yield route, SourcedValue(value, COUNCIL, span)


def _leaves(origin: Origin) -> Iterator[tuple[Route, object, Span]]:
    """Yield route, value and place of everything below an object that is no mapping with entries."""
    data: object = origin.document.data
    for step in origin.route:
        assert isinstance(data, dict)
        data = data[step]
    for route, value in _walk(data, ()):
        yield route, value, origin.value(*route)


def _walk(data: object, route: Route) -> Iterator[tuple[Route, object]]:
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _walk(value, (*route, key))
    else:
        yield route, data
