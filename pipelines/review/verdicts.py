"""What holds between two entries, on whose word, and what would change it, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipelines.resolution.judgements import DIFFERENT, SAME, Human
from pipelines.review.explain import PairReason
from pipelines.review.texts import say, thing

_OF_PEOPLE = frozenset({"decided_same", "decided_different", "contradicted"})
_OF_RULES = {"same": "one", "review": "unsure", "different": "apart"}


def standing(reason: PairReason, *, joined: bool, decisions: Sequence[Human] = ()) -> str:
    """Return what holds between two entries, the key of its sentence.

    A person outranks the rules: decided_same, decided_different, or contradicted when one has said "same" and another
    decision holds them apart. Else the rules: one, unsure, apart; joined for a pair that its group ties although it
    would not do so alone, refused for one that would and whose group does not let it.
    """
    said = {one.verdict for one in decisions}
    if joined:
        alone = "one" if reason.verdict == "same" else "joined"
        return "decided_same" if SAME in said else alone
    if SAME in said:
        return "contradicted"
    alone = "refused" if reason.verdict == "same" else _OF_RULES[reason.verdict]
    return "decided_different" if DIFFERENT in said else alone


def sentences(reason: PairReason, language: str, *, joined: bool, decisions: Sequence[Human] = ()) -> Iterator[str]:
    """Yield what holds now, on whose word, and what would change it."""
    for one in decisions:
        verdict = say(one.verdict, language)
        yield say("by_person", language, by=one.by, on=f"{one.made_at:%Y-%m-%d}", verdict=verdict)
    key = standing(reason, joined=joined, decisions=decisions)
    yield say(key, language, probability=reason.probability)
    if key in _OF_PEOPLE:
        yield from (say("undo", language, judgement=one.id[:12]) for one in decisions)
    else:
        yield from _counterfactuals(key, reason, language)


def _counterfactuals(key: str, reason: PairReason, language: str) -> Iterator[str]:
    """Say what would change what the rules alone have brought about; of a group, its holding says it."""
    if key == "one":
        found = [say("without", language, thing=thing(group, language)) for group in reason.without]
        yield from found or [say("holds", language)]
    elif key in {"unsure", "apart"} and reason.veto:
        yield say("vetoed", language)
    elif key in {"unsure", "apart"}:
        found = [say("needs", language, thing=thing(group, language)) for group in reason.needs]
        yield from found or [say("nothing", language)]


def holding_sentences(holding: Mapping[str, int] | None, language: str) -> list[str]:
    """Say what holds an entry together; None when it has too many readings to tell."""
    if holding is None:
        return [say("entity_many", language)]
    found = [say("entity_without", language, thing=thing(group, language), count=holding[group]) for group in holding]
    return found or [say("entity_holds", language)]
