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
    predecessors: dict[Node, list[Node]] = {node: [] for node in order}
    for node in order:
        for successor in graph[node]:
            predecessors[successor].append(node)
    dominator_of = {root: root}
    is_changed = True
    while is_changed:
        is_changed = False
        for node in reversed(order[:-1]):  # the root comes last
            last = _common([other for other in predecessors[node] if other in dominator_of], dominator_of, number)
            if dominator_of.get(node) != last:
                dominator_of[node] = last
                is_changed = True
    return dominator_of


def _common(nodes: Sequence[Node], dominator_of: Mapping[Node, Node], number: Mapping[Node, int]) -> Node:
    """Return the last node that the ways to all of these have in common."""
    return reduce(lambda one, other: _meeting(one, other, dominator_of, number), nodes)


def _meeting(one: Node, other: Node, dominator_of: Mapping[Node, Node], number: Mapping[Node, int]) -> Node:
    while one != other:
        while number[one] < number[other]:
            one = dominator_of[one]
        while number[other] < number[one]:
            other = dominator_of[other]
    return one


def _in_postorder(graph: Mapping[Node, Sequence[Node]], root: Node) -> list[Node]:
    """Return the nodes that can be reached, each after those that are first reached from it."""
    order: list[Node] = []
    visited_nodes = {root}
    stack = [(root, iter(graph[root]))]
    while stack:
        node, successors = stack[-1]
        successor = next((node_after for node_after in successors if node_after not in visited_nodes), None)
        if successor is None:
            order.append(node)
            stack.pop()
        else:
            visited_nodes.add(successor)
            stack.append((successor, iter(graph[successor])))
    return order
