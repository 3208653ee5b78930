"""A whole collection at once: DuckDB joins the blocking keys, rapidfuzz compares, SciPy finds the components."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipelines.resolution import blocking, engine
from pipelines.resolution.clustering import Pair
from pipelines.resolution.comparison import probability
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics

#: More records of one content than this are compared once, for all of them.
EQUALS = 20
_CHUNK = 100_000
Ints = NDArray[np.int64]
#: Wraps an iterable to show progress: the iterable, a label, the number of items or None.
Progress = Callable[[Iterable[tuple[int, int]], str, int | None], Iterator[tuple[int, int]]]


@dataclass(frozen=True)
class Resolution:
    """The outcome: per record id its cluster (the smallest id in it) and a confidence, with what it cost."""

    clusters: dict[str, str]
    confidence: dict[str, float]
    pairs: int


def resolve(
    prepared: Sequence[Prepared],
    statistics: Statistics,
    same: Collection[Pair] = (),
    different: Collection[Pair] = (),
    progress: Progress = lambda pairs, _label, _total: iter(pairs),
) -> Resolution:
    """Cluster a collection whose ids are unique; any order of the records gives the same clusters.

    The confidence of a merged record is the probability of its mean tie to the rest of its cluster, that of a record
    alone the probability that its strongest refused tie was rightly refused.
    """
    records = sorted(prepared, key=lambda one: one.id)
    kept, copies = _without_copies(records)
    places = [place for place in range(len(records)) if place in kept]
    compared = [records[place] for place in places]
    found = propose(compared, statistics.crowded)
    bits = np.empty(len(found), dtype=np.float64)
    for n, (a, b) in enumerate(progress(map(tuple, found.tolist()), "comparing", len(found))):
        bits[n] = engine.bits_of(compared[a], compared[b], statistics)
    clusters, confidence = _cluster(compared, found, bits, statistics, same=same, different=different)
    _spread(copies, records, statistics, clusters, confidence)
    return Resolution(clusters, confidence, len(found))


def _without_copies(records: Sequence[Prepared]) -> tuple[set[int], list[list[int]]]:
    """Return the places to compare and the groups of records that are equal but for the id, first place first."""
    groups: defaultdict[bytes, list[int]] = defaultdict(list)
    for place, one in enumerate(records):
        groups[blake2b(repr(_content(one)).encode(), digest_size=16).digest()].append(place)
    copies = [group for group in groups.values() if len(group) > EQUALS]
    dropped = {place for group in copies for place in group[1:]}
    return set(range(len(records))) - dropped, copies


def _content(one: Prepared) -> tuple[object, ...]:
    return (
        one.type, one.names, one.organisations, tuple(sorted(map(str, (sorted(title) for title in one.titles)))),
        one.mailboxes, one.telephones, tuple(place.key for place in one.addresses), one.profiles, one.page,
    )  # fmt: skip


def _spread(
    copies: list[list[int]],
    records: Sequence[Prepared],
    statistics: Statistics,
    clusters: dict[str, str],
    confidence: dict[str, float],
) -> None:
    """Give the copies of a record its cluster when a record matches its own copy, and one each when it does not."""
    for group in copies:
        first = records[group[0]]
        tie = engine.bits_of(first, replace(first, id=records[group[1]].id), statistics)
        for place in group[1:]:
            one = records[place]
            clusters[one.id] = clusters[first.id] if tie > engine.LINK else one.id
            confidence[one.id] = probability(abs(tie))


def propose(records: Sequence[Prepared], crowded: frozenset[str]) -> Ints:
    """Return the distinct pairs of places that share a key, one row a pair, sorted.

    A block larger than `blocking.LARGEST` in spite of the split pairs each record with its next neighbours only.
    """
    hashes: list[int] = []
    places: list[int] = []
    for place, one in enumerate(records):
        for key in blocking.keys(one, crowded):
            hashes.append(int.from_bytes(blake2b(key.encode(), digest_size=7).digest(), "big"))
            places.append(place)
    if not hashes:
        return np.empty((0, 2), dtype=np.int64)
    keys = {"key": np.array(hashes, dtype=np.int64), "place": np.array(places, dtype=np.int64)}
    with duckdb.connect() as database:
        database.execute("SET threads = 2")
        database.execute("SET memory_limit = '1GB'")
        database.register("keys", keys)
        found = database.execute(_PROPOSE, {"largest": blocking.LARGEST, "window": blocking.WINDOW}).fetchnumpy()
    return np.stack([found["a"], found["b"]], axis=1).astype(np.int64)


_PROPOSE = """
WITH numbered AS (
    SELECT key, place, row_number() OVER (PARTITION BY key ORDER BY place) AS rank,
           count(*) OVER (PARTITION BY key) AS size
    FROM keys
), shared AS (SELECT * FROM numbered WHERE size > 1)
SELECT DISTINCT one.place AS a, other.place AS b
FROM shared AS one JOIN shared AS other ON one.key = other.key AND one.rank < other.rank
WHERE one.size <= $largest OR other.rank - one.rank <= $window
ORDER BY a, b
"""


def _cluster(
    records: Sequence[Prepared],
    found: Ints,
    bits: NDArray[np.float64],
    statistics: Statistics,
    *,
    same: Collection[Pair],
    different: Collection[Pair],
) -> tuple[dict[str, str], dict[str, float]]:
    place_of = {one.id: place for place, one in enumerate(records)}
    judged = [(place_of[a], place_of[b]) for a, b in same if a in place_of and b in place_of]
    links = [(int(a), int(b)) for a, b in found[bits > engine.LINK]] + judged
    groups = engine.components(len(records), links)
    home = {place: n for n, group in enumerate(groups) for place in group}
    scores: defaultdict[int, dict[Pair, float]] = defaultdict(dict)
    refused: dict[int, float] = {}
    for (a, b), value in zip(found.tolist(), bits.tolist(), strict=True):
        if a in home and home[a] == home.get(b):
            scores[home[a]][records[a].id, records[b].id] = value
        else:
            for place in (a, b):
                refused[place] = max(value, refused.get(place, value))
    clusters = {one.id: one.id for one in records}
    confidence = {one.id: 1.0 - probability(refused.get(place, -60.0)) for place, one in enumerate(records)}
    for n, group in enumerate(groups):
        listed = [records[place] for place in group]
        made, known = engine.resolve_component(listed, scores[n], statistics, same, different)
        for members in made:
            clusters.update((name, members[0]) for name in members)
            confidence.update((name, probability(tie)) for name, tie in engine.confidence(members, known).items())
        _alone(made, known, confidence)
    return clusters, confidence


def _alone(made: list[tuple[str, ...]], known: dict[Pair, float], confidence: dict[str, float]) -> None:
    """A record left alone in its component is as sure as its strongest tie was weak."""
    alone = {members[0] for members in made if len(members) == 1}
    for (a, b), value in known.items():
        for name in alone & {a, b}:
            confidence[name] = min(confidence[name], 1.0 - probability(value))


def sizes(clusters: dict[str, str]) -> Counter[int]:
    """Return how many clusters have how many records."""
    return Counter(Counter(clusters.values()).values())
