"""Working something out once per distinct combination of numbers, and handing it to every row that has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Codes = NDArray[np.uint8]
#: Up to so many combinations a table is quicker than sorting; 32 MB at most.
_TABLE = 1 << 22


def distinct(*columns: NDArray[Any]) -> tuple[list[Places], Places]:
    """Return the distinct rows of some columns of numbers from 0 up, and which of them each row is."""
    combined = columns[0].astype(np.int64)
    size = _size(columns[0])
    for column in columns[1:]:
        wide = _size(column)
        if size * wide > _TABLE:
            first, combined = _numbered(combined, size)
            size = len(first)
        combined = combined * wide + column
        size *= wide
    first, which = _numbered(combined, size)
    return [column[first].astype(np.int64) for column in columns], which


def unordered(a: NDArray[Any], b: NDArray[Any]) -> tuple[list[Places], Places]:
    """Return the distinct unordered pairs of codes, the smaller first, and which of them each row is."""
    return distinct(np.minimum(a, b), np.maximum(a, b))


def distinct_sorted(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distinct numbers in order; the array given is sorted.

    Sorting millions of numbers is quicker than the hash table of `numpy.unique`, and takes no memory.
    """
    values.sort()
    return values[changes(values)]


def changes(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which of some sorted values differ from the one before; the first does."""
    found = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=found[1:])
    return found


def _size(column: NDArray[Any]) -> int:
    return int(column.max()) + 1 if len(column) else 1


def _numbered(values: Places, size: int) -> tuple[Places, Places]:
    """Return a place of every distinct value, in the order of the values, and which of them each row is."""
    if size > _TABLE or size > 8 * len(values) + 1024:
        order = np.argsort(values)  # any place will do, so equal values may lie in any order: five times as quick
        ordered = values[order]
        new = changes(ordered)
        which = np.empty(len(values), dtype=np.int64)
        which[order] = np.cumsum(new) - 1
        return order[new], which
    place = np.full(size, -1, dtype=np.int64)
    place[values] = np.arange(len(values))
    present = np.flatnonzero(place >= 0)
    number = np.empty(size, dtype=np.int64)
    number[present] = np.arange(len(present))
    return place[present], number[values]


def asked(
    rule: Callable[[Any, Any], int], left: Sequence[Any], right: Sequence[Any], a: NDArray[Any], b: NDArray[Any]
) -> Codes:
    """Return what a rule says of values by their codes, asking it once per distinct pair."""
    if not len(a):
        return np.empty(0, dtype=np.uint8)
    rows, which = distinct(a, b)
    found = [rule(left[i], right[j]) for i, j in zip(rows[0].tolist(), rows[1].tolist(), strict=True)]
    return np.array(found, dtype=np.uint8)[which]


def members(sizes: NDArray[Any], groups: NDArray[Any]) -> tuple[Places, Places]:
    """Return every member of each of these groups, which lie one after the other and have so many members each.

    Two columns: which of the groups asked for, and the member's place.
    """
    times = sizes[groups]
    which = np.repeat(np.arange(len(groups)), times)
    first = (np.cumsum(sizes) - sizes)[groups] - (np.cumsum(times) - times)
    return which, np.repeat(first, times) + np.arange(len(which))


class Codebook(dict[Any, int]):
    """Numbers things as they come, from 0 up."""

    def __missing__(self, key: Any) -> int:
        self[key] = found = len(self)
        return found
