"""How far many pairs of names agree at once: what `evidence.best_names` says of each, with NumPy and rapidfuzz.

Nearly every pair is of two plain names (a given name and a surname of one word each) that no other order brings
together. Those are decided here, word pair by word pair; all others are asked of `evidence.best_names`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from pipelines.resolution import agreement, evidence
from pipelines.resolution.agreement import RANK, given_level
from pipelines.resolution.collection import Ints
from pipelines.resolution.distinct import Codebook, Codes, Places, asked, distinct, unordered
from pipelines.resolution.folding import consonants, skeleton
from pipelines.resolution.name_parts import NameParts
from pipelines.resolution.names import PersonName

#: Levels of given names and surnames, so that one fits a byte; the last stands for "no name".
LEVELS = (*RANK, "hinted", "contradicted", "spelled", "")
CODE = {level: code for code, level in enumerate(LEVELS)}
MIDDLES = ("none", "one", "same", "partial", "initial", "conflict")
_MIDDLE = {level: code for code, level in enumerate(MIDDLES)}
_RANKS = np.array([RANK.get(level, 0.0) for level in LEVELS])
_SAME, _DIFFERENT, _SIMILAR, _MISSING, _INITIAL = (
    CODE[level] for level in ("same", "different", "similar", "missing", "initial")
)
_UNFIT = np.array([level in {"different", "similar", "missing"} for level in LEVELS])
Bools = NDArray[np.bool_]


class Agreements(NamedTuple):
    """Per pair the two names that agree best, as places in `Names.people` (-1 for none), and how they agree."""

    one: Places
    other: Places
    given: Codes
    middle: Codes
    surname: Codes
    swapped: Bools

    def view(self, names: Names, n: int) -> evidence.View:
        """Return one pair's agreement as the rules take it."""
        found = agreement.NameAgreement(
            LEVELS[self.given[n]], MIDDLES[self.middle[n]], LEVELS[self.surname[n]], bool(self.swapped[n])
        )
        return evidence.View(names.people[int(self.one[n])], names.people[int(self.other[n])], found)


