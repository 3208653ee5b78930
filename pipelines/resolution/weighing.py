"""Weighing a pair for the store: only what is worth a judgement is put into sentences. Pure.

Nine of ten pairs of a block are two people, and comparing their employers costs as much as all the rest. So the rest is
asked first, and the employers only where they could still make the pair worth a judgement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from crawler.items import MentionType
from pipelines.resolution import evidence
from pipelines.resolution.clustering import Pair
from pipelines.resolution.comparison import REVIEW, Comparison, explain, probability, score, summed
from pipelines.resolution.contact_levels import title_rarity
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.remembering import remembered
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weights import WEIGHTS
from pipelines.resolution.workplace import ORGANISATION_LEVELS

#: Bits of a pair that is just worth a judgement, less what sums differ by when they are added up in another order.
_WORTH = math.log2(REVIEW / (1.0 - REVIEW)) - 1e-3
#: The most that `evidence.bearers`, which depends on the employers, adds to a score: its findings go up to 5.
_BEARERS = max(0.0, *(5.0 * WEIGHTS.rules.get(rule, 0.0) for rule in evidence.BEARERS))


def weigh(prepared: Mapping[str, Prepared], pair: Pair, statistics: Statistics) -> Comparison | None:
    """Return the comparison of a pair that is worth a judgement, or None; most pairs of a block are not."""
    one, other = prepared[pair[0]], prepared[pair[1]]
    if one.type is other.type is MentionType.PERSON:
        known = evidence.strangers(one, other, statistics)
        if ceiling(one, other, known, statistics) < _WORTH:
            return None
        scored = summed(MentionType.PERSON, evidence.acquainted(one, other, known, statistics))
    else:
        scored = score(one, other, statistics)
    if probability(scored[0]) < REVIEW:
        return None
    found = explain(one, other, scored)
    return None if found.veto else found


def ceiling(a: Prepared, b: Prepared, known: evidence.Strangers, statistics: Statistics) -> float:
    """Return the most bits that two people can have, whatever their employers are: never less than their score."""
    bits = WEIGHTS.prior[MentionType.PERSON.value] + WEIGHTS.bits(known.findings)
    if known.view and evidence.depends_on_firms(known.given, known.surname):
        bits += _BEARERS
    if known.levels[-1] == "same":
        bits += WEIGHTS.rules.get("title.rarity", 0.0) * title_rarity(a.titles, b.titles, statistics)
    rarity = evidence.rarity_in(known.findings)
    return bits + max(
        joint + weight * rarity for joint, weight in _outlooks(evidence.kind_of(known.view), known.levels)
    )


@remembered(1 << 12)
def _outlooks(kind: str, levels: tuple[str, str, str, str, str]) -> frozenset[tuple[float, float]]:
    """Return, for each way in which employers may agree, the bits of all levels and what a bit of rarity counts."""
    found = (evidence.joint(kind, evidence.Levels(level, *levels)) for level in ORGANISATION_LEVELS)
    return frozenset((WEIGHTS.bits(one.findings), WEIGHTS.rules.get(one.name_rarity, 0.0)) for one in found)
