"""Why two records are one or are not, and what would change that. Pure: records and statistics in, facts out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crawler.items import MentionType
from pipelines.resolution import engine
from pipelines.resolution.comparison import MATCH, REVIEW, Comparison, compare
from pipelines.resolution.judgements import Pair
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics

#: The groups of values that are taken away, or shared, to see what hangs on them: what one group's name stands for.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "emails": ("emails",),
    "telephones": ("telephones",),
    "addresses": ("addresses",),
    "profiles": ("same_as", "urls"),
    "organisations": ("organisations",),
    "job_titles": ("job_titles",),
}
#: An organisation has neither an employer nor a job title that it could share.
_OF_PEOPLE = frozenset({"organisations", "job_titles"})
#: Invented values that two records are made to share; each as telling as a real one that nobody else has.
_SHARED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "emails": {"emails": ("q7x.k2v@shared.example",)},
    "telephones": {"telephones": ("+442079460987",)},
    "addresses": {"addresses": ("77 Shared Lane, Exampletown EX1 7ZZ",)},
    "profiles": {"same_as": ("https://profiles.example/in/q7x-k2v-51",)},
    "organisations": {"organisations": ("Quevexil Holdings",)},
    "job_titles": {"job_titles": ("Head of Quevexil",)},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the waterfall: a rule, what it adds in bits, and where the sum stands after it."""

    rule: str
    sentence: str
    bits: float
    total: float


@dataclass(frozen=True, slots=True)
class PairReason:
    """Why a pair is scored as it is. `verdict` is what the rules alone say: same, review or different.

    `without` are the groups of shared values of which each alone, taken away, would undo a "same"; `needs` those of
    which each alone, shared, would make one of the two.
    """

    left: str
    right: str
    verdict: str
    probability: float
    bits: float
    veto: str
    steps: tuple[Step, ...]
    without: tuple[str, ...]
    needs: tuple[str, ...]


def verdict_of(found: Comparison) -> str:
    """Return what the rules say of a comparison, in the words of a judgement."""
    if found.veto or found.probability < REVIEW:
        return "different"
    return "same" if found.probability >= MATCH else "review"


def pair_reason(left: Record, right: Record, statistics: Statistics) -> PairReason:
    """Explain one pair."""
    found = compare(prepare(left), prepare(right), statistics)
    same = verdict_of(found) == "same"
    return PairReason(
        left=left.id,
        right=right.id,
        verdict=verdict_of(found),
        probability=found.probability,
        bits=found.bits,
        veto=found.veto,
        steps=waterfall(found),
        without=tuple(_undoing(left, right, statistics)) if same else (),
        needs=() if same or found.veto else tuple(_making(left, right, statistics)),
    )


def waterfall(found: Comparison) -> tuple[Step, ...]:
    """Return the bits step by step, what speaks for one first; the last total is the score."""
    prior = found.bits - sum(item.bits for item in found.evidence)
    steps = [Step("prior", "", prior, prior)]
    for item in sorted(found.evidence, key=lambda item: (-item.bits, item.rule)):
        steps.append(Step(item.rule, item.sentence, item.bits, steps[-1].total + item.bits))
    return tuple(steps)


def _undoing(left: Record, right: Record, statistics: Statistics) -> list[str]:
    found = []
    for group in FIELDS:
        if any(getattr(one, name) for name in FIELDS[group] for one in (left, right)):
            score = engine.bits_of(prepare(less(left, group)), prepare(less(right, group)), statistics)
            if score <= engine.LINK:
                found.append(group)
    return found


def _making(left: Record, right: Record, statistics: Statistics) -> list[str]:
    def shared(one: Record, group: str) -> Record:
        fields: dict[str, Any] = {name: (*values, *getattr(one, name)) for name, values in _SHARED[group].items()}
        return replace(one, **fields)

    person = left.type is MentionType.PERSON
    return [
        group
        for group in FIELDS
        if (person or group not in _OF_PEOPLE)
        and engine.bits_of(prepare(shared(left, group)), prepare(shared(right, group)), statistics) > engine.LINK
    ]


def less(record: Record, group: str) -> Record:
    """Return a record without one group of values."""
    nothing: dict[str, Any] = dict.fromkeys(FIELDS[group], ())
    return replace(record, **nothing)


def holding(
    records: Sequence[Record], statistics: Statistics, same: Sequence[Pair] = (), different: Sequence[Pair] = ()
) -> dict[str, int] | None:
    """Return the groups of values without which these records, which are one, would be several, and how many.

    Only for what a component can be completed for (`engine.LARGEST_COMPLETED` records); None, unknown, for more.
    """
    if len(records) > engine.LARGEST_COMPLETED:
        return None
    found: dict[str, int] = {}
    if len(records) < 2:
        return found
    for group in FIELDS:
        if any(getattr(one, name) for name in FIELDS[group] for one in records):
            prepared = [prepare(less(one, group)) for one in records]
            clusters = engine.resolve_component(prepared, {}, statistics, same, different)[0]
            if len(clusters) > 1:
                found[group] = len(clusters)
    return found
