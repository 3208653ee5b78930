"""Weighing many pairs for the store: all are scored at once, and those worth a judgement put into sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipelines.resolution.clustering import Pair
from pipelines.resolution.collection import Collection
from pipelines.resolution.comparison import REVIEW, Comparison, compare, probability
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.scoring import Scores
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weighing import weigh

#: Fewer pairs are weighed one by one: looking at every value once for all would take longer.
_FEW = 500


def weigh_all(
    prepared: Mapping[str, Prepared], pairs: Sequence[Pair], statistics: Statistics
) -> dict[Pair, Comparison]:
    """Return the comparisons of the pairs that are worth a judgement, in the order of the pairs: `weigh` of each."""
    if len(pairs) < _FEW:
        return {pair: found for pair in pairs if (found := weigh(prepared, pair, statistics))}
    names = sorted({name for pair in pairs for name in pair})
    place = {name: number for number, name in enumerate(names)}
    scores = Scores(Collection.of(prepared[name] for name in names), statistics)
    places = np.array([(place[one], place[other]) for one, other in pairs], dtype=np.int64)
    bits = scores.bits(places[:, 0], places[:, 1]).tolist()
    return {
        (one, other): compare(prepared[one], prepared[other], statistics)
        for (one, other), value in zip(pairs, bits, strict=True)
        if probability(value) >= REVIEW
    }
