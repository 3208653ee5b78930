"""Texts that a crawl has met, in a few bytes each: what is kept for every page to the end of a crawl must be small."""

from __future__ import annotations

from array import array

_SMALLEST, _WORD = 1 << 10, (1 << 64) - 1


class Marks:
    """A set that knows its texts by 64 bits of their hash, and can be asked for no text.

    One entry takes 12 to 24 bytes, where a set of addresses takes some 150. Two of a million texts have the same mark
    with a probability of 3 in 100 million (n² / 2⁶⁵). Python's hash is keyed anew in each process: nobody can
    choose texts that meet, and a mark says nothing outside.
    """

    __slots__ = ("_count", "_table")

    def __init__(self) -> None:
        self._count = 0
        self._table = array("Q", bytes(8 * _SMALLEST))

    def __len__(self) -> int:
        return self._count

    def __contains__(self, text: str) -> bool:
        mark = _mark(text)
        return self._table[self._place(mark)] == mark

    def add(self, text: str) -> None:
        """Remember a text."""
        mark = _mark(text)
        place = self._place(mark)
        if self._table[place] != mark:
            self._table[place] = mark
            self._count += 1
            if 3 * self._count > 2 * len(self._table):
                self._grow()

    def _place(self, mark: int) -> int:
        """Return where a mark stands or, where it is missing, the empty place (0) that it would take."""
        table, last = self._table, len(self._table) - 1
        place = mark & last
        while table[place] not in (0, mark):
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        old, self._table = self._table, array("Q", bytes(16 * len(self._table)))
        for mark in old:
            if mark:
                self._table[self._place(mark)] = mark


def _mark(text: str) -> int:
    return hash(text) & _WORD or 1
