"""Candidate pairs of a collection: the pieces of the blocking keys are joined, and the keys compared, as numbers.

The keys are those of `blocking.keys`, as the numbers that `blocking.digest` shows: the pieces are worked out in Python
once per distinct value (`key_pieces`), put together once per record (`key_rows`), and what stands together is found by
sorting. About 300 bytes a record with a dozen to twenty keys, and 16 a pair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection as Some
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import blocking, key_rows
from pipelines.resolution.collection import Collection
from pipelines.resolution.distinct import changes, distinct_sorted, members
from pipelines.resolution.key_rows import Rows

Ints = NDArray[np.int64]
#: So many records are blocked faster without arrays.
_FEW = 500
#: Rows of split keys that are sorted at a time.
_SLICE = 1 << 21
#: Lists of pairs that are put together at a time.
_PARTS = 100
#: Which kinds of second facts (columns) do not split a kind of key (rows).
_HELD = np.array([[chr(second) in blocking.HELD.get(chr(kind), "") for second in range(128)] for kind in range(128)])


def propose(records: Collection, crowded: frozenset[str] | None = None) -> tuple[Ints, frozenset[str]]:
    """Return the candidate pairs as `Candidates.pairs` has them, and the crowded keys, counted when not given.

    A small collection is blocked in Python: setting up the columns would take longer.
    """
    if len(records) <= _FEW:
        crowd = blocking.find_crowded(records) if crowded is None else crowded
        found = sorted(blocking.pairs(records, crowded=crowd))
        return np.array(found, dtype=np.int64).reshape(-1, 2), crowd
    candidates = Candidates(records)
    crowd = candidates.crowded() if crowded is None else crowded
    return candidates.pairs(crowd), crowd


class Candidates:
    """The blocking keys of one collection, sorted: of each key its number, and the places and kinds under it."""

    def __init__(self, records: Collection) -> None:
        keys, seconds = key_rows.of(records)
        self._bits = max(1, len(records).bit_length())
        self._numbers, self._starts, self._places, self._kinds = self._sorted(keys)
        self._sizes = np.diff(np.append(self._starts, len(self._places)))
        facts, number = np.unique(seconds.number, return_inverse=True)
        self._fact_bits = max(1, len(facts).bit_length())
        order = np.argsort(seconds.place, kind="stable")
        self._facts = number[order].astype(np.int32)
        self._fact_kinds = seconds.kind[order]
        self._facts_of = np.bincount(seconds.place, minlength=len(records))

    def _sorted(self, keys: Rows) -> tuple[NDArray[np.uint64], Ints, NDArray[np.int32], NDArray[np.uint8]]:
        """Return the distinct keys in order, where the rows of each start, and the place and kind of each row.

        The rows of a key lie in the order of their places; each place stands there once.
        """
        order = np.argsort(keys.number)
        number = keys.number[order]
        new = changes(number)
        number = number[new]
        packed: Ints = np.cumsum(
            new, dtype=np.int64
        )  # in place from here on: with ten million records each of these arrays is 2 GB
        packed -= 1
        packed <<= self._bits
        packed |= keys.place[order]
        packed <<= 8
        packed |= keys.kind[order]
        del order
        packed = distinct_sorted(packed)
        kinds = (packed & 255).astype(np.uint8)
        packed >>= 8
        places = (packed & ((1 << self._bits) - 1)).astype(np.int32)
        packed >>= self._bits
        return number, np.flatnonzero(changes(packed)), places, kinds

    def crowded(self, limit: int = blocking.CROWDED, limit_of_parts: int = blocking.CROWDED_PARTS) -> frozenset[str]:
        """Return what `blocking.find_crowded` returns."""
        limits = np.full(256, limit, dtype=np.int64)
        limits[[ord(kind) for kind in blocking.PARTS]] = limit_of_parts
        if not len(self._starts):
            return frozenset()
        least, most = (ends.reduceat(self._kinds, self._starts) for ends in (np.minimum, np.maximum))
        found = (self._sizes > limits[least]) & (least == most)
        for group in np.flatnonzero(least != most).tolist():  # people and organisations may share a key
            start = self._starts[group]
            counted = Counter(self._kinds[start : start + self._sizes[group]].tolist())
            found[group] = any(count > limits[kind] for kind, count in counted.items())
        return frozenset(f"{key:016x}" for key in self._numbers[found].tolist())

    def pairs(self, crowded: Some[str]) -> Ints:
        """Return the distinct pairs of places that share a key, one row a pair, the smaller place first, sorted.

        The keys in `crowded` are split; a block that is too large all the same pairs each record with its next few
        neighbours.
        """
        digests = np.array(sorted(int(key, 16) for key in crowded), dtype=np.uint64)
        split = np.isin(self._numbers, digests) if len(digests) else np.zeros(len(self._numbers), dtype=np.bool_)
        plain = np.flatnonzero(~split & (self._sizes > 1))
        found = [np.empty(0, dtype=np.int64), *_paired(self._places, self._starts[plain], self._sizes[plain])]
        for some in self._slices(np.flatnonzero(split)):
            found += self._split(some)
            found = [distinct_sorted(np.concatenate(found))] if len(found) > _PARTS else found
        packed = distinct_sorted(np.concatenate(found))
        return np.stack([packed >> 32, packed & 0xFFFFFFFF], axis=1)

    def _slices(self, groups: Ints) -> Iterator[Ints]:
        """Yield the crowded keys, so many at a time that their rows are not too many and their numbers fit."""
        most = 1 << min(24, 63 - self._bits - self._fact_bits)
        rows = np.cumsum(self._sizes[groups])
        start = 0
        while start < len(groups):
            base = int(rows[start - 1]) if start else 0
            end = max(start + 1, min(start + most, int(np.searchsorted(rows, base + _SLICE, side="right"))))
            yield groups[start:end]
            start = end

    def _split(self, groups: Ints) -> list[Ints]:
        """Return the pairs of the blocks into which second facts split some keys."""
        which, row = members(self._sizes, groups)
        place, kind = self._places[row], self._kinds[row]
        at, fact = members(self._facts_of, place)
        told = np.flatnonzero(~_HELD[kind[at], self._fact_kinds[fact]])
        at, fact = at[told], fact[told]
        packed = (which[at] << self._fact_bits) | self._facts[fact]
        packed = distinct_sorted((packed << self._bits) | place[at])
        starts = np.flatnonzero(changes(packed >> self._bits))
        sizes = np.diff(np.append(starts, len(packed)))
        many = sizes > 1
        return _paired((packed & ((1 << self._bits) - 1)).astype(np.int32), starts[many], sizes[many])


def _paired(places: NDArray[np.int32], starts: Ints, sizes: Ints) -> list[Ints]:
    """Return the pairs of the blocks that start here in `places`, packed into one number each, block size by size."""
    found: list[Ints] = []
    for size in np.flatnonzero(np.bincount(sizes)).tolist():
        if size <= blocking.LARGEST:
            one, other = np.triu_indices(size, 1)
        else:
            reach = [np.arange(size - step) for step in range(1, blocking.WINDOW + 1)]
            one = np.concatenate(reach)
            other = np.concatenate([near + step for step, near in enumerate(reach, start=1)])
        block = starts[sizes == size][:, None]
        found.append(((places[block + one].astype(np.int64) << 32) | places[block + other]).ravel())
    return found
