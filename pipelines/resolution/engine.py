"""From prepared records to clusters, in memory: the one way that a file, the store and a test go.

Candidate pairs are scored; records joined by a score above `LINK` form components; every other pair inside a small
component is scored too, because mean linkage asks for all of them; each component is clustered for itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from pipelines.resolution import clustering
from pipelines.resolution.clustering import FORBIDDEN, Pair
from pipelines.resolution.comparison import VETO_BITS, score, veto_of
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weights import WEIGHTS

#: Pairs up to these bits join no component: two clusters whose pairs all lie there could never be joined.
LINK = WEIGHTS.match_bits
#: In a larger component only the proposed pairs are scored; the rest count as unseen. Bounds the work to its square.
LARGEST_COMPLETED = 60


def bits_of(a: Prepared, b: Prepared, statistics: Statistics) -> float:
    """Return the bits of one pair, `VETO_BITS` or less under a veto."""
    bits, found = score(a, b, statistics)
    return min(bits, VETO_BITS) if veto_of(a, b, found) else bits


def components(size: int, links: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the connected components of two or more nodes, each sorted, in the order of their first node."""
    if not links:
        return []
    import numpy as np  # noqa: PLC0415  a third of a second that `scrapy why` need not spend
    from scipy.sparse import coo_matrix  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    pairs = np.asarray(links, dtype=np.int64)
    graph = coo_matrix((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    order = np.argsort(labels, kind="stable")
    bounds = np.flatnonzero(np.diff(labels[order])) + 1
    found = [[int(node) for node in group] for group in np.split(order, bounds) if len(group) > 1]
    return sorted(found)


def resolve_component(
    records: Sequence[Prepared],
    scores: Mapping[Pair, float],
    statistics: Statistics,
    same: Collection[Pair] = (),
    different: Collection[Pair] = (),
) -> tuple[list[tuple[str, ...]], dict[Pair, float]]:
    """Cluster one component; returns its clusters and all scores, those of pairs that had none before among them."""
    known = {(min(pair), max(pair)): bits for pair, bits in scores.items()}
    if len(records) <= LARGEST_COMPLETED:
        for a, b in combinations(sorted(records, key=lambda one: one.id), 2):
            if (a.id, b.id) not in known:
                known[a.id, b.id] = bits_of(a, b, statistics)
    return clustering.cluster([one.id for one in records], known, same, different), known


def confidence(members: Iterable[str], scores: Mapping[Pair, float]) -> dict[str, float]:
    """Return per member the mean bits that tie it to the rest of its cluster; nothing for a cluster of one."""
    listed = set(members)
    others = len(listed) - 1
    if not others:
        return {}
    sums = dict.fromkeys(sorted(listed), clustering.UNSEEN * others)
    for (a, b), bits in scores.items():
        if a in sums and b in sums:
            beyond = max(FORBIDDEN, bits) - clustering.UNSEEN
            sums[a] += beyond
            sums[b] += beyond
    return {name: total / others for name, total in sums.items()}
