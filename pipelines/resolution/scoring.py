"""The bits of many pairs at once: every piece of evidence is worked out once per distinct pair of values.

What a pair says is decided in `evidence`; here is only the gathering. A pair's score is the same, to the last decimal,
as the one that `comparison.score` gives it alone.
"""

from __future__ import annotations

import multiprocessing
import sys
import warnings
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crawler.items import MentionType
from pipelines.resolution import engine, evidence, workplace
from pipelines.resolution.collection import Collection, Ints
from pipelines.resolution.comparison import PLACES, VETO_BITS
from pipelines.resolution.contact_levels import mailbox_level, profile_level, title_level, title_rarity
from pipelines.resolution.evidence import Levels, View
from pipelines.resolution.preparation import hints
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weights import WEIGHTS, Weights

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
#: Every level of any property, so that a level fits a byte.
_LEVELS = (
    "unknown", "same", "affiliated", "similar", "related", "different", "implied", "other-implied", "extension",
    "direct", "few", "shared", "other-extension", "own", "near", "generic", "spelling", "same-local", "other", "domain",
    "elsewhere", "akin",
)  # fmt: skip
_CODE = {level: code for code, level in enumerate(_LEVELS)}


def distinct(*columns: NDArray[Any]) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """Return the distinct rows of some columns of numbers from 0 up, and which of them each row is."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    sizes = [int(column.max()) + 1 if len(column) else 1 for column in columns]
    for column, size in zip(columns, sizes, strict=True):
        combined = combined * size + column
    unique, inverse = np.unique(combined, return_inverse=True)
    rows: list[NDArray[np.int64]] = []
    for size in reversed(sizes):
        rows.append(unique % size)
        unique = unique // size
    return rows[::-1], inverse


def unordered(a: Ints, b: Ints) -> tuple[list[NDArray[np.int64]], NDArray[np.int64]]:
    """Return the distinct unordered pairs of codes, the smaller first, and which of them each row is."""
    return distinct(np.minimum(a, b), np.maximum(a, b))


class _Case(NamedTuple):
    """What two sets of names say once mailboxes have spelled out what they can."""

    bits: float
    rarity: float
    forbidden: bool
    named: int  # at how many employers the full name is found, 0 where that says nothing
    initial: bool  # whether it matters who else has this initial


class Scorer:
    """Scores pairs of people of one collection under frozen statistics."""

    def __init__(self, records: Collection, statistics: Statistics, weights: Weights = WEIGHTS) -> None:
        self._records = records
        self._statistics = statistics
        self._weights = weights
        self._firms, self._firm_codes = self._employers()

    def bits(self, a: Places, b: Places) -> Floats:
        """Return the bits of the pairs of places `a` and `b`, all of them people; `VETO_BITS` or less under a veto."""
        kinds, names, rarity, forbidden = self._names(a, b)
        levels = [
            self._organisations(a, b),
            self._levels("telephones", workplace.telephone_level, a, b),
            self._levels("addresses", workplace.address_level, a, b),
            self._levels("mailboxes", mailbox_level, a, b),
            self._levels("profiles", profile_level, a, b),
            self._levels("titles", title_level, a, b),
        ]
        rows, which = distinct(kinds, *levels)
        found = [
            evidence.joint(_KINDS[row[0]], Levels(*(_LEVELS[code] for code in row[1:])))
            for row in np.stack(rows, axis=1).tolist()
        ]
        rules = self._weights.rules
        total = self._weights.prior[MentionType.PERSON.value] + names
        total += np.array([self._weights.bits(one.findings) for one in found])[which]
        total += np.array([rules.get(one.name_rarity, 0.0) for one in found])[which] * rarity
        total += self._titles(a, b, levels[5]) * rules.get("title.rarity", 0.0)
        forbidden |= levels[4] == _CODE["other"]
        pages = self._records.pages
        forbidden |= (pages[a] == pages[b]) & (pages[a] > 0)
        total = np.round(total, PLACES)
        return np.where(forbidden, np.minimum(total, VETO_BITS), total)

    def _column(self, name: str, places: Places) -> Ints:
        return self._records.columns[name].codes[places]

    def _levels(
        self, name: str, level: Callable[[Any, Any, Statistics], str], a: Places, b: Places
    ) -> NDArray[np.uint8]:
        """Return the level codes of a property, worked out once per distinct pair of values; 0 if a side has none."""
        one, other = self._column(name, a), self._column(name, b)
        both = np.flatnonzero((one > 0) & (other > 0))
        rows, which = unordered(one[both], other[both])
        values = self._records.columns[name].values
        codes = [
            _CODE[level(values[i], values[j], self._statistics)]
            for i, j in zip(rows[0].tolist(), rows[1].tolist(), strict=True)
        ]
        found = np.zeros(len(a), dtype=np.uint8)
        found[both] = np.array(codes, dtype=np.uint8)[which]
        return found

    def _titles(self, a: Places, b: Places, levels: NDArray[np.uint8]) -> Floats:
        found = np.zeros(len(a), dtype=np.float64)
        same = np.flatnonzero(levels == _CODE["same"])
        rows, which = unordered(self._column("titles", a[same]), self._column("titles", b[same]))
        values = self._records.columns["titles"].values
        pairs = zip(rows[0].tolist(), rows[1].tolist(), strict=True)
        found[same] = np.array([title_rarity(values[i], values[j], self._statistics) for i, j in pairs])[which]
        return found

    def _employers(self) -> tuple[list[tuple[str, ...]], NDArray[np.int32]]:
        """Return the distinct employers (canonical keys) and which of them stand behind each record."""
        known: dict[tuple[str, ...], int] = {(): 0}
        named = [self._statistics.canonical_of(firms) for firms in self._records.columns["organisations"].values]
        by_name = np.array([known.setdefault(keys, len(known)) for keys in named], dtype=np.int32)
        codes = by_name[self._records.columns["organisations"].codes]
        for place in np.flatnonzero(self._records.columns["organisations"].codes == 0).tolist():
            codes[place] = known.setdefault(self._statistics.firms_of(self._records[place]), len(known))
        return list(known), codes

    def _organisations(self, a: Places, b: Places) -> NDArray[np.uint8]:
        """Return the levels of the employers, implied ones where a side names none."""
        found = self._levels("organisations", workplace.firms_level, a, b)
        bare = np.flatnonzero((self._column("organisations", a) == 0) | (self._column("organisations", b) == 0))
        one, other = a[bare], b[bare]
        rows, which = unordered(self._firm_codes[one], self._firm_codes[other])
        pairs = zip(rows[0].tolist(), rows[1].tolist(), strict=True)
        codes = [_CODE[workplace.implied_level(self._firms[i], self._firms[j], self._statistics)] for i, j in pairs]
        levels = np.array(codes, dtype=np.uint8)[which]
        levels[self._spelled(one, other) | self._spelled(other, one)] = _CODE["implied"]
        found[bare] = levels
        return found

    def _spelled(self, a: Places, b: Places) -> NDArray[np.bool_]:
        rows, which = distinct(self._column("mailboxes", a), self._column("organisations", b))
        boxes, firms = self._records.columns["mailboxes"].values, self._records.columns["organisations"].values
        pairs = zip(rows[0].tolist(), rows[1].tolist(), strict=True)
        return np.array([workplace.spelled(boxes[i], firms[j]) for i, j in pairs], dtype=np.bool_)[which]

    def _names(self, a: Places, b: Places) -> tuple[NDArray[np.uint8], Floats, Floats, NDArray[np.bool_]]:
        """Return per pair the kind of its name agreement, the bits of the names, their rarity, whether they veto."""
        rows, which = unordered(self._column("names", a), self._column("names", b))
        values = self._records.columns["names"].values
        views = [
            evidence.best_names(values[i], values[j]) for i, j in zip(rows[0].tolist(), rows[1].tolist(), strict=True)
        ]
        kinds = np.array([_KINDS.index(evidence.kind_of(view)) for view in views], dtype=np.uint8)[which]
        spelled, spellings = self._spellings(views, which, a, b)
        case_rows, case_of = distinct(which, spelled)
        cases = [
            self._case(views[i], spellings[j])
            for i, j in zip(case_rows[0].tolist(), case_rows[1].tolist(), strict=True)
        ]
        bits = np.array([case.bits for case in cases])[case_of]
        bits += self._bearers(cases, [views[i] for i in case_rows[0].tolist()], case_of, a, b)
        rarity = np.array([case.rarity for case in cases])[case_of]
        return kinds, bits, rarity, np.array([case.forbidden for case in cases], dtype=np.bool_)[case_of]

    def _spellings(
        self, views: Sequence[View | None], which: NDArray[np.int64], a: Places, b: Places
    ) -> tuple[NDArray[np.int64], list[tuple[str, str]]]:
        """Return per pair the levels of given name and surname that mailboxes and profiles leave; 0 for the plain ones.

        Only where a name asks for it and a side has a mailbox or profile is there anything to look up.
        """
        unsure = {"different", "similar"}
        initial = np.array([view is not None and view.agreement.given == "initial" for view in views], dtype=np.bool_)
        strange = np.array([view is not None and view.agreement.surname in unsure for view in views], dtype=np.bool_)
        columns = self._records.columns
        written = (columns["mailboxes"].codes > 0) | (columns["profiles"].codes > 0)
        hinted = self._hinted(np.flatnonzero(written))
        asks = initial[which] & (hinted[a] | hinted[b])
        strangers = np.flatnonzero(strange[which] & (written[a] | written[b]) & ~asks)
        asks[strangers] = self._spelled_somewhere(a[strangers], b[strangers])
        codes = np.zeros(len(a), dtype=np.int64)
        known: dict[tuple[str, str], int] = {("", ""): 0}
        for n in np.flatnonzero(asks).tolist():
            one, other = self._records[int(a[n])], self._records[int(b[n])]
            view = evidence.best_names(one.names, other.names)
            if view:
                found = evidence.spelled_out(one, other, view)
                if found != (view.agreement.given, view.agreement.surname):
                    codes[n] = known.setdefault(found, len(known))
        return codes, list(known)

    def _spelled_somewhere(self, a: Places, b: Places) -> NDArray[np.bool_]:
        """Return for which pairs a surname of one stands in a mailbox or profile of the other, whichever name it is."""
        columns = [self._records.columns[name] for name in ("names", "mailboxes", "profiles")]
        names, boxes, pages = (column.values for column in columns)
        codes = [column.codes for column in columns]
        found = np.zeros(len(a), dtype=np.bool_)
        for one, other in ((a, b), (b, a)):
            rows, which = distinct(codes[1][one], codes[2][one], codes[0][other])
            listed = np.stack(rows, axis=1).tolist()
            spelled = [any(evidence.spells(boxes[i], pages[j], name) for name in names[k]) for i, j, k in listed]
            found |= np.array(spelled, dtype=np.bool_)[which]
        return found

    def _hinted(self, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which records have a mailbox or profile that spells a given name out; only these are looked at."""
        columns = [self._records.columns[name] for name in ("names", "mailboxes", "profiles")]
        rows, which = distinct(*(column.codes[places] for column in columns))
        names, boxes, pages = (column.values for column in columns)
        found = np.zeros(len(self._records), dtype=np.bool_)
        spelled = [bool(hints(names[i], boxes[j], pages[k])) for i, j, k in np.stack(rows, axis=1).tolist()]
        found[places] = np.array(spelled, dtype=np.bool_)[which]
        return found

    def _case(self, view: View | None, spelling: tuple[str, str]) -> _Case:
        if view is None:
            return _Case(0.0, 0.0, forbidden=False, named=0, initial=False)
        given, surname = spelling if spelling[0] else (view.agreement.given, view.agreement.surname)
        findings = evidence.name_findings(view, given, surname, self._statistics)
        depends = evidence.depends_on_firms(given, surname)
        named = evidence.namesakes(view, self._statistics) if depends and evidence.is_named(given) else 0
        return _Case(
            self._weights.bits(findings),
            evidence.rarity_in(findings),
            forbidden=any(rule == "generation.conflict" for rule, _ in findings),
            named=named,
            initial=depends and not evidence.is_named(given),
        )

    def _bearers(
        self, cases: Sequence[_Case], views: Sequence[View | None], case_of: NDArray[np.int64], a: Places, b: Places
    ) -> Floats:
        """Return the bits of how many others bear the names, which depends on the employers as well."""
        found = np.zeros(len(a), dtype=np.float64)
        asks = np.array([case.initial or case.named > 1 for case in cases], dtype=np.bool_)[case_of]
        chosen = np.flatnonzero(asks)
        one, other = self._firm_codes[a[chosen]], self._firm_codes[b[chosen]]
        rows, which = distinct(case_of[chosen], np.minimum(one, other), np.maximum(one, other))
        groups = [self._statistics.grouped(firms) for firms in self._firms]
        bits = []
        for case, i, j in np.stack(rows, axis=1).tolist():
            view = views[case]
            assert view is not None
            given = "initial" if cases[case].initial else "same"
            bits.append(self._weights.bits(evidence.bearers(view, given, (groups[i], groups[j]), self._statistics)))
        found[chosen] = np.array(bits)[which] if bits else 0.0
        return found


