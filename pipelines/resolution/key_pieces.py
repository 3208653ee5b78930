"""The pieces of the blocking keys of a collection as numbers, worked out once per distinct value.

Those of names are worked out once per distinct half of a name, and the halves put together by their numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Some
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import blocking, name_pieces
from pipelines.resolution.collection import Collection
from pipelines.resolution.contacts import title_key
from pipelines.resolution.distinct import Codebook, distinct, members
from pipelines.resolution.name_parts import NameParts

#: Lists that are numbered at a time.
_LISTS = 4096


class Pieces(NamedTuple):
    """Pieces in three columns: whose they are (a value's code, or a record's place), their kind, their number."""

    code: NDArray[np.int32]
    kind: NDArray[np.uint8]
    number: NDArray[np.uint64]


def _listed(lists: Iterable[Sequence[Any]]) -> tuple[NDArray[np.int64], list[Any], NDArray[np.int64]]:
    """Return the members of many lists as numbers, the distinct members, and the length of each list."""
    known = Codebook()
    flat, sizes = array("i"), array("i")
    waiting = iter(lists)
    while some := list(islice(waiting, _LISTS)):
        sizes.extend(map(len, some))
        flat.extend(map(known.__getitem__, chain.from_iterable(some)))
    return np.array(flat, dtype=np.int64), list(known), np.array(sizes, dtype=np.int64)


def _pieces(lists: Iterable[Sequence[str]]) -> Pieces:
    """Return the pieces of many lists, in their order; the kind of each is its first letter."""
    flat, texts, sizes = _listed(lists)
    return _told(flat, texts, [text[0] for text in texts], sizes)


def _told(flat: NDArray[np.int64], texts: Some[str], kinds: Iterable[str], sizes: NDArray[np.int64]) -> Pieces:
    letters = np.frombuffer("".join(kinds).encode("ascii"), dtype=np.uint8)
    return Pieces(np.repeat(np.arange(len(sizes), dtype=np.int32), sizes), letters[flat], _hashed(texts)[flat])


def _hashed(texts: Some[str]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(map(blocking.eight_bytes, texts)), dtype="<u8")


#: A table of pieces, the property that they come from, and how.
TABLES: tuple[tuple[str, str, Callable[[Any], Sequence[str]]], ...] = (
    ("spots", "organisations", blocking.firm_spots),
    ("spots", "telephones", blocking.telephone_spots),
    ("spots", "addresses", blocking.address_spots),
    ("spots", "mailboxes", blocking.domain_spots),
    ("own", "mailboxes", blocking.mailbox_keys),
    ("own", "profiles", blocking.profile_keys),
    ("seconds", "mailboxes", lambda boxes: [f"m{box.key}" for box in boxes]),
    ("seconds", "profiles", lambda pages: [f"p{page.key}" for page in pages]),
    ("seconds", "addresses", lambda places: [f"a{place.key}" for place in places]),
)


def of_values(values: Sequence[Any], pieces: Callable[[Any], Sequence[str]]) -> Pieces:
    """Return the pieces of the distinct values of a property."""
    return _pieces(map(pieces, values))


class NamePieces(NamedTuple):
    """The pieces of names by table, a kind each; those in `direct` are made of `texts`, of which `direct` says."""

    tables: dict[str, list[Pieces]]
    direct: NDArray[np.int64]
    texts: list[str]


def of_names(names: NameParts) -> NamePieces:
    """Return the pieces of the distinct values of names, in the order of their codes."""
    read = _Readings(names)
    made = {table: [read.joined(join) for join in joins] for table, joins in name_pieces.JOINS.items()}
    made["seconds"] = [read.joined(join, turned=False) for join in name_pieces.SECONDS]
    (direct,) = made["direct"]
    return NamePieces({table: [one.pieces() for one in listed] for table, listed in made.items()}, *direct[1:])


class _Joined(NamedTuple):
    """The pieces of one kind: whose they are, and which of `texts`."""

    code: NDArray[np.int32]
    text: NDArray[np.int64]
    texts: list[str]

    def pieces(self) -> Pieces:
        """Return them hashed; their kind is the first letter of any."""
        kind = ord(self.texts[0][0]) if self.texts else 0
        return Pieces(self.code, np.full(len(self.code), kind, dtype=np.uint8), _hashed(self.texts)[self.text])


class _Readings:
    """The halves of all names, in every order in which they are likely to be read."""

    def __init__(self, names: NameParts) -> None:
        fronts, backs = Codebook(), Codebook()
        codes: list[int] = []
        sizes = np.empty(len(names.people), dtype=np.int64)
        for place, name in enumerate(names.people):
            read = name_pieces.readings((name,))
            sizes[place] = len(read)
            for one in read:
                codes += fronts[one.given, one.middles[:2]], backs[one.surname, one.middles[-1:]]
        halves = np.array(codes, dtype=np.int64).reshape(-1, 2)
        which, reading = members(sizes, names.listed)
        first = np.concatenate([np.ones(1, dtype=np.bool_), which[1:] != which[:-1]])[: len(which)]
        self._values = names.values[which].astype(np.int32)
        self._halves = halves[reading]
        self._natural = np.flatnonzero(first)
        self._fronts = [name_pieces.front(*one) for one in fronts]
        self._backs = [name_pieces.back(*one) for one in backs]

    def joined(self, join: name_pieces.Join, *, turned: bool = True) -> _Joined:
        """Return the pieces of one kind, of the names as they are written alone unless they are `turned` too."""
        chosen = slice(None) if turned else self._natural
        values, halves = self._values[chosen], self._halves[chosen]
        left, lefts, of_front = _listed([getattr(one, join.front) for one in self._fronts])
        right, rights, of_back = _listed([getattr(one, join.back) for one in self._backs])
        reading, one = members(of_front, halves[:, 0])
        which, other = members(of_back, halves[reading, 1])
        rows, text = distinct(left[one[which]], right[other])
        pairs = zip(rows[0].tolist(), rows[1].tolist(), strict=True)
        return _Joined(values[reading[which]], text, [join.text(lefts[i], rights[j]) for i, j in pairs])


def with_titles(
    pieces: NDArray[np.int64], titles: NDArray[np.int64], texts: Sequence[str], values: Sequence[Any]
) -> Pieces:
    """Return pieces with job titles behind them, for pairs of a piece and a value of titles; `code` is the pair's."""
    return _pieces(
        [f"{texts[piece]}{title_key(title)}" for title in values[value]]
        for piece, value in zip(pieces.tolist(), titles.tolist(), strict=True)
    )


def of_organisations(records: Collection) -> tuple[Pieces, Pieces]:
    """Return the keys and the second facts of the organisations among the records, by their places."""
    places = np.flatnonzero(~records.people).astype(np.int32)
    firms = [records[place] for place in places.tolist()]
    flat, kinds, sizes = _listed([*blocking.kinds_of(one)] for one in firms)
    keys = _told(flat, [key for key, _ in kinds], [kind for _, kind in kinds], sizes)
    seconds = _pieces(map(blocking.seconds, firms))
    return keys._replace(code=places[keys.code]), seconds._replace(code=places[seconds.code])
