"""IPv4 networks as pairs of numbers: the standard library's are four times slower and need an import."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Block(NamedTuple):
    """The addresses from `first` to `last`, as whole numbers, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """Return the number of addresses."""
        return self.last - self.first + 1

    def contains(self, other: Block) -> bool:
        """Say whether all of the other block lies in this one."""
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: Block) -> bool:
        """Say whether the two share an address."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        return f"{_dotted(self.first)}/{33 - self.size.bit_length()}"


@lru_cache(maxsize=1 << 16)
def block(text: str) -> Block:
    """Return the network that the CIDR text lies in; bits beyond the prefix are passed over.

    Results are cached, because every rule about networks needs them again.
    """
    address, _, prefix = text.partition("/")
    size = 1 << (32 - int(prefix))
    first = number(address) & -size
    return Block(first, first + size - 1)


def number(address: str) -> int:
    """Return the address as a whole number."""
    value = 0
    for part in address.split("."):
        value = value << 8 | int(part)
    return value


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 0xFF) for shift in (24, 16, 8, 0))
