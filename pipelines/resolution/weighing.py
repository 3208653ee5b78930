"""Weighing a pair for the store: only what is worth a judgement is put into sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.resolution import engine
from pipelines.resolution.clustering import Pair
from pipelines.resolution.comparison import REVIEW, Comparison, compare, probability
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics


def weigh(prepared: Mapping[str, Prepared], pair: Pair, statistics: Statistics) -> Comparison | None:
    """Return the comparison of a pair that is worth a judgement, or None; most pairs of a block are not."""
    one, other = prepared[pair[0]], prepared[pair[1]]
    if probability(engine.bits_of(one, other, statistics)) < REVIEW:
        return None
    return compare(one, other, statistics)
