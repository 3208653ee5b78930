"""The pieces of the blocking keys of a collection as numbers, worked out once per distinct value.

Those of names are worked out once per distinct half of a name, and the halves put together by their numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Some
from string import ascii_lowercase
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import blocking, name_pieces
from pipelines.resolution.collection import Collection
from pipelines.resolution.contacts import title_key
from pipelines.resolution.distinct import Codebook, distinct, members
from pipelines.resolution.name_parts import NameParts


class Pieces(NamedTuple):
    """Pieces in three columns: whose they are (a value's code, or a record's place), their kind, their number."""

    code: NDArray[np.int32]
    kind: NDArray[np.uint8]
    number: NDArray[np.uint64]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the columns by name."""
        return self._asdict()


class _Growing:
    """Pieces as they come; every distinct text is hashed once."""

    def __init__(self) -> None:
        self.codes, self.sizes, self.kinds, self.texts = array("i"), array("i"), array("B"), array("i")
        self.numbers = Codebook()

    def add(self, code: int, texts: Sequence[str]) -> None:
        """Take texts in; a piece's kind is its first letter."""
        self.codes.append(code)
        self.sizes.append(len(texts))
        for text in texts:
            self.kinds.append(_KINDS[text[0]])
            self.texts.append(self.numbers[text])

    def add_kinds(self, code: int, keys: Iterable[tuple[str, str]]) -> None:
        """Take whole keys in with their kinds."""
        for text, kind in keys:
            self.add(code, (text,))
            self.kinds[-1] = ord(kind)

    def done(self) -> Pieces:
        """Return them."""
        codes = np.repeat(np.array(self.codes, dtype=np.int32), np.array(self.sizes, dtype=np.int32))
        texts = np.array(self.texts, dtype=np.int64)
        return Pieces(codes, np.array(self.kinds, dtype=np.uint8), _hashed(self.numbers)[texts])


def _hashed(texts: Some[str]) -> NDArray[np.uint64]:
    return np.fromiter(map(blocking.number, texts), dtype=np.uint64, count=len(texts))


_KINDS = {letter: ord(letter) for letter in ascii_lowercase}


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
#: The tables of what names give: keys by themselves and pieces that are joined, told apart by kind; pieces that are
#: joined with employers and mail domains alone; second facts.
NAMES = ("pieces", "marked", "seconds")


def of_values(values: Sequence[Any], pieces: Callable[[Any], Sequence[str]]) -> Pieces:
    """Return the pieces of the distinct values of a property."""
    found = _Growing()
    for code, value in enumerate(values):
        found.add(code, pieces(value))
    return found.done()


class NamePieces(NamedTuple):
    """The pieces of names by table, and those that a job title is put behind: whose, and which of `texts`."""

    tables: dict[str, Pieces]
    titled: dict[str, NDArray[np.int32]]
    texts: list[str]


def of_names(names: NameParts) -> NamePieces:
    """Return the pieces of the distinct values of names."""
    read = _Readings(names)
    made = {table: [read.joined(join) for join in joins] for table, joins in name_pieces.JOINS.items()}
    (direct,) = made["direct"]
    titled = {"code": direct.code, "piece": direct.text.astype(np.int32)}
    tables = {
        "pieces": [*made["whole"], *made["anywhere"], direct],
        "marked": made["marked"],
        "seconds": [read.joined(join, turned=False) for join in name_pieces.SECONDS],
    }
    return NamePieces({table: _together(joined) for table, joined in tables.items()}, titled, direct.texts)


class _Joined(NamedTuple):
    """The pieces of one kind: whose they are, and which of `texts`."""

    code: NDArray[np.int32]
    text: NDArray[np.int64]
    texts: list[str]


def _together(kinds: Iterable[_Joined]) -> Pieces:
    """Return pieces of several kinds, a kind of which is the first letter of its texts."""
    made = [
        Pieces(
            one.code,
            np.full(len(one.code), ord(one.texts[0][0]) if one.texts else 0, dtype=np.uint8),
            _hashed(one.texts)[one.text],
        )
        for one in kinds
    ]
    return Pieces(*map(np.concatenate, zip(*made, strict=True)))


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


def _listed(lists: Sequence[Sequence[str]]) -> tuple[NDArray[np.int64], list[str], NDArray[np.int64]]:
    """Return the texts of many lists as numbers, the distinct texts, and the length of each list."""
    texts: Codebook = Codebook()
    flat = np.array([texts[text] for listed in lists for text in listed], dtype=np.int64)
    return flat, list(texts), np.array([len(listed) for listed in lists], dtype=np.int64)


def with_titles(
    pieces: NDArray[np.int32], titles: NDArray[np.int32], texts: Sequence[str], values: Sequence[Any]
) -> dict[str, NDArray[Any]]:
    """Return the numbers of pieces with a job title behind them, for pairs of a piece and a value of titles."""
    rows = [
        (piece, code, blocking.number(f"{texts[piece]}{title_key(title)}"))
        for piece, code in zip(pieces.tolist(), titles.tolist(), strict=True)
        for title in values[code]
    ]
    return {
        "piece": np.array([row[0] for row in rows], dtype=np.int32),
        "titles": np.array([row[1] for row in rows], dtype=np.int32),
        "number": np.array([row[2] for row in rows], dtype=np.uint64),
    }


def of_organisations(records: Collection) -> tuple[Pieces, Pieces]:
    """Return the keys and the second facts of the organisations among the records, by their places."""
    keys, seconds = _Growing(), _Growing()
    for place in np.flatnonzero(~records.people).tolist():
        one = records[place]
        keys.add_kinds(place, blocking.kinds_of(one))
        seconds.add(place, blocking.seconds(one))
    return keys.done(), seconds.done()
