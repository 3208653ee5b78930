"""The pieces of the blocking keys of a collection as numbers, worked out once per distinct value, on two cores."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from string import ascii_lowercase
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import blocking
from pipelines.resolution.collection import Collection
from pipelines.resolution.contacts import title_key
from pipelines.resolution.distinct import Codebook
from pipelines.resolution.names import PersonName
from pipelines.resolution.two_cores import in_two


class Pieces(NamedTuple):
    """Pieces in three columns: whose they are (a value's code, or a record's place), their kind, their number."""

    code: NDArray[np.int32]
    kind: NDArray[np.uint8]
    number: NDArray[np.uint64]

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the columns by name."""
        return self._asdict()


class _Growing:
    """Pieces as they come."""

    def __init__(self) -> None:
        self.codes, self.sizes, self.kinds, self.number = array("i"), array("i"), array("B"), array("Q")

    def add(self, code: int, texts: Sequence[str]) -> None:
        """Take texts in; a piece's kind is its first letter."""
        self.codes.append(code)
        self.sizes.append(len(texts))
        self.kinds.extend([_KINDS[text[0]] for text in texts])
        self.number.extend(map(blocking.number, texts))

    def add_kinds(self, code: int, keys: Iterable[tuple[str, str]]) -> None:
        """Take whole keys in with their kinds."""
        for text, kind in keys:
            self.add(code, (text,))
            self.kinds[-1] = ord(kind)

    def done(self) -> Pieces:
        """Return them."""
        codes = np.repeat(np.array(self.codes, dtype=np.int32), np.array(self.sizes, dtype=np.int32))
        return Pieces(codes, np.array(self.kinds, dtype=np.uint8), np.array(self.number, dtype=np.uint64))


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


def of_names(values: Sequence[tuple[PersonName, ...]]) -> NamePieces:
    """Return the pieces of the distinct values of names."""
    halves = in_two(_of_some_names, values)
    starts = (0, len(values) // 2)[: len(halves)]
    tables = {
        table: Pieces(
            np.concatenate([half[0][table].code + np.int32(start) for half, start in zip(halves, starts, strict=True)]),
            np.concatenate([half[0][table].kind for half in halves]),
            np.concatenate([half[0][table].number for half in halves]),
        )
        for table in NAMES
    }
    texts = Codebook()
    codes = [code + start for half, start in zip(halves, starts, strict=True) for code, _ in half[1]]
    pieces = [texts[text] for half in halves for _, text in half[1]]
    return NamePieces(
        tables, {"code": np.array(codes, dtype=np.int32), "piece": np.array(pieces, dtype=np.int32)}, list(texts)
    )


def _of_some_names(
    values: Sequence[tuple[PersonName, ...]],
) -> tuple[dict[str, Pieces], list[tuple[int, str]]]:
    found = {table: _Growing() for table in NAMES}
    titled: list[tuple[int, str]] = []
    for code, value in enumerate(values):
        if value:
            pieces = blocking.name_pieces(value)
            found["pieces"].add(code, pieces.whole + pieces.anywhere + pieces.direct)
            found["marked"].add(code, pieces.marked)
            found["seconds"].add(code, blocking.name_seconds(value))
            titled += [(code, text) for text in pieces.titled]
    return {table: made.done() for table, made in found.items()}, titled


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