class Names:
    """The distinct names of a collection, their words numbered.

    `people` are the names; `first` is the first name of each value of the column, or -1. `letter` numbers the first
    letter of the given name.
    """

    def __init__(self, parts: NameParts) -> None:
        self._values, self._place = parts.held, parts.place
        starts = np.cumsum(parts.sizes) - parts.sizes
        self.first = np.where(parts.sizes > 0, np.append(parts.listed, -1)[starts], -1)
        #: The last stands for a record without a name.
        self.people = people = [*parts.people, PersonName("", (), ())]
        self.words = Codebook({"": 0})
        self.given = np.append(np.array([self.words[given] for given in parts.givens], dtype=np.int64)[parts.given], 0)
        self.surname = np.array(
            [self.words[name.surname[0]] if len(name.surname) == 1 else 0 for name in people], dtype=np.int64
        )
        plain = [len(name.surname) == 1 and not name.middles and not name.nicknames for name in people]
        self._plain = (parts.sizes == 1) & np.array(plain, dtype=np.bool_)[self.first]
        lengths = np.array([min(len(given), 100) for given in parts.givens], dtype=np.int8)
        self.length = np.append(lengths[parts.given], 0)
        self._may_turn = np.array([bool(not name.fixed and name.given) for name in people], dtype=np.bool_)
        letters = Codebook({"": 0})
        self._spelled = list(self.words)
        self._letter = np.array([letters[word[:1]] for word in self._spelled], dtype=np.int64)
        self.letter = self._letter[self.given]
        self._objects = np.array(self._spelled, dtype=object)
        sounds, rests = Codebook(), Codebook({"": 0})
        #: Per word its length and numbers for its sound and its consonants.
        self._shapes = tuple(
            np.array(shape, dtype=np.int64)
            for shape in (
                list(map(len, self._spelled)),
                [sounds[skeleton(word)] for word in self._spelled],
                [rests[consonants(word)] for word in self._spelled],
            )
        )

    def agree(self, a: Ints, b: Ints) -> Agreements:
        """Return how the values with these codes agree."""
        one, other = self.first[a], self.first[b]
        given, surname = np.full(len(a), CODE[""], np.uint8), np.full(len(a), CODE[""], np.uint8)
        found = Agreements(one, other, given, np.zeros(len(a), np.uint8), surname, np.zeros(len(a), np.bool_))
        some = (one >= 0) & (other >= 0)
        plain = self._plain[a] & self._plain[b]
        chosen = np.flatnonzero(plain)
        unsure = chosen[self._decide(found, chosen)]
        self._ask(found, np.concatenate([unsure, np.flatnonzero(some & ~plain)]), a, b)
        return found

    def _decide(self, found: Agreements, chosen: Places) -> Bools:
        """Fill in how plain names agree, and return which of the chosen pairs are left to ask."""
        one, other = found.one[chosen], found.other[chosen]
        given = self._givens(self.given[one], self.given[other])
        surname = self._surnames(self.surname[one], self.surname[other])
        swapped = np.zeros(len(chosen), dtype=np.bool_)
        unsure = np.zeros(len(chosen), dtype=np.bool_)
        fits = (surname == _SAME) & ~_UNFIT[given]
        best = _rank(given, surname, turned=False)
        for turned, straight in ((one, other), (other, one)):
            letters = self._letter[self.given[turned]] == self._letter[self.surname[straight]]
            asks = np.flatnonzero(~fits & letters & self._may_turn[turned])
            left, right = turned[asks], straight[asks]
            givens = self._givens(self.surname[left], self.given[right])
            surnames = self._surnames(self.given[left], self.surname[right])
            rank = _rank(givens, surnames, turned=True)
            alike = (givens == given[asks]) & (surnames == surname[asks]) & swapped[asks]
            unsure[asks] |= (rank == best[asks]) & ~alike
            better = rank > best[asks]
            taken = asks[better]
            given[taken], surname[taken], swapped[taken] = givens[better], surnames[better], True
            best[taken] = rank[better]
            unsure[taken] = False
        found.given[chosen], found.surname[chosen], found.swapped[chosen] = given, surname, swapped
        return unsure

    def _ask(self, found: Agreements, chosen: Places, a: Ints, b: Ints) -> None:
        rows, which = distinct(a[chosen], b[chosen])
        told = [self._told(i, j) for i, j in zip(rows[0].tolist(), rows[1].tolist(), strict=True)]
        if told:
            table = np.array(told, dtype=np.int64)[which]
            columns: tuple[NDArray[Any], ...] = found
            for column, values in zip(columns, table.T, strict=True):
                column[chosen] = values

    def _told(self, i: int, j: int) -> tuple[int, int, int, int, int, bool]:
        view = evidence.best_names(self._values[i], self._values[j])
        assert view is not None
        given, middle, surname, swapped = view.agreement
        places = self._place[view.one], self._place[view.other]
        return *places, CODE[given], _MIDDLE[middle], CODE[surname], swapped

    def _givens(self, a: Places, b: Places) -> Codes:
        """Return the levels of given names by their words."""
        words = self._spelled
        low, high = np.minimum(a, b), np.maximum(a, b)
        return asked(lambda one, other: CODE[given_level(one, other)], words, words, low, high)

    def _surnames(self, a: Places, b: Places) -> Codes:
        """Return the levels of surnames of one word: `agreement.surname_level` without a word beside them."""
        found = np.full(len(a), _SAME, dtype=np.uint8)
        differ = np.flatnonzero(a != b)
        if len(differ):
            rows, which = unordered(a[differ], b[differ])
            found[differ] = self._surname_pairs(*rows)[which]
        return found

    def _surname_pairs(self, a: Places, b: Places) -> Codes:
        words, (sizes, sounds, rests) = self._objects, self._shapes
        found = np.full(len(a), _DIFFERENT, dtype=np.uint8)
        short, long = np.minimum(sizes[a], sizes[b]), np.maximum(sizes[a], sizes[b])
        alike = (sounds[a] == sounds[b]) & (short > 2)
        alike |= (short != long) & (rests[a] == rests[b]) & (rests[a] > 0)
        allowed = (short >= 4).astype(np.int64) + (short >= 9)
        near = np.flatnonzero(~alike & (allowed > 0) & (long - short <= allowed))
        edits = process.cpdist(words[a[near]], words[b[near]], scorer=OSA.distance, score_cutoff=2, dtype=np.int32)
        alike[near] = edits <= allowed[near]
        rest = np.flatnonzero(~alike)
        close = process.cpdist(words[a[rest]], words[b[rest]], scorer=JaroWinkler.similarity, dtype=np.float64)
        found[rest[close >= agreement.CLOSE]] = _SIMILAR
        found[(short == 1) & (self._letter[a] == self._letter[b])] = _INITIAL
        found[(short == 1) & (self._letter[a] != self._letter[b])] = _DIFFERENT
        found[short == 0] = _MISSING
        sound = np.flatnonzero(alike & (short > 1))
        listed = self._spelled
        found[sound] = asked(
            lambda one, other: CODE[agreement.slip_or_rival(one, other)], listed, listed, a[sound], b[sound]
        )
        return found


def _rank(given: Codes, surname: Codes, *, turned: bool) -> NDArray[np.float64]:
    """Return `NameAgreement.rank` of agreements without a middle name, added up in the same order."""
    return _RANKS[given] + 1.2 * _RANKS[surname] - 0.0 - 0.3 * turned
