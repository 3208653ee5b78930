"""Many records in little memory: every distinct value is parsed and kept once, a record is a row of numbers."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from crawler.items import MentionType
from pipelines.resolution import preparation, rows
from pipelines.resolution.distinct import Codebook
from pipelines.resolution.name_parts import NameParts
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.record import Record
from pipelines.resolution.two_cores import without_collector

Ints = NDArray[np.int32]
T = TypeVar("T")
#: The properties that a record is compared by, in the order of `Prepared`.
PROPERTIES = ("names", "organisations", "titles", "mailboxes", "telephones", "addresses", "profiles")
_KINDS = (MentionType.PERSON, MentionType.ORGANISATION)


#: Rows that are taken at a time, column by column.
_ROWS = 4096
#: What a record says of a property: its texts, or one text alone.
Said = tuple[str, ...] | str


class Column:
    """One property: `values` are the distinct tuples of parsed values (the empty one first), `codes` say which."""

    def __init__(self, parse: Callable[[Sequence[str]], tuple[Any, ...]]) -> None:
        self._parse = parse
        self._said = Codebook()
        self._written = array("i")
        self.values: list[tuple[Any, ...]] = [()]
        self.codes: Ints = np.empty(0, dtype=np.int32)

    def add(self, said: Iterable[Said]) -> None:
        """Append what records say; their values are not there before `settle`."""
        self._written.extend(map(self._said.__getitem__, said))

    def settle(self) -> None:
        """Parse everything distinct that was said, once."""
        parsed = [self._parse(rows.texts_of(said) if type(said) is str else said) for said in self._said]
        self._take(parsed, np.frombuffer(self._written, dtype=np.int32) if self._written else self.codes)
        self._said, self._written = Codebook(), array("i")

    def put(self, parsed: Sequence[tuple[Any, ...]]) -> None:
        """Take the parsed values of all records."""
        self._take(parsed, np.arange(len(parsed), dtype=np.int32))

    def _take(self, parsed: Sequence[tuple[Any, ...]], places: Ints) -> None:
        known = Codebook({(): 0})
        codes = np.array([known[value] for value in parsed], dtype=np.int32)
        self.values, self.codes = list(known), codes[places] if len(codes) else self.codes

    def at(self, place: int) -> tuple[Any, ...]:
        """Return the values of one record."""
        found: tuple[Any, ...] = self.values[self.codes[place]]
        return found

    def chosen(self, places: NDArray[np.int64]) -> Column:
        """Return the column of some records in the order given; it takes no more."""
        made = Column(self._parse)
        made.values, made.codes = self.values, self.codes[places]
        return made


class Collection(Sequence[Prepared]):
    """Prepared records by their place; `columns` holds their values by property, `names` is the names taken apart."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.ids: list[str] = []
        self.kinds = array("b")
        self.columns = {name: Column(getattr(preparation, _PARSERS.get(name, name))) for name in PROPERTIES}
        self._pages = Column(tuple)
        self._fill(records, _said)

    @classmethod
    def of_rows(cls, listed: Iterable[tuple[str, Mapping[str, Any]]]) -> Collection:
        """Return the records of rows behind their ids, each as `rows.record_of` makes it."""
        made = cls()
        made._fill(listed, _said_by_row)
        return made

    @classmethod
    def of(cls, prepared: Iterable[Prepared]) -> Collection:
        """Return a collection of records that are prepared already."""
        made, listed = cls(), list(prepared)
        made.ids = [one.id for one in listed]
        made.kinds = array("b", [_KINDS.index(one.type) for one in listed])
        made._pages.put([(one.page,) if one.page else () for one in listed])
        for name, column in made.columns.items():
            column.put([getattr(one, name) for one in listed])
        made.names = NameParts(made.columns["names"].values)
        return made

    def _fill(self, listed: Iterable[T], said: Callable[[T], tuple[Any, ...]]) -> None:
        """Take records in, of which `said` tells the id, the kind, and what they say of each column."""
        columns = (*self.columns.values(), self._pages)
        with without_collector():
            told = map(said, listed)
            while some := list(islice(told, _ROWS)):
                ids, kinds, *texts = zip(*some, strict=True)
                self.ids.extend(ids)
                self.kinds.extend(kinds)
                for column, each in zip(columns, texts, strict=True):
                    column.add(each)
            for column in columns:
                column.settle()
        self.names = NameParts(self.columns["names"].values)

    @property
    def pages(self) -> Ints:
        """A number for the page of each record, 0 for none."""
        return self._pages.codes

    @property
    def people(self) -> NDArray[np.bool_]:
        """Which records are people."""
        return np.frombuffer(self.kinds, dtype=np.int8) == 0 if self.kinds else np.empty(0, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> Prepared: ...
    @overload
    def __getitem__(self, place: slice) -> list[Prepared]: ...
    def __getitem__(self, place: int | slice) -> Prepared | list[Prepared]:
        if isinstance(place, slice):
            return [self._at(n) for n in range(*place.indices(len(self)))]
        return self._at(place)

    def __iter__(self) -> Iterator[Prepared]:
        return map(self._at, range(len(self)))

    def _at(self, place: int) -> Prepared:
        names, firms, titles, boxes, numbers, places, pages = (column.at(place) for column in self.columns.values())
        page = self._pages.at(place)
        return Prepared(
            self.ids[place], _KINDS[self.kinds[place]], names, firms, titles, boxes, numbers, places, pages,
            page=page[0] if page else "",
        )  # fmt: skip

    def in_order(self) -> Collection:
        """Return the same records in the order of their ids, the values shared; itself when they are in order."""
        order = sorted(range(len(self)), key=self.ids.__getitem__)
        return self.chosen(np.array(order, dtype=np.int64))

    def chosen(self, places: NDArray[np.int64]) -> Collection:
        """Return the records of some places in the order given, the values shared."""
        if np.array_equal(places, np.arange(len(self))):
            return self
        made = Collection()
        made.ids = [self.ids[place] for place in places.tolist()]
        made.kinds = array("b", np.frombuffer(self.kinds, dtype=np.int8)[places].tobytes())
        made.columns = {name: column.chosen(places) for name, column in self.columns.items()}
        made._pages = self._pages.chosen(places)
        made.names = self.names
        return made


def _said(record: Record) -> tuple[Any, ...]:
    person = record.type is MentionType.PERSON
    return (
        record.id,
        0 if person else 1,
        record.names if person else (),
        record.organisations if person else (*record.names, *record.organisations),
        record.job_titles,
        record.emails,
        record.telephones,
        record.addresses,
        preparation.profile_texts(record),
        (record.page,) if record.page else (),
    )


def _said_by_row(listed: tuple[str, Mapping[str, Any]]) -> tuple[Any, ...]:
    identity, row = listed
    plain = rows.plain_values(row)
    return _said(rows.record_of(row, identity)) if plain is None else (identity, 0, *plain, ())


_PARSERS = {"names": "person_names", "organisations": "firms"}
