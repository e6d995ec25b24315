"""The differences between two states of a resource, element by element, as the real plug-in words them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.pulumi_cli.standin.docker_plan import Table, Values
from tests.pulumi_cli.standin.docker_schema import Attribute
from tests.pulumi_cli.standin.docker_values import Path, identity
from tests.pulumi_cli.standin.standin import guess

from moothall.pulumi_engine.protocol.values import UNKNOWN

ADD, DELETE, UPDATE = "ADD", "DELETE", "UPDATE"


class Difference(NamedTuple):
    """One difference: where, what (`ADD`, `DELETE`, `UPDATE`), and whether a change there needs another object."""

    path: Path
    what: str
    replaces: bool


def differences(table: Table, old: Values, new: Values, inputs: Values) -> list[Difference]:
    """All differences; `inputs` are the wanted ones, whose order gives the elements of sets their numbers."""
    found: list[Difference] = []
    for name, each in sorted(table.items()):
        found += _differ(each, (name,), old.get(name), new.get(name), inputs.get(name), False)
    return found


def _differ(attribute: Attribute, path: Path, old: Any, new: Any, given: Any, above: bool) -> Iterator[Difference]:
    """`above`: a change right below a collection that cannot be changed is one that cannot be made."""
    old, new = (None if value == [] else value for value in (old, new))
    if old is None and new is None:
        return
    if old is None or new is None or new is UNKNOWN:
        yield _whole(attribute, path, old, new, above)
    elif attribute.is_block and attribute.one:
        yield from _differ_fields(attribute, path, old, new, given, attribute.replaces)
    elif attribute.is_set:
        yield from _differ_set(attribute, path, old, new, given or [])
    elif attribute.shape == "blocks":
        yield from _differ_blocks(attribute, path, old, new)
    elif attribute.shape == "list":
        yield from _differ_texts(attribute, path, old, new)
    elif attribute.shape == "map":
        yield from _differ_map(attribute, path, old, new)
    elif old != new:
        yield Difference(path, UPDATE, attribute.replaces or above)


def _whole(attribute: Attribute, path: Path, old: Any, new: Any, above: bool) -> Difference:
    what = ADD if old is None else DELETE if new is None else UPDATE
    value = old if new is None or new is UNKNOWN else new
    deep = new is not UNKNOWN or old is not None
    return Difference(path, what, above or attribute.replaces or (deep and _any_replaces(attribute, value)))


def _any_replaces(attribute: Attribute, value: Any) -> bool:
    """Whether an object, or a list of some, has a field that cannot be changed."""
    if not attribute.is_block or not value:
        return False
    return any(field.replaces or _any_replaces(field, True) for field in attribute.fields.values())


def _differ_fields(
    attribute: Attribute, path: Path, old: Values, new: Values, given: Any, above: bool
) -> Iterator[Difference]:
    wanted = given if isinstance(given, Mapping) else {}
    for name, field in sorted(attribute.fields.items()):
        yield from _differ(field, (*path, name), old.get(name), new.get(name), wanted.get(name), above)


def _differ_element(attribute: Attribute, path: Path, old: Any, new: Any) -> Iterator[Difference]:
    if old is None or new is None:
        what = ADD if old is None else DELETE
        value = new if old is None else old
        yield Difference(path, what, attribute.replaces or _any_replaces(attribute, value))
    elif attribute.is_block:
        yield from _differ_fields(attribute, path, old, new, None, False)
    elif old != new:
        yield Difference(path, UPDATE, attribute.replaces)


def _differ_blocks(attribute: Attribute, path: Path, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
    for at in range(max(len(old), len(new))):
        sides = [side[at] if at < len(side) else None for side in (old, new)]
        yield from _differ_element(attribute, (*path, at), *sides)


def _differ_map(attribute: Attribute, path: Path, old: Values, new: Values) -> Iterator[Difference]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            what = ADD if key not in old else DELETE if key not in new else UPDATE
            yield Difference((*path, key), what, attribute.replaces)


def _differ_texts(attribute: Attribute, path: Path, old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """The fewest texts that come and go; one that goes where another comes is an update."""
    gone, come = _edits(old, new)
    for at in sorted(gone | come):
        what = UPDATE if at in gone & come else ADD if at in come else DELETE
        yield Difference((*path, at), what, attribute.replaces)


def _edits(old: Sequence[str], new: Sequence[str]) -> tuple[set[int], set[int]]:
    """The places of the texts that are not in the longest common sequence, which is found from the end."""
    common = [[text for text in side if text in other] for side, other in ((old, new), (new, old))]
    if common[0] != common[1] or len(set(common[0])) < len(common[0]):
        guess("ties")
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, j in itertools.product(range(len(old)), range(len(new))):
        same = old[i] == new[j]
        longest[i + 1][j + 1] = longest[i][j] + 1 if same else max(longest[i][j + 1], longest[i + 1][j])
    gone, come, i, j = set(range(len(old))), set(range(len(new))), len(old), len(new)
    while i and j:
        if old[i - 1] == new[j - 1]:
            i, j = i - 1, j - 1
            gone.discard(i)
            come.discard(j)
        elif longest[i - 1][j] > longest[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return gone, come


def _differ_set(
    attribute: Attribute, path: Path, old: list[Any], new: list[Any], given: list[Any]
) -> Iterator[Difference]:
    """Elements that went have the number that they had, those that came the number of the input that they are from.
    Where an input cannot be told, the whole set is different."""
    left, right = ({_key(item): at for at, item in enumerate(side)} for side in (old, new))
    gone = {at for key, at in left.items() if key not in right}
    come = sorted(at for key, at in right.items() if key not in left)
    if not gone and not come:
        return
    source = _sources(attribute, [new[at] for at in come], given) if len(given) >= len(new) or not come else None
    if source is None:
        yield Difference(path, UPDATE, attribute.replaces)
        return
    made = {number: new[at] for number, at in zip(source, come, strict=True)}
    for number in sorted(gone | made.keys()):
        before = old[number] if number in gone else None
        yield from _differ_element(attribute, (*path, number), before, made.get(number))


def _key(item: Any) -> str:
    """An element by what is known of it."""
    return identity(_known(item))


def _known(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _known(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return None if value is UNKNOWN else value


def _sources(attribute: Attribute, items: Sequence[Any], given: Sequence[Any]) -> list[int] | None:
    """For each new element the number of the input that it came of; None if there is one without."""
    found: list[int] = []
    for item in items:
        free = (at for at, each in enumerate(given) if at not in found and _came_of(attribute, item, each))
        at = next(free, None)
        if at is None:
            return None
        found.append(at)
    return found


def _came_of(attribute: Attribute, item: Any, given: Any) -> bool:
    """Whether an element is an input as it stands: a text that was filled in speaks against it."""
    if not isinstance(item, Mapping) or not isinstance(given, Mapping):
        return bool(item == given)
    return all(_field_came_of(field, item.get(name), given.get(name)) for name, field in attribute.fields.items())


def _field_came_of(field: Attribute, value: Any, given: Any) -> bool:
    if given is None:
        return field.computed or value is None or value in ([], {})
    if field.shape == "map":
        return False  # the real plug-in cannot tell a map in an object
    if field.one or not field.is_block:
        return _came_of(field, value, given)
    sides = (value or [], given)
    return len(sides[0]) == len(given) and all(_came_of(field, *pair) for pair in zip(*sides, strict=True))
