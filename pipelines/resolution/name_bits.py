"""What the names of many pairs say, in bits: `evidence.name_findings`, `bearers` and `spelled_out`, with NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import evidence
from pipelines.resolution.collection import Collection
from pipelines.resolution.distinct import Codebook, Codes, Places, distinct
from pipelines.resolution.evidence import KINDS
from pipelines.resolution.many_contacts import Bools
from pipelines.resolution.many_names import CODE, LEVELS, MIDDLES, Agreements, Names
from pipelines.resolution.many_workplaces import Workplaces
from pipelines.resolution.preparation import hints
from pipelines.resolution.shared_words import Floats
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weights import Weights

_NAMED = np.array([evidence.is_named(level) for level in LEVELS])
_FITS = np.array([level in evidence.FITTING for level in LEVELS])
_INITIALS = np.array([level in evidence.INITIALS for level in LEVELS])
_STRANGE = np.array([level in {"different", "similar"} for level in LEVELS])
_KIND = np.array(
    [[KINDS.index(evidence.kind_of_levels(given, surname)) for surname in LEVELS] for given in LEVELS], dtype=np.uint8
)
_MISSING = KINDS.index("missing")


class Said(NamedTuple):
    """Per pair the kind of its name agreement, the bits of the names, their rarity, and whether they forbid a merge."""

    kinds: Codes
    bits: Floats
    rarity: Floats
    forbidden: Bools


class NameBits:
    """Weighs the names of pairs of one collection."""

    def __init__(self, records: Collection, statistics: Statistics, workplaces: Workplaces, weights: Weights) -> None:
        self._records, self._statistics, self._workplaces = records, statistics, workplaces
        self._weights = weights
        columns = records.columns
        self._codes = columns["names"].codes
        parts = records.names
        self.names = Names(parts)
        people = self.names.people
        generations = Codebook({"": 0})
        self._generation = np.array([generations[name.generation] for name in people], dtype=np.int64)
        rarities = np.array([statistics.rarity_of_family(family) for family in parts.families], dtype=np.float64)
        self._rarity = np.append(rarities[parts.family], statistics.rarity_of_family(""))
        self._rarest_initial, self._rarest = (statistics.rarest(initial=initial) for initial in (True, False))
        givens = [statistics.rarity_of_given(given) if len(given) > 1 else 0.0 for given in parts.givens]
        self._given_rarity = np.append(np.array(givens, dtype=np.float64)[parts.given], 0.0)
        known = statistics.namesakes, statistics.initials
        self._namesakes = np.array([known[0].get(f"{one.given} {one.family}", 1) for one in people], dtype=np.int64)
        self._bearers = np.array([known[1].get(f"{one.given[:1]} {one.family}", 1) for one in people], np.int64)
        self._written = (columns["mailboxes"].codes > 0) | (columns["profiles"].codes > 0)
        self._hints = Codebook({frozenset(): 0})
        #: Which of them each record's mailboxes and profiles spell, -1 where nobody asked yet.
        self._hint_codes = np.where(self._written, -1, 0)
        self._letters = _Letters(records)

    def of(self, a: Places, b: Places) -> Said:
        """Return what the names of the pairs of places say."""
        found = self.names.agree(self._codes[a], self._codes[b])
        kinds = _KIND[found.given, found.surname]
        some = (found.one >= 0) & (found.other >= 0)
        kinds[~some] = _MISSING
        spelled = self._spelled_out(found, a, b)
        bits, rarity = self._weigh(spelled, some)
        bits += self._bits_of_bearers(spelled, a, b)
        one, other = self._generation[found.one], self._generation[found.other]
        forbidden = some & (one != other) & (one > 0) & (other > 0)
        return Said(kinds, bits, rarity, forbidden)

    def _weigh(self, found: Agreements, some: Bools) -> tuple[Floats, Floats]:
        """Return the bits of `evidence.name_findings`, and the rarity of the names."""
        rules = self._weights.rules
        given, middle, surname = (
            np.array([rules.get(f"{prop}.{level}", 0.0) for level in levels])
            for prop, levels in (("given", LEVELS), ("middle", MIDDLES), ("surname", LEVELS))
        )
        bits = given[found.given] + surname[found.surname] + middle[found.middle]
        bits[found.swapped] += rules.get("order.swapped", 0.0)
        one, other = self._generation[found.one], self._generation[found.other]
        for relation, chosen in (
            ("conflict", (one != other) & (one > 0) & (other > 0)),
            ("one", (one == 0) != (other == 0)),
            ("same", (one == other) & (one > 0)),
        ):
            bits[chosen] += rules.get(f"generation.{relation}", 0.0)
        fits = some & _FITS[found.surname]
        named = fits & _NAMED[found.given]
        family = np.where(fits, np.maximum(self._rarity[found.one], self._rarity[found.other]), 0.0)
        family = np.minimum(family, np.where(_INITIALS[found.given], self._rarest_initial, self._rarest))
        own = np.where(named, np.maximum(self._given_rarity[found.one], self._given_rarity[found.other]), 0.0)
        known = np.where(named, _roots(self._known(found) - 1), 0.0)
        bits += family * rules.get("surname.rarity", 0.0) + own * rules.get("given.rarity", 0.0)
        bits += known * rules.get("namesakes.known", 0.0)
        bits[~some] = 0.0
        return bits, family + own

    def _known(self, found: Agreements) -> Places:
        """Return at how many employers the commoner of the two full names is found."""
        return np.maximum(self._namesakes[found.one], self._namesakes[found.other])

    def _bits_of_bearers(self, found: Agreements, a: Places, b: Places) -> Floats:
        """Return the bits of `evidence.bearers`: how many others bear the names at these employers, or anywhere."""
        bits = np.zeros(len(a), dtype=np.float64)
        fits, known = _FITS[found.surname], self._known(found)
        one, other = self._workplaces.codes[a], self._workplaces.codes[b]
        rules = self._weights.rules
        initial, named = fits & _INITIALS[found.given], fits & _NAMED[found.given] & (known > 1)
        plain = initial & self._apart(one, other) & self._one_letter(found)
        bearers = np.maximum(self._bearers[found.one[plain]], self._bearers[found.other[plain]])
        bits[plain] = rules.get("initial.ambiguous", 0.0) * _roots(bearers - 1)
        counted = named & self._workplaces.few[one] & self._workplaces.few[other]
        others = known[counted] - np.maximum(1, self._employers(one[counted], other[counted]))
        bits[counted] = rules.get("namesakes.others", 0.0) * _roots(others)
        ask = np.flatnonzero((initial & ~plain) | (named & ~counted))
        one, other = one[ask], other[ask]
        rows, which = distinct(
            found.one[ask], found.other[ask], found.given[ask], np.minimum(one, other), np.maximum(one, other)
        )
        groups = self._workplaces.groups
        told = []
        for left, right, given, i, j in np.stack(rows, axis=1).tolist():
            names = self.names.people[left], self.names.people[right]
            listed = evidence.bearers(names, LEVELS[given], (groups[i], groups[j]), self._statistics)
            told.append(self._weights.bits(listed))
        bits[ask] = np.array(told, dtype=np.float64)[which]
        return bits

    def _apart(self, one: NDArray[np.int32], other: NDArray[np.int32]) -> Bools:
        """Return which pairs of employers are certain to have none in common."""
        places = self._workplaces
        strangers = places.few[one] & places.few[other] & (places.group_codes[one] != places.group_codes[other])
        found: Bools = (one == 0) | (other == 0) | strangers
        return found

    def _employers(self, one: NDArray[np.int32], other: NDArray[np.int32]) -> Places:
        """Return how many employers the sides of each pair have together, one a side at most."""
        left, right = self._workplaces.group_codes[one], self._workplaces.group_codes[other]
        found: Places = (left > 0).astype(np.int64) + ((right > 0) & (left != right))
        return found

    def _one_letter(self, found: Agreements) -> Bools:
        """Return which pairs have given names with one first letter."""
        letter = self.names.letter
        same: Bools = (letter[found.one] == letter[found.other]) & (letter[found.one] > 0)
        return same

    def _spelled_out(self, found: Agreements, a: Places, b: Places) -> Agreements:
        """Return the agreements after mailboxes and profiles have spelled out what they can."""
        given, surname = found.given.copy(), found.surname.copy()
        self._give_hints(found, given, a, b)
        written = self._written[a] | self._written[b]
        strange = np.flatnonzero(_STRANGE[found.surname] & written & (found.one >= 0) & (found.other >= 0))
        one, other = found.one[strange], found.other[strange]
        spelled = self._letters.spell(a[strange], other) | self._letters.spell(b[strange], one)
        surname[strange[spelled]] = CODE["spelled"]
        return found._replace(given=given, surname=surname)

    def _give_hints(self, found: Agreements, given: Codes, a: Places, b: Places) -> None:
        chosen = np.flatnonzero(found.given == CODE["initial"])
        one, other = found.one[chosen], found.other[chosen]
        short = self.names.length[one] == 1
        hinted = self._hinted(np.where(short, a[chosen], b[chosen]))
        asks = np.flatnonzero(hinted > 0)
        words = self.names.given
        initial = words[np.where(short, one, other)[asks]]
        full = words[np.where(short, other, one)[asks]]
        rows, which = distinct(hinted[asks], initial, full)
        spelled, listed = list(self._hints), list(self.names.words)
        told = [
            CODE[evidence.hinted_by(spelled[i], listed[j], listed[k])] for i, j, k in np.stack(rows, axis=1).tolist()
        ]
        given[chosen[asks]] = np.array(told, dtype=np.uint8)[which]

    def _hinted(self, places: Places) -> Places:
        """Return which of the hints each record has; few are asked for, so they are worked out when they are."""
        fresh = places[self._hint_codes[places] < 0]
        columns = [self._records.columns[name] for name in ("names", "mailboxes", "profiles")]
        rows, which = distinct(*(column.codes[fresh] for column in columns))
        names, boxes, pages = (column.values for column in columns)
        told = [self._hints[hints(names[i], boxes[j], pages[k])] for i, j, k in np.stack(rows, axis=1).tolist()]
        self._hint_codes[fresh] = np.array(told, dtype=np.int64)[which]
        return self._hint_codes[places]


class _Letters:
    """The letters of each record's personal mailboxes and profiles, with marks that rule most surnames out.

    A mark is a bit for four letters in a row; a surname whose first or last four are not marked is not in the letters.
    """

    def __init__(self, records: Collection) -> None:
        names = records.names
        columns = [records.columns[name] for name in ("mailboxes", "profiles")]
        self._values = [column.values for column in columns]
        self._codes = [column.codes for column in columns]
        self._people = names.people
        empty: tuple[()] = ()
        written = (evidence.letters_of(value, empty) for value in self._values[0])
        shown = (evidence.letters_of(empty, value) for value in self._values[1])
        self._marks = [_marks([" ".join(texts) for texts in listed]) for listed in (written, shown)]
        families = names.families
        ends = _marks([family[:4] for family in families]) | _marks([family[-4:] for family in families])
        self._ends = ends[names.family]
        self._long = np.array([len(family) > 3 for family in families], dtype=np.bool_)[names.family]

    def spell(self, places: Places, people: Places) -> Bools:
        """Return for which pairs the record's letters hold the surname of a name."""
        boxes, pages = (codes[places] for codes in self._codes)
        wanted = self._ends[people]
        marks = self._marks[0][boxes] | self._marks[1][pages]
        ask = np.flatnonzero(((marks & wanted) == wanted) & self._long[people])
        rows, which = distinct(boxes[ask], pages[ask], people[ask])
        told = [
            evidence.spells(self._values[0][i], self._values[1][j], self._people[k])
            for i, j, k in np.stack(rows, axis=1).tolist()
        ]
        found = np.zeros(len(places), dtype=np.bool_)
        found[ask] = np.array(told, dtype=np.bool_)[which]
        return found


def _marks(texts: Sequence[str]) -> NDArray[np.uint64]:
    """Return per text a number with one of 64 bits set for any four letters in a row."""
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    fours = np.maximum(0, sizes - 3)
    first = np.repeat(np.cumsum(sizes) - sizes - (np.cumsum(fours) - fours), fours) + np.arange(fours.sum())
    value = np.zeros(len(first), dtype=np.uint64)
    for step in range(4):
        value = value * np.uint64(31) + letters[first + step]
    bits = np.uint64(1) << ((value * np.uint64(2654435761) >> np.uint64(16)) & np.uint64(63))
    found = np.zeros(len(texts), dtype=np.uint64)
    some = np.flatnonzero(fours)
    if len(some):
        found[some] = np.bitwise_or.reduceat(bits, (np.cumsum(fours) - fours)[some])
    return found


def _roots(counts: NDArray[np.int64]) -> Floats:
    """Return `evidence.root` of many counts."""
    found: Floats = np.minimum(5.0, np.sqrt(np.maximum(0, counts)))
    return found
