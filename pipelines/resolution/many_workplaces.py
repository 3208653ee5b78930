"""Where the people of many pairs work: the levels of `workplace.organisation_level`, implied employers among them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import workplace
from pipelines.resolution.collection import Collection
from pipelines.resolution.distinct import Codebook, Codes, Places, asked, distinct
from pipelines.resolution.many_contacts import CODE, Bools
from pipelines.resolution.many_firms import FirmLevels
from pipelines.resolution.statistics import Statistics


class Workplaces:
    """The employers of a collection's records: named, or else implied by a mail domain, a number or an address.

    `firms` are the distinct tuples of canonical keys, the empty one first, `codes` which of them each record has;
    `groups` is the same with affiliates taken as one, numbered by `group_codes`; `few` says which are one at most.
    """

    def __init__(self, records: Collection, statistics: Statistics) -> None:
        self._records = records
        self._statistics = statistics
        columns = records.columns
        self._named = columns["organisations"].codes
        self._boxes = columns["mailboxes"].codes
        self._levels = FirmLevels(columns["organisations"].values, statistics)
        self.firms, self.codes = self._employers()
        self.groups = [statistics.grouped(keys) for keys in self.firms]
        numbers = Codebook({frozenset(): 0})
        self.group_codes = np.array([numbers[frozenset(group)] for group in self.groups], dtype=np.int64)
        self.few = np.array([len(group) < 2 for group in self.groups], dtype=np.bool_)
        affiliated = {key for pair in statistics.affiliates for key in pair.split("|")}
        plain = [len(keys) == 1 and keys[0] not in affiliated for keys in self.firms]
        self._plain = np.array(plain, dtype=np.bool_)
        domains: Codebook = Codebook({(): 0})
        boxes = columns["mailboxes"].values
        self._domains = np.array([domains[tuple(sorted({box.domain for box in value}))] for value in boxes])
        first = dict(zip(self._domains.tolist()[::-1], boxes[::-1], strict=True))
        self._boxed = [first[code] for code in range(len(domains))]

    def of(self, a: Places, b: Places) -> Codes:
        """Return the level codes of the employers of records by their places."""
        found = self._levels.of(self._named[a], self._named[b])
        bare = np.flatnonzero((self._named[a] == 0) | (self._named[b] == 0))
        one, other = a[bare], b[bare]
        levels = self._implied(self.codes[one], self.codes[other])
        levels[self._spelled(one, other) | self._spelled(other, one)] = CODE["implied"]
        found[bare] = levels
        return found

    def _implied(self, one: NDArray[np.int32], other: NDArray[np.int32]) -> Codes:
        found = np.full(len(one), CODE["unknown"], dtype=np.uint8)
        both = (one > 0) & (other > 0)
        found[both] = np.where(one[both] == other[both], CODE["implied"], CODE["other-implied"])
        ask = np.flatnonzero(both & (one != other) & ~(self._plain[one] & self._plain[other]))
        found[ask] = asked(
            lambda left, right: CODE[workplace.implied_level(left, right, self._statistics)],
            self.firms, self.firms, np.minimum(one[ask], other[ask]), np.maximum(one[ask], other[ask]),
        )  # fmt: skip
        return found

    def _spelled(self, a: Places, b: Places) -> Bools:
        """Return for which pairs a mail domain of `a` spells an employer of `b`."""
        found = np.zeros(len(a), dtype=np.bool_)
        some = np.flatnonzero((self._boxes[a] > 0) & (self._named[b] > 0))
        domains, named = self._domains[self._boxes[a[some]]], self._named[b[some]]
        firms = self._records.columns["organisations"].values
        found[some] = asked(workplace.spelled, self._boxed, firms, domains, named) > 0
        return found

    def _employers(self) -> tuple[list[tuple[str, ...]], NDArray[np.int32]]:
        known: Codebook = Codebook({(): 0})
        columns = self._records.columns
        by_name = [known[self._statistics.canonical_of(firms)] for firms in columns["organisations"].values]
        codes = np.array(by_name, dtype=np.int32)[self._named]
        bare = np.flatnonzero(self._named == 0)
        tied = [columns[name].codes[bare] for name in ("mailboxes", "telephones", "addresses")]
        rows, which = distinct(*tied)
        first = np.zeros(len(rows[0]), dtype=np.int64)
        first[which] = bare
        found = [known[self._statistics.firms_of(self._records[place])] for place in first.tolist()]
        codes[bare] = np.array(found, dtype=np.int32)[which]
        return list(known), codes
