"""A whole collection at once: DuckDB joins the blocking keys, rapidfuzz compares, SciPy finds the components."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as Some
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipelines.resolution import clustering, engine, many_statistics, scoring
from pipelines.resolution.candidates import propose
from pipelines.resolution.clustering import Pair
from pipelines.resolution.collection import Collection
from pipelines.resolution.comparison import probability
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics

#: More records of one content than this are compared once, for all of them.
EQUALS = 20
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Says what is being done: a label to a context that lasts as long as the step.
Status = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True)
class Resolution:
    """The outcome: per record id its cluster (the smallest id in it) and a confidence, with what it cost."""

    clusters: dict[str, str]
    confidence: dict[str, float]
    pairs: int


def dedupe(records: Collection, status: Status = lambda _: nullcontext()) -> Resolution:
    """Learn a collection's statistics and cluster it by them; ids are unique, their order makes no difference."""
    records = records.in_order()
    kept, copies = _without_copies(records)
    compared = records.chosen(kept)
    with status("proposing pairs"):
        found, crowded = propose(compared)
    with status("learning how common names are"):
        statistics = many_statistics.learn(records, crowded)
    return _resolve(records, (compared, found, copies), statistics, ((), ()), status)


def resolve(
    prepared: Sequence[Prepared],
    statistics: Statistics,
    same: Some[Pair] = (),
    different: Some[Pair] = (),
    status: Status = lambda _: nullcontext(),
) -> Resolution:
    """Cluster a collection whose ids are unique under frozen statistics; any order of the records gives the same.

    The confidence of a merged record is the probability of its mean tie to the rest of its cluster, that of a record
    alone the probability that its strongest refused tie was rightly refused.
    """
    records = (prepared if isinstance(prepared, Collection) else Collection.of(prepared)).in_order()
    kept, copies = _without_copies(records)
    compared = records.chosen(kept)
    with status("proposing pairs"):
        found, _ = propose(compared, statistics.crowded)
    return _resolve(records, (compared, found, copies), statistics, (same, different), status)


def _resolve(
    records: Collection,
    proposed: tuple[Collection, Ints, list[Ints]],
    statistics: Statistics,
    judged: tuple[Some[Pair], Some[Pair]],
    status: Status,
) -> Resolution:
    compared, found, copies = proposed
    with status(f"comparing {len(found)} pairs"):
        bits = scoring.bits_of(compared, statistics, found[:, 0], found[:, 1])
    with status("clustering"):
        state = _Clusters(compared, statistics, found, bits)
        clusters, confidence = state.resolve(*judged)
        _spread(copies, records, statistics, clusters, confidence)
    return Resolution(clusters, confidence, len(found))


def _without_copies(records: Collection) -> tuple[Ints, list[Ints]]:
    """Return the places to compare and the groups of records that are equal but for the id, first place first."""
    if not len(records):
        return np.empty(0, dtype=np.int64), []
    columns = [records.people.astype(np.int32), records.pages, *(column.codes for column in records.columns.values())]
    which = np.zeros(len(records), dtype=np.int64)
    for column in columns:
        _, which = np.unique(which * (int(column.max()) + 1) + column, return_inverse=True)
    crowds = np.flatnonzero(np.bincount(which) > EQUALS)
    kept = np.ones(len(records), dtype=np.bool_)
    copies = [np.flatnonzero(which == crowd) for crowd in crowds.tolist()]
    for group in copies:
        kept[group[1:]] = False
    return np.flatnonzero(kept), copies


def _spread(
    copies: list[Ints],
    records: Collection,
    statistics: Statistics,
    clusters: dict[str, str],
    confidence: dict[str, float],
) -> None:
    """Give the copies of a record its cluster when a record matches its own copy, and one each when it does not."""
    for group in copies:
        first = records[int(group[0])]
        tie = engine.bits_of(first, replace(first, id=f"{first.id} "), statistics)
        sure = probability(abs(tie))
        for place in group[1:].tolist():
            name = records.ids[place]
            clusters[name] = clusters[first.id] if tie > engine.LINK else name
            confidence[name] = sure


