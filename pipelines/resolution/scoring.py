"""The bits of many pairs at once: NumPy decides what numbers tell, and every other question is asked once.

What a pair says is defined in `evidence`; here is only the gathering, over `many_names`, `many_contacts` and
`many_firms`. A pair's score is the same, to the last decimal, as the one that `comparison.score` gives it alone.
"""

from __future__ import annotations

import numpy as np

from crawler.items import MentionType
from pipelines.resolution import engine, evidence
from pipelines.resolution.collection import Collection
from pipelines.resolution.comparison import PLACES, VETO_BITS
from pipelines.resolution.contact_levels import title_rarity
from pipelines.resolution.distinct import Codes, Places, distinct, unordered
from pipelines.resolution.evidence import KINDS
from pipelines.resolution.many_contacts import (
    CODE,
    LEVELS,
    AddressLevels,
    MailboxLevels,
    ProfileLevels,
    TelephoneLevels,
    TitleLevels,
)
from pipelines.resolution.many_workplaces import Workplaces
from pipelines.resolution.name_bits import NameBits
from pipelines.resolution.shared_words import Floats
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.two_cores import Aside
from pipelines.resolution.weights import WEIGHTS, Weights

#: Pairs that are scored at a time: bounds the memory, about 1 kB a pair.
CHUNK = 400_000


class Scorer:
    """Scores pairs of people of one collection under frozen statistics."""

    def __init__(self, records: Collection, statistics: Statistics, weights: Weights = WEIGHTS) -> None:
        self._records = records
        self._statistics = statistics
        self._weights = weights
        values = {name: column.values for name, column in records.columns.items()}
        self._codes = {name: column.codes for name, column in records.columns.items()}
        self._workplaces = Workplaces(records, statistics)
        self._joints = _Joints(weights)
        self._names = NameBits(records, statistics, self._workplaces, weights)
        self._levels = {
            "telephones": TelephoneLevels(values["telephones"], statistics),
            "addresses": AddressLevels(values["addresses"], statistics),
            "mailboxes": MailboxLevels(values["mailboxes"], statistics),
            "profiles": ProfileLevels(values["profiles"], statistics),
            "titles": TitleLevels(values["titles"], statistics),
        }

    def bits(self, a: Places, b: Places) -> Floats:
        """Return the bits of the pairs of places `a` and `b`, all of them people; `VETO_BITS` or less under a veto."""
        found = np.empty(len(a), dtype=np.float64)
        for start in range(0, len(a), CHUNK):
            chosen = slice(start, start + CHUNK)
            found[chosen] = self._bits(a[chosen], b[chosen])
        return found

    def _bits(self, a: Places, b: Places) -> Floats:
        names = self._names.of(a, b)
        levels = [self._workplaces.of(a, b)]
        levels += [level.of(self._codes[name][a], self._codes[name][b]) for name, level in self._levels.items()]
        rows, which = distinct(names.kinds, *levels)
        listed = zip(*(row.tolist() for row in rows), strict=True)
        told = np.array([self._joints[row] for row in listed], dtype=np.float64).reshape(-1, 2)[which]
        rules = self._weights.rules
        total = self._weights.prior[MentionType.PERSON.value] + names.bits
        total += told[:, 0]
        total += told[:, 1] * names.rarity
        total += self._titles(a, b, levels[5]) * rules.get("title.rarity", 0.0)
        forbidden = names.forbidden | (levels[4] == CODE["other"])
        pages = self._records.pages
        forbidden |= (pages[a] == pages[b]) & (pages[a] > 0)
        total = np.round(total, PLACES)
        return np.where(forbidden, np.minimum(total, VETO_BITS), total)

    def _titles(self, a: Places, b: Places, levels: Codes) -> Floats:
        found = np.zeros(len(a), dtype=np.float64)
        same = np.flatnonzero(levels == CODE["same"])
        codes = self._codes["titles"]
        rows, which = unordered(codes[a[same]], codes[b[same]])
        values = self._records.columns["titles"].values
        pairs = zip(rows[0].tolist(), rows[1].tolist(), strict=True)
        rarities = [title_rarity(values[i], values[j], self._statistics) for i, j in pairs]
        found[same] = np.array(rarities, dtype=np.float64)[which]
        return found


class _Joints(dict[tuple[int, ...], tuple[float, float]]):
    """The bits of the levels of a pair together, and what a bit of its names' rarity counts; worked out once each."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self._weights = weights

    def __missing__(self, codes: tuple[int, ...]) -> tuple[float, float]:
        joint = evidence.joint(KINDS[codes[0]], evidence.Levels(*(LEVELS[code] for code in codes[1:])))
        found = self._weights.bits(joint.findings), self._weights.rules.get(joint.name_rarity, 0.0)
        self[codes] = found
        return found


class Scores:
    """Scores pairs of any type of one collection."""

    def __init__(self, records: Collection, statistics: Statistics) -> None:
        self._records = records
        self._statistics = statistics
        self._people = Scorer(records, statistics)

    def bits(self, a: Places, b: Places) -> Floats:
        """Return the bits of pairs of places, `VETO_BITS` or less under a veto.

        People are scored together, pairs of another type one by one.
        """
        people = self._records.people
        both = people[a] & people[b]
        bits = np.empty(len(a), dtype=np.float64)
        chosen = np.flatnonzero(both)
        if len(chosen):
            score = _in_two if len(chosen) > _SPLIT else Scorer.bits
            bits[chosen] = score(self._people, a[chosen], b[chosen])
        for n in np.flatnonzero(~both).tolist():
            bits[n] = engine.bits_of(self._records[int(a[n])], self._records[int(b[n])], self._statistics)
        return bits


#: With fewer pairs a second process costs more than it saves.
_SPLIT = 200_000


def _in_two(scorer: Scorer, a: Places, b: Places) -> Floats:
    """Score the second half of the pairs in a process of its own; the same bits, on two cores."""
    half = len(a) // 2
    second = Aside(scorer.bits, a[half:], b[half:])
    return np.concatenate([scorer.bits(a[:half], b[:half]), second.result()])
