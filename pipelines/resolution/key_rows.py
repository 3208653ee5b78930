"""The blocking keys of the records of a collection as numbers, put together from the pieces of their values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import key_pieces
from pipelines.resolution.collection import Collection
from pipelines.resolution.distinct import distinct, members
from pipelines.resolution.key_pieces import Pieces


class Rows(NamedTuple):
    """Keys, pieces or second facts of records: a record's place, the kind (a letter's code), the number."""

    place: NDArray[np.int32]
    kind: NDArray[np.uint8]
    number: NDArray[np.uint64]

    @classmethod
    def joined(cls, listed: Iterable[Rows]) -> Rows:
        """Return many as one."""
        return cls(*map(np.concatenate, zip(*listed, strict=True)))

    def of_kinds(self, kinds: str) -> Rows:
        """Return the rows of some kinds."""
        chosen = np.isin(self.kind, [ord(kind) for kind in kinds])
        return Rows(self.place[chosen], self.kind[chosen], self.number[chosen])


class _Spots:
    """What records say of their workplaces, by their places."""

    def __init__(self, rows: Rows, records: int) -> None:
        order = np.argsort(rows.place, kind="stable")
        self._kind, self._number = rows.kind[order], rows.number[order]
        self._sizes = np.bincount(rows.place, minlength=records)

    def joined(self, pieces: Rows) -> Rows:
        """Return every piece of a record with every spot of it, as `blocking.digest` joins them, of the spot's kind."""
        which, spot = members(self._sizes, pieces.place)
        return Rows(pieces.place[which], self._kind[spot], pieces.number[which] ^ self._number[spot])


def of(records: Collection) -> tuple[Rows, Rows]:
    """Return the keys of all records, some of them twice, and the second facts that split crowded ones."""
    read = _Reader(records)
    values = {(table, prop): read.rows(prop, found) for table, prop, found in _of_values(records)}
    names = key_pieces.of_names(records.names)
    pieces = {table: [read.rows("names", one) for one in listed] for table, listed in names.tables.items()}
    keys, seconds = map(_of_places, key_pieces.of_organisations(records))
    spots = Rows.joined(rows for (table, _), rows in values.items() if table == "spots")
    anywhere = _Spots(spots, len(records))
    numbered, named = (_Spots(spots.of_kinds(kinds), len(records)) for kinds in ("ta", "do"))
    found = [
        keys,
        *(rows for (table, _), rows in values.items() if table == "own"),
        *pieces["whole"],
        *map(anywhere.joined, pieces["anywhere"]),
        *map(numbered.joined, pieces["direct"]),
        *map(named.joined, pieces["marked"]),
        named.joined(read.titled(names)),
    ]
    seconds_of = [*(rows for (table, _), rows in values.items() if table == "seconds"), *pieces["seconds"]]
    seconds_of += [values["spots", "organisations"], values["spots", "telephones"], seconds]
    return Rows.joined(found), Rows.joined(seconds_of)


def _of_values(records: Collection) -> Iterable[tuple[str, str, Pieces]]:
    for table, prop, pieces in key_pieces.TABLES:
        yield table, prop, key_pieces.of_values(records.columns[prop].values, pieces)


def _of_places(pieces: Pieces) -> Rows:
    return Rows(*pieces)


class _Reader:
    """Hands the pieces of values to the people that have the values."""

    def __init__(self, records: Collection) -> None:
        self._columns = records.columns
        self._people = np.flatnonzero(records.people)
        self._places = self._people.astype(np.int32)

    def rows(self, prop: str, pieces: Pieces) -> Rows:
        """Return the pieces of everybody's values of a property; they lie in the order of the values' codes."""
        column = self._columns[prop]
        sizes = np.bincount(pieces.code, minlength=len(column.values))
        which, piece = members(sizes, column.codes[self._people])
        return Rows(self._places[which], pieces.kind[piece], pieces.number[piece])

    def titled(self, names: key_pieces.NamePieces) -> Rows:
        """Return everybody's pieces of names with each of their job titles behind."""
        (direct,) = names.tables["direct"]
        sizes = np.bincount(direct.code, minlength=len(self._columns["names"].values))
        which, piece = members(sizes, self._columns["names"].codes[self._people])
        titles = self._columns["titles"]
        held = titles.codes[self._people[which]]
        some = np.flatnonzero(held)
        rows, combined = distinct(names.direct[piece[some]], held[some])
        texts = key_pieces.with_titles(rows[0], rows[1], names.texts, titles.values)
        row, text = members(np.bincount(texts.code, minlength=len(rows[0])), combined)
        return Rows(self._places[which[some[row]]], texts.kind[text], texts.number[text])
