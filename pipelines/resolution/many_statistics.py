"""Learning the statistics of a whole collection: what `Statistics.from_prepared` counts, over numbers in columns.

Every distinct value is looked at once in Python; which values stand beside which is counted with NumPy.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import aliases as learning
from pipelines.resolution import statistics
from pipelines.resolution.collection import Collection
from pipelines.resolution.contacts import title_key
from pipelines.resolution.distinct import Places
from pipelines.resolution.facts import Facts, facts, facts_of_names, together
from pipelines.resolution.names import PersonName
from pipelines.resolution.organisations import Organisation
from pipelines.resolution.statistics import Statistics


def learn(records: Collection, crowded: frozenset[str] = frozenset()) -> Statistics:
    """Return the statistics of a collection; `crowded` are the digests of its crowded blocking keys."""
    learner = _Learner(records)
    known = learner.aliases()
    employers = learner.firms.renamed(lambda firm: known.get(firm.key, firm.key))
    affiliated = learner.affiliates(employers)
    groups = learning.groups(affiliated)
    workplaces = employers.renamed(lambda key: groups.get(key, key))
    people, listed, names = learner.people, learner.listed_firms, records.names
    return Statistics(
        people=int(people.sum()),
        organisations=len({firm.key for firm in listed}),
        given=learner.first.counts(),
        surnames=learner.of_names(statistics.family, names.family).counts(),
        namesakes=learner.full.per(workplaces),
        initials=learner.initials.per(learner.first),
        colleagues=learner.colleagues(workplaces),
        telephones=learner.of("telephones", _digits).per(learner.sounds),
        mailboxes=learner.of("mailboxes", _keys).per(learner.sounds),
        addresses=learner.of("addresses", _keys).per(learner.sounds),
        profiles=learner.of("profiles", _keys).per(learner.sounds),
        words=statistics.words(listed),
        aliases=known,
        affiliates=frozenset(affiliated),
        employers=learner.employers(employers),
        titles=learner.titles.counts(),
        akin=frozenset(learner.akin_titles(employers)),
        crowded=crowded,
    )


class _Learner:
    """The facts of the people of one collection, and of all its records where organisations count too."""

    def __init__(self, records: Collection) -> None:
        self._records = records
        self.people = records.people
        given, family = records.names.given, records.names.family
        self.first = self.of_names(statistics.first_name, given)
        self.full = self.of_names(learning.full_name, given, family)
        self.initials = self.of_names(statistics.family_initial, given, family)
        self.sounds = self.of_names(statistics.sound_of, family, empty=True)
        self.families = self.of_names(statistics.family, family, empty=True)
        self._everybodys_firms = facts(*self._column("organisations"), list)
        self.firms = self._everybodys_firms.of(self.people)
        self._ties = self._tied()
        self.titles = self.of("titles", lambda titles: map(title_key, titles))
        column = records.columns["organisations"]
        used = np.flatnonzero(np.bincount(column.codes, minlength=len(column.values)))
        self.listed_firms: set[Organisation] = {firm for code in used.tolist() for firm in column.values[code]}

    def _column(self, prop: str) -> tuple[list[Any], NDArray[np.int32]]:
        column = self._records.columns[prop]
        return column.values, column.codes

    def of(self, prop: str, listed: Callable[[Any], Iterable[Any]]) -> Facts:
        """Return facts of one property of people."""
        values, codes = self._column(prop)
        return facts(values, np.where(self.people, codes, 0), listed)

    def of_names(self, rule: Callable[[PersonName], str], *parts: Places, empty: bool = False) -> Facts:
        """Return what a rule says of people's names, which looks at these parts alone; `empty` texts too if wanted."""
        names = self._records.names
        codes = np.where(self.people, self._records.columns["names"].codes, 0)
        return facts_of_names(names, codes, *names.told(rule, *parts), empty=empty)

    def _tied(self) -> Facts:
        """Return what ties any record to workplaces, as `aliases.ties` has it."""
        kinds: dict[str, Callable[[Any], Iterable[str]]] = {
            "mailboxes": learning.domain_ties,
            "telephones": learning.number_ties,
            "addresses": learning.place_ties,
        }
        return together(*(facts(*self._column(prop), listed) for prop, listed in kinds.items()))

    def aliases(self) -> dict[str, str]:
        """Return what `aliases.aliases` does."""
        ties, firms = self._ties, self._everybodys_firms
        shared = {ties.texts[tie]: {firms.texts[firm] for firm in found} for tie, found in _groups(*ties.beside(firms))}
        return learning.joined(shared)

    def affiliates(self, employers: Facts) -> list[str]:
        """Return what `aliases.affiliates` does."""
        full, firm = self.full.beside(employers)
        return learning.affiliated(_sizes(firm, employers.texts), _shared(full, firm, employers.texts))

    def colleagues(self, workplaces: Facts) -> dict[str, int]:
        """Count the distinct given names behind one surname and initial at one workplace."""
        found, initials, firms = self.initials.with_others(workplaces)
        counted = found.per(self.first)
        texts = self.initials.texts, workplaces.texts
        return dict(
            sorted((f"{texts[0][initials[pair]]}@{texts[1][firms[pair]]}", count) for pair, count in counted.items())
        )

    def employers(self, employers: Facts) -> dict[str, str]:
        """Return what `aliases.employers` does."""
        ties = self._ties.of(self.people)
        mine, theirs = ties.crossed(employers)
        wide = max(1, len(employers.texts))
        pairs, counts = np.unique(ties.fact[mine] * wide + employers.fact[theirs], return_counts=True)
        surnames = np.bincount(ties.beside(self.families)[0], minlength=len(ties.texts))
        counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
        chosen = surnames[pairs // wide] > 1
        for pair, count in zip(pairs[chosen].tolist(), counts[chosen].tolist(), strict=True):
            counted[ties.texts[pair // wide]][employers.texts[pair % wide]] = count
        return learning.majorities(counted)

    def akin_titles(self, employers: Facts) -> list[str]:
        """Return what `aliases.akin_titles` does."""
        jobs, _, _ = self.full.with_others(employers)
        job, title = jobs.beside(self.titles)
        texts = self.titles.texts
        return learning.akin(_sizes(title, texts), _shared(job, title, texts), len(jobs.texts))


def _digits(telephones: Iterable[Any]) -> list[str]:
    return [number.digits for number in telephones]


def _keys(values: Iterable[Any]) -> list[str]:
    return [value.key for value in values]


def _sizes(members: Places, texts: list[str]) -> dict[str, int]:
    return dict(zip(texts, np.bincount(members, minlength=len(texts)).tolist(), strict=True))


def _groups(groups: Places, members: Places, most: int = sys.maxsize) -> Iterable[tuple[int, list[int]]]:
    """Yield each group of two members or more, up to `most`; the pairs come sorted by group."""
    if not len(groups):
        return
    bounds = np.flatnonzero(np.diff(groups)) + 1
    starts, ends = np.concatenate([[0], bounds]), np.concatenate([bounds, [len(groups)]])
    sizes = ends - starts
    for n in np.flatnonzero((sizes > 1) & (sizes <= most)).tolist():
        yield int(groups[starts[n]]), members[starts[n] : ends[n]].tolist()


def _shared(groups: Places, members: Places, texts: list[str]) -> Counter[tuple[str, str]]:
    """Count in how many groups of two to six members each two stand."""
    return Counter(
        pair
        for _, found in _groups(groups, members, learning.MOST_SHARED)
        for pair in combinations(sorted(texts[one] for one in found), 2)
    )
