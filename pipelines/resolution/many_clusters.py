"""From the scored pairs of a whole collection to its clusters, component by component.

A component whose pairs all lie above the threshold is one cluster whichever way it is joined, which NumPy sees for all
of them at once; every other one is clustered for itself (`clustering`), on two cores.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipelines.resolution import clustering, engine
from pipelines.resolution.clustering import FORBIDDEN, UNSEEN, Pair
from pipelines.resolution.comparison import probability
from pipelines.resolution.distinct import Places
from pipelines.resolution.shared_words import Floats
from pipelines.resolution.two_cores import in_two

Bools = NDArray[np.bool_]
#: Bits of pairs of places.
Score = Callable[[Places, Places], Floats]


class Scored(NamedTuple):
    """Pairs of places, the smaller first, with their bits."""

    a: Places
    b: Places
    bits: Floats

    def chosen(self, some: Bools) -> Scored:
        """Return some of the pairs."""
        return Scored(self.a[some], self.b[some], self.bits[some])


class Component(NamedTuple):
    """One component to be clustered: its ids in order, the bits between them, and what people judged."""

    ids: list[str]
    scores: dict[Pair, float]
    same: Collection[Pair]
    different: Collection[Pair]


class Clusters:
    """Scored candidate pairs on their way to clusters; the records lie in the order of their ids.

    `home` is the place of the first record of each record's cluster, `confidence` a probability per record.
    """

    def __init__(self, ids: list[str], found: Scored, score: Score) -> None:
        self._ids, self._found, self._score = ids, found, score
        self.home = np.arange(len(ids), dtype=np.int64)
        self.confidence = np.ones(len(ids), dtype=np.float64)

    def resolve(self, same: Collection[Pair], different: Collection[Pair]) -> None:
        """Fill in `home` and `confidence`."""
        place_of = {name: place for place, name in enumerate(self._ids)} if same or different else {}
        judged, apart = (
            [(place_of[a], place_of[b]) for a, b in pairs if a in place_of and b in place_of]
            for pairs in (same, different)
        )
        labels = self._components(judged)
        sizes = np.bincount(labels, minlength=1)
        found = self._found
        within = labels[found.a] == labels[found.b]
        self._alone(found.chosen(~within))
        inside = self._completed(labels, sizes, found.chosen(within))
        easy = self._agreed(labels, sizes, inside)
        easy[labels[[place for pair in (*judged, *apart) for place in pair]]] = False
        self._join(labels, sizes, inside.chosen(easy[labels[inside.a]]), easy & (sizes > 1))
        self._divide(labels, (sizes > 1) & ~easy, inside, (same, different))

    def _components(self, judged: list[tuple[int, int]]) -> Places:
        links = self._found.bits > engine.LINK
        pairs = np.stack([self._found.a[links], self._found.b[links]], axis=1)
        if judged:
            pairs = np.concatenate([pairs, np.array(judged, dtype=np.int64)])
        size = len(self._ids)
        graph = coo_matrix((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
        labels: Places = connected_components(graph, directed=False)[1].astype(np.int64)
        return labels

    def _alone(self, refused: Scored) -> None:
        """Every record first counts as alone: as sure as its strongest tie to another component is weak."""
        strongest = np.full(len(self._ids), -60.0)
        for side in (refused.a, refused.b):
            np.maximum.at(strongest, side, refused.bits)
        self.confidence = 1.0 - _probabilities(strongest)

    def _completed(self, labels: Places, sizes: Places, inside: Scored) -> Scored:
        """Return the pairs inside components with those that no block proposed, unless a component is too large."""
        order = np.argsort(labels, kind="stable")
        starts = np.cumsum(sizes) - sizes
        listed = [np.empty((0, 2), dtype=np.int64)]
        for size in np.unique(sizes[(sizes > 2) & (sizes <= engine.LARGEST_COMPLETED)]).tolist():
            members = order[starts[sizes == size][:, None] + np.arange(size)]
            one, other = np.triu_indices(size, 1)
            listed.append(np.stack([members[:, one].ravel(), members[:, other].ravel()], axis=1))
        pairs = np.concatenate(listed)
        wide = len(self._ids)
        missing = pairs[~np.isin(pairs[:, 0] * wide + pairs[:, 1], inside.a * wide + inside.b)]
        made = Scored(missing[:, 0], missing[:, 1], self._score(missing[:, 0], missing[:, 1]))
        return Scored(*(np.concatenate(both) for both in zip(inside, made, strict=True)))

    def _agreed(self, labels: Places, sizes: Places, inside: Scored) -> Bools:
        """Return the components all pairs of which are known and above the threshold."""
        good = np.bincount(labels[inside.a[inside.bits > engine.LINK]], minlength=len(sizes))
        found: Bools = good == sizes * (sizes - 1) // 2
        return found

    def _join(self, labels: Places, sizes: Places, inside: Scored, wanted: Bools) -> None:
        """Make each of these components one cluster."""
        first = np.full(len(sizes), len(labels), dtype=np.int64)
        np.minimum.at(first, labels, np.arange(len(labels)))
        places = np.flatnonzero(wanted[labels])
        self.home[places] = first[labels[places]]
        beyond = np.maximum(FORBIDDEN, inside.bits) - UNSEEN
        sums = sum(np.bincount(side, weights=beyond, minlength=len(labels)) for side in (inside.a, inside.b))
        others = sizes[labels[places]] - 1
        self.confidence[places] = _probabilities((UNSEEN * others + np.asarray(sums)[places]) / others)

    def _divide(
        self, labels: Places, wanted: Bools, inside: Scored, judged: tuple[Collection[Pair], Collection[Pair]]
    ) -> None:
        """Cluster each of these components for itself."""
        members: dict[int, list[int]] = {}
        for place in np.flatnonzero(wanted[labels]).tolist():
            members.setdefault(int(labels[place]), []).append(place)
        ids = self._ids
        scores: dict[int, dict[Pair, float]] = {label: {} for label in members}
        chosen = inside.chosen(wanted[labels[inside.a]])
        rows = zip(labels[chosen.a].tolist(), chosen.a.tolist(), chosen.b.tolist(), chosen.bits.tolist(), strict=True)
        for label, a, b, value in rows:
            scores[label][ids[a], ids[b]] = value
        work = [Component([ids[place] for place in members[label]], scores[label], *judged) for label in members]
        made = [one for half in in_two(_divided, work) for one in half]
        for places, told in zip(members.values(), made, strict=True):
            for place, (first, tie, against) in zip(places, told, strict=True):
                self.home[place] = places[first]
                sure = self.confidence[place] if tie is None else probability(tie)
                self.confidence[place] = sure if against is None else min(sure, 1.0 - probability(against))


#: Of one record: the first of its cluster, as a number in its component; the bits that tie it to the rest of the
#: cluster, and the strongest against being alone.
Told = tuple[int, float | None, float | None]


def _divided(work: Sequence[Component]) -> list[list[Told]]:
    return [_told(one) for one in work]


def _told(one: Component) -> list[Told]:
    number = {name: n for n, name in enumerate(one.ids)}
    made = clustering.cluster(one.ids, one.scores, one.same, one.different)
    home = {name: members[0] for members in made for name in members}
    within: dict[str, dict[Pair, float]] = {members[0]: {} for members in made}
    for pair, value in one.scores.items():
        if home[pair[0]] == home[pair[1]]:
            within[home[pair[0]]][pair] = value
    ties = {name: tie for members in made for name, tie in engine.confidence(members, within[members[0]]).items()}
    against: dict[str, float] = {}
    alone = {members[0] for members in made if len(members) == 1}
    for pair, value in one.scores.items():
        for name in alone.intersection(pair):
            against[name] = max(value, against.get(name, value))
    return [(number[home[name]], ties.get(name), against.get(name)) for name in one.ids]


def _probabilities(bits: Floats) -> Floats:
    """Return `comparison.probability` of many."""
    found: Floats = 1.0 / (1.0 + np.exp2(-np.clip(bits, -60.0, 60.0)))
    return found
