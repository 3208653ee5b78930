"""Weighing one pair: evidence in bits for and against one person or organisation behind two records.

After Fellegi and Sunter (1969): the bits of all rules that hold add up to log2 of the odds. The weights stand in one
file (`weights.json`), learnt by `pipelines.resolution.train`, the sentences in another (`sentences.toml`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from crawler.items import MentionType
from pipelines.resolution import evidence
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.weights import WEIGHTS, Weights, sentence

#: Names the rules and weights that made a score; stored with every judgement of the machine.
RULES_VERSION = WEIGHTS.version
#: From here on (a probability) two records are merged without a human.
MATCH = WEIGHTS.match
#: From here up to `MATCH` a person decides.
REVIEW = WEIGHTS.review
#: Decimal places of a score: the same whichever way the bits were added up.
PLACES = 6
#: What a veto leaves of a score: no other evidence of the weights outweighs it.
VETO_BITS = -20.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """One rule that holds: its id, its bits (positive for one person), and a sentence without any value."""

    rule: str
    bits: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The weighed pair. `bits` is log2 of the odds, `probability` calibrated, `veto` a rule id or ""."""

    bits: float
    probability: float
    evidence: tuple[Evidence, ...]
    veto: str = ""


def compare(a: Prepared, b: Prepared, statistics: Statistics, weights: Weights = WEIGHTS) -> Comparison:
    """Weigh two records of one type; records of two types are vetoed. Symmetric in `a` and `b`."""
    return explain(a, b, score(a, b, statistics, weights), weights)


def explain(
    a: Prepared, b: Prepared, scored: tuple[float, list[evidence.Finding]], weights: Weights = WEIGHTS
) -> Comparison:
    """Put into sentences what `score` returned for two records."""
    bits, found = scored
    veto = veto_of(a, b, found)
    listed = [Evidence(rule, value, sentence(rule)) for rule, value in weights.contributions(found) if value]
    if veto:
        bits = min(bits, VETO_BITS)
        if not any(item.rule == veto for item in listed):
            listed.append(Evidence(veto, VETO_BITS, sentence(veto)))
    listed.sort(key=lambda item: (-abs(item.bits), item.rule))
    return Comparison(bits, 0.0 if veto else probability(bits), tuple(listed), veto)


def score(
    a: Prepared, b: Prepared, statistics: Statistics, weights: Weights = WEIGHTS
) -> tuple[float, list[evidence.Finding]]:
    """Return the calibrated bits and the findings, without sentences: the inner loop of a batch."""
    kind = a.type if a.type is b.type else MentionType.ORGANISATION
    return summed(kind, evidence.pair(a, b, statistics), weights)


def summed(
    kind: MentionType, found: list[evidence.Finding], weights: Weights = WEIGHTS
) -> tuple[float, list[evidence.Finding]]:
    """Return the calibrated bits of findings about two records of a kind, and the findings."""
    return round(weights.prior[kind.value] + weights.bits(found), PLACES), found


def probability(bits: float) -> float:
    """Return the probability that belongs to log2 odds."""
    return 1.0 / (1.0 + math.exp2(-max(-60.0, min(60.0, bits))))


#: Findings that no other evidence outweighs.
_VETOES = ("generation.conflict", "profile.other")


def veto_of(a: Prepared, b: Prepared, found: list[evidence.Finding]) -> str:
    """Return the rule that forbids a merge without a human, or ""."""
    if a.type is not b.type:
        return "veto.type"
    if a.type is MentionType.PERSON and a.page and a.page == b.page and a.id != b.id:
        return "veto.page"
    rules = {rule for rule, _ in found}
    return next((rule for rule in _VETOES if rule in rules), "")