_KINDS = ("missing", "other-family", "other-given", "initial", "full")


def bits_of(records: Collection, statistics: Statistics, a: Places, b: Places) -> Floats:
    """Return the bits of pairs of any type, `VETO_BITS` or less under a veto."""
    if len(a) > _SPLIT and _CAN_FORK:
        return _in_two(records, statistics, a, b)
    return _in_one(records, statistics, a, b)


def _in_one(records: Collection, statistics: Statistics, a: Places, b: Places) -> Floats:
    """Score people together, and pairs of another type one by one."""
    people = records.people
    both = people[a] & people[b]
    bits = np.empty(len(a), dtype=np.float64)
    chosen = np.flatnonzero(both)
    bits[chosen] = Scorer(records, statistics).bits(a[chosen], b[chosen])
    for n in np.flatnonzero(~both).tolist():
        bits[n] = engine.bits_of(records[int(a[n])], records[int(b[n])], statistics)
    return bits


#: With fewer pairs a second process costs more than it saves.
_SPLIT = 200_000
#: A forked process shares the collection's memory; anywhere else it would have to be sent over.
_CAN_FORK = sys.platform == "linux"


def _in_two(records: Collection, statistics: Statistics, a: Places, b: Places) -> Floats:
    """Score the second half of the pairs in a process of its own; the same bits, on two cores."""
    half = len(a) // 2
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, records, statistics, a[half:], b[half:]), daemon=True)
    with warnings.catch_warnings():
        # The idle threads of NumPy's linear algebra, which the child never uses, make Python 3.12 warn.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sender.close()
    first = _in_one(records, statistics, a[:half], b[:half])
    try:
        second = np.frombuffer(receiver.recv_bytes(), dtype=np.float64)
    except EOFError:  # the child was killed, for want of memory most likely
        second = _in_one(records, statistics, a[half:], b[half:])
    process.join()
    return np.concatenate([first, second])


def _send(sender: Connection, records: Collection, statistics: Statistics, a: Places, b: Places) -> None:
    sender.send_bytes(_in_one(records, statistics, a, b).tobytes())
