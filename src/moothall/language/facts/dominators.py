"""What every way from one place to another leads through: dominators in a directed graph.

The algorithm is that of Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (Rice University, 2001),
figure 3; on graphs like ours it is linear.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import reduce
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def dominators(graph: Mapping[Node, Sequence[Node]], root: Node) -> dict[Node, Node]:
    """Return for each node that can be reached from `root` the last other one that every way to it leads through.

    That of the root is the root itself. `graph` has for every node those that come next.
    """
    order = _in_postorder(graph, root)
    number = {node: place for place, node in enumerate(order)}
    before: dict[Node, list[Node]] = {node: [] for node in order}
    for node in order:
        for after in graph[node]:
            before[after].append(node)
    found = {root: root}
    changed = True
    while changed:
        changed = False
        for node in reversed(order[:-1]):  # the root comes last
            last = _common([other for other in before[node] if other in found], found, number)
            if found.get(node) != last:
                found[node] = last
                changed = True
    return found


def _common(nodes: Sequence[Node], found: Mapping[Node, Node], number: Mapping[Node, int]) -> Node:
    """Return the last node that the ways to all of these have in common."""
    return reduce(lambda one, other: _meeting(one, other, found, number), nodes)


def _meeting(one: Node, other: Node, found: Mapping[Node, Node], number: Mapping[Node, int]) -> Node:
    while one != other:
        while number[one] < number[other]:
            one = found[one]
        while number[other] < number[one]:
            other = found[other]
    return one


def _in_postorder(graph: Mapping[Node, Sequence[Node]], root: Node) -> list[Node]:
    """Return the nodes that can be reached, each after those that are first reached from it."""
    order: list[Node] = []
    seen = {root}
    ways = [(root, iter(graph[root]))]
    while ways:
        node, rest = ways[-1]
        after = next((each for each in rest if each not in seen), None)
        if after is None:
            order.append(node)
            ways.pop()
        else:
            seen.add(after)
            ways.append((after, iter(graph[after])))
    return order
