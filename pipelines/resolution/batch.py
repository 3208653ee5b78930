"""A whole collection at once: NumPy joins the blocking keys, rapidfuzz compares, SciPy finds the components."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Collection as Some
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import engine, many_statistics, scoring
from pipelines.resolution.candidates import propose
from pipelines.resolution.clustering import Pair
from pipelines.resolution.collection import Collection
from pipelines.resolution.comparison import probability
from pipelines.resolution.many_clusters import Clusters, Scored
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.two_cores import FEW, Aside, without_collector

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
    with without_collector():
        return _resolve(records, many_statistics.learn, None, ((), ()), status)


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
    records = prepared if isinstance(prepared, Collection) else Collection.of(prepared)
    return _resolve(records, lambda _: statistics, statistics.crowded, (same, different), status)


def _resolve(
    records: Collection,
    learn: Callable[[Collection], Statistics],
    crowded: frozenset[str] | None,
    judged: tuple[Some[Pair], Some[Pair]],
    status: Status,
) -> Resolution:
    """Propose pairs in a process of its own, because they are nothing but numbers to be sent back, and learn here."""
    records = records.in_order()
    kept, copies = _without_copies(records)
    compared = records.chosen(kept)
    with status("proposing pairs, and learning how common names are"):
        proposed = Aside(propose, compared, crowded, wanted=len(records) > FEW)
        statistics = learn(records)
        scores = scoring.Scores(compared, statistics)
        found, _ = proposed.result()
    with status(f"comparing {len(found)} pairs"):
        scored = Scored(found[:, 0], found[:, 1], scores.bits(found[:, 0], found[:, 1]))
    with status("clustering"):
        state = Clusters(compared.ids, scored, scores.bits)
        state.resolve(*judged)
        ids = compared.ids
        clusters = {name: ids[place] for name, place in zip(ids, state.home.tolist(), strict=True)}
        confidence = dict(zip(ids, state.confidence.tolist(), strict=True))
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


def sizes(clusters: dict[str, str]) -> Counter[int]:
    """Return how many clusters have how many records."""
    return Counter(Counter(clusters.values()).values())