class _Clusters:
    """Scored candidate pairs on their way to clusters."""

    def __init__(self, records: Collection, statistics: Statistics, found: Ints, bits: Floats) -> None:
        self.records = records
        self.statistics = statistics
        self.found = found
        self.bits = bits
        self.home = {name: name for name in records.ids}
        self.confidence: dict[str, float] = {}

    def resolve(self, same: Some[Pair], different: Some[Pair]) -> tuple[dict[str, str], dict[str, float]]:
        """Return the cluster and the confidence of every id."""
        place_of = {name: place for place, name in enumerate(self.records.ids)} if same or different else {}
        judged = [(place_of[a], place_of[b]) for a, b in same if a in place_of and b in place_of]
        apart = [(place_of[a], place_of[b]) for a, b in different if a in place_of and b in place_of]
        labels = self._components(judged)
        sizes = np.bincount(labels, minlength=1) if len(labels) else np.zeros(1, dtype=np.int64)
        inside = labels[self.found[:, 0]] == labels[self.found[:, 1]]
        self._alone(inside)
        easy = sizes == 2
        easy[labels[[place for pair in (*judged, *apart) for place in pair]]] = False
        self._couples(inside & easy[labels[self.found[:, 0]]])
        self._groups(labels, (sizes > 1) & ~easy, inside, same, different)
        return self.home, self.confidence

    def _components(self, judged: list[tuple[int, int]]) -> Ints:
        size = len(self.records)
        links = self.found[self.bits > engine.LINK]
        if judged:
            links = np.concatenate([links, np.array(judged, dtype=np.int64)])
        graph = coo_matrix((np.ones(len(links), dtype=np.int8), (links[:, 0], links[:, 1])), shape=(size, size))
        labels: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
        return labels

    def _alone(self, inside: NDArray[np.bool_]) -> None:
        """Every record first counts as alone: as sure as its strongest tie to another component is weak."""
        strongest = np.full(len(self.records), -60.0)
        for side in (0, 1):
            np.maximum.at(strongest, self.found[~inside, side], self.bits[~inside])
        sure = 1.0 - 1.0 / (1.0 + np.exp2(-np.clip(strongest, -60.0, 60.0)))
        self.confidence = dict(zip(self.records.ids, sure.tolist(), strict=True))

    def _couples(self, chosen: NDArray[np.bool_]) -> None:
        """Join components of two: their one pair is above the threshold, or they would be none."""
        ids = self.records.ids
        for (a, b), value in zip(self.found[chosen].tolist(), self.bits[chosen].tolist(), strict=True):
            self.home[ids[b]] = ids[a]
            self.confidence[ids[a]] = self.confidence[ids[b]] = probability(value)

    def _groups(
        self,
        labels: Ints,
        wanted: NDArray[np.bool_],
        inside: NDArray[np.bool_],
        same: Some[Pair],
        different: Some[Pair],
    ) -> None:
        """Cluster the larger components, each for itself, once the pairs inside them are complete."""
        members: dict[int, list[int]] = {}
        for place in np.flatnonzero(wanted[labels]).tolist():
            members.setdefault(int(labels[place]), []).append(place)
        chosen = inside & wanted[labels[self.found[:, 0]]] if len(labels) else inside
        scores: dict[int, dict[Pair, float]] = {label: {} for label in members}
        for pairs, bits in ((self.found[chosen], self.bits[chosen]), self._missing(members.values(), chosen)):
            homes = labels[pairs[:, 0]].tolist()
            for label, (a, b), value in zip(homes, pairs.tolist(), bits.tolist(), strict=True):
                scores[label][self.records.ids[a], self.records.ids[b]] = value
        for label, places in members.items():
            ids = [self.records.ids[place] for place in places]
            known = scores.pop(label)
            self._record(clustering.cluster(ids, known, same, different), known)

    def _missing(self, groups: Iterable[list[int]], chosen: NDArray[np.bool_]) -> tuple[Ints, Floats]:
        """Return the pairs inside components that no block proposed, with their bits."""
        wanted = [
            pair for places in groups if len(places) <= engine.LARGEST_COMPLETED for pair in combinations(places, 2)
        ]
        pairs = np.array(wanted, dtype=np.int64).reshape(-1, 2)
        size = len(self.records)
        known = self.found[chosen, 0] * size + self.found[chosen, 1]
        pairs = pairs[~np.isin(pairs[:, 0] * size + pairs[:, 1], known)]
        return pairs, scoring.bits_of(self.records, self.statistics, pairs[:, 0], pairs[:, 1])

    def _record(self, made: list[tuple[str, ...]], known: dict[Pair, float]) -> None:
        inside: dict[str, dict[Pair, float]] = {members[0]: {} for members in made}
        for members in made:
            self.home.update((name, members[0]) for name in members)
        for pair, value in known.items():
            if self.home[pair[0]] == self.home[pair[1]]:
                inside[self.home[pair[0]]][pair] = value
        for members in made:
            ties = engine.confidence(members, inside[members[0]])
            self.confidence.update((name, probability(tie)) for name, tie in ties.items())
        alone = {members[0] for members in made if len(members) == 1}
        for pair, value in known.items():
            for name in alone.intersection(pair):
                self.confidence[name] = min(self.confidence[name], 1.0 - probability(value))


def sizes(clusters: dict[str, str]) -> Counter[int]:
    """Return how many clusters have how many records."""
    return Counter(Counter(clusters.values()).values())
