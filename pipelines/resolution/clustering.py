"""From scored pairs to clusters: guarded mean linkage inside a component.

Bare transitive closure lets one wrong pair join two people (A is like B, B is like C); here two clusters join only
while the mean of the bits between all their members stays above the threshold. A pair without a score counts against,
so a chain does not hold. The result is a pure function of the component: ties are broken by the ids, never
by the order of arrival.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from pipelines.resolution.weights import WEIGHTS

#: A pair of record ids.
Pair = tuple[str, str]
#: Bits of a pair that no block proposed: nothing speaks for it.
UNSEEN = -4.0
#: No single pair counts more than this either way, so that one strong score does not drag a cluster along.
CEILING = 8.0
#: What forbids: a veto is scored at or below this.
FORBIDDEN = -20.0


def cluster(
    ids: Iterable[str],
    scores: Mapping[Pair, float],
    same: Collection[Pair] = (),
    different: Collection[Pair] = (),
    threshold: float | None = None,
) -> list[tuple[str, ...]]:
    """Return the clusters, each sorted, sorted by their first id; every id is in exactly one.

    `scores` are bits per unordered pair (the order inside a pair makes no difference; given both ways, the higher
    counts). A score of `FORBIDDEN` or less is a veto: its two records never share a cluster. `same` and `different`
    are human judgements and outrank every score and veto; where they contradict each other, `same` pairs are joined
    first in sorted order and a `same` that would break a `different` is left undone. Records that people joined count
    as one, as like any other record as the likest of them: what a person found to be one person in two guises is not
    torn from those who look like one of the guises. `threshold` is the mean in bits above which two clusters join; the
    weights' own when none is given.
    """
    limit = WEIGHTS.match_bits if threshold is None else threshold
    state = _Clusters(sorted(set(ids)), _ordered(scores), {_pair(*pair) for pair in different}, limit)
    for a, b in sorted(_pair(*pair) for pair in same):
        state.judge(a, b)
    state.agglomerate()
    return sorted(tuple(sorted(members)) for members in state.members.values())


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a <= b else (b, a)


def _ordered(scores: Mapping[Pair, float]) -> dict[Pair, float]:
    ordered: dict[Pair, float] = {}
    for (a, b), bits in scores.items():
        pair = _pair(a, b)
        ordered[pair] = max(bits, ordered.get(pair, bits))
    return ordered


#: Summed bits and the number of pairs that have a score.
Sum = tuple[float, int]


def _added(one: Sum, other: Sum) -> Sum:
    """Return what lies between two clusters and a third."""
    return one[0] + other[0], one[1] + other[1]


class _Clusters:
    """Clusters named by their smallest id, with the summed bits and the number of scored pairs between any two.

    `sizes` are numbers of records, those that people joined counted as one.
    """

    def __init__(self, ids: list[str], scores: dict[Pair, float], different: set[Pair], limit: float) -> None:
        self.limit = limit
        self.members: dict[str, set[str]] = {name: {name} for name in ids}
        self.sizes = dict.fromkeys(ids, 1)
        self.home = {name: name for name in ids}
        self.sums: defaultdict[str, dict[str, Sum]] = defaultdict(dict)
        self.vetoed: defaultdict[str, set[str]] = defaultdict(set)
        self.apart: defaultdict[str, set[str]] = defaultdict(set)
        for (a, b), bits in scores.items():
            if a == b or a not in self.home or b not in self.home:
                continue
            if bits <= FORBIDDEN:
                self.vetoed[a].add(b)
                self.vetoed[b].add(a)
            clipped = max(-CEILING, min(CEILING, bits))
            self.sums[a][b] = self.sums[b][a] = (clipped, 1)
        for a, b in different:
            if a in self.home and b in self.home and a != b:
                self.apart[a].add(b)
                self.apart[b].add(a)

    def judge(self, a: str, b: str) -> None:
        """Make two records one because a person said so, unless a person forbade it; before any other is joined."""
        if a not in self.home or b not in self.home:
            return
        one, other = self.home[a], self.home[b]
        if one != other and other not in self.apart[one]:
            self._join(one, other, max)
            self.sizes[min(one, other)] = 1

    def agglomerate(self) -> None:
        """Join the two clusters of the highest mean above the threshold until there are none."""
        heap = [
            (-mean, a, b) for a in self.sums for b in self.sums[a] if a < b and (mean := self._mean(a, b)) > self.limit
        ]
        heapq.heapify(heap)
        while heap:
            mean, a, b = heapq.heappop(heap)
            if a not in self.members or b not in self.members or self._mean(a, b) != -mean:
                continue
            kept = self._join(a, b, _added)
            for other in self.sums[kept]:
                if (linkage := self._mean(kept, other)) > self.limit:
                    heapq.heappush(heap, (-linkage, *_pair(kept, other)))

    def _mean(self, a: str, b: str) -> float:
        if b in self.apart[a] or b in self.vetoed[a]:
            return -CEILING
        total, scored = self.sums[a].get(b, (0.0, 0))
        pairs = self.sizes[a] * self.sizes[b]
        return (total + UNSEEN * (pairs - scored)) / pairs

    def _join(self, a: str, b: str, both: Callable[[Sum, Sum], Sum]) -> str:
        """Merge b into a (the smaller id keeps its name); `both` makes one of what lies between each and another."""
        a, b = _pair(a, b)
        self.members[a] |= self.members.pop(b)
        self.sizes[a] += self.sizes.pop(b)
        for name in self.members[a]:
            self.home[name] = a
        for other, found in self.sums.pop(b, {}).items():
            del self.sums[other][b]
            if other != a:
                before = self.sums[a].get(other)
                self.sums[a][other] = self.sums[other][a] = both(before, found) if before else found
        self.sums[a].pop(b, None)
        for table in (self.apart, self.vetoed):
            for other in table.pop(b, set()):
                table[other].discard(b)
                if other != a:
                    table[a].add(other)
                    table[other].add(a)
            table[a].discard(b)
        return a
