"""One entry of the master on a terminal: its values with their receipts, its jobs, and why its readings are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from pipelines.review.events import employer_changes
from pipelines.review.explain import Step
from pipelines.review.show import print_waterfall
from pipelines.review.texts import rule, say
from pipelines.review.verdicts import holding_sentences

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.reports.entities import Decision, Entity


def show_entry(console: Console, entity: Entity, language: str) -> None:
    """Print everything that is known of where an entry came from."""
    console.print(Text(entity.name, style="bold"), Text(f"{entity.type} {entity.id}", style="dim"))
    _values(console, entity, language)
    for job in entity.jobs:
        until = f"{job.end:%Y-%m-%d}" if job.end else say("now", language)
        title = ", ".join(part for part in (job.job_title, job.works_for) if part)
        console.print(Text(f"\n{say('job', language, job=title, start=f'{job.start:%Y-%m-%d}', end=until)}"))
    for change in employer_changes(entity.jobs):
        console.print(Text(change.sentence(language)))
    for decision in entity.decisions:
        _decision(console, decision, language)


def show_holding(console: Console, holding: dict[str, int] | None, language: str) -> None:
    """Print what holds an entry together."""
    console.print()
    for sentence in holding_sentences(holding, language):
        console.print(Text(sentence))


def _values(console: Console, entity: Entity, language: str) -> None:
    receipts = {receipt.number: receipt for receipt in entity.receipts}
    for value in entity.values:
        style = "bold" if value.rank == 0 else "dim" if value.rank is None else ""
        note = f" ({say('retired', language)})" if value.rank is None else ""
        console.print(Text(f"\n{value.property}: "), Text(f"{value.value}{note}", style=style), sep="")
        for one in value.statements:
            receipt = receipts[one.receipt]
            days = {"start": f"{one.first_seen:%Y-%m-%d}", "end": f"{one.last_seen:%Y-%m-%d}"}
            read = {"source": receipt.source, "method": one.method, "locator": one.locator}
            allowed = "allowed" if receipt.robots_url else "allowed_otherwise"
            console.print(
                Text(f"  {receipt.url}\n"),
                Text(f"    {say('read', language, confidence=one.confidence, **days, **read)}\n"),
                Text(f"    {say(allowed, language, robots=receipt.robots_url, rule=receipt.rule)}", style="dim"),
                sep="",
            )


def _decision(console: Console, decision: Decision, language: str) -> None:
    console.print(Text(f"\n{decision_line(decision, language)}"))
    console.print(Text(f"  {decision.pages[0]}\n  {decision.pages[1]}"))
    left, right = (one[:12] for one in decision.mentions)
    console.print(Text(f"  {say('about', language, judgement=decision.id[:12], left=left, right=right)}", style="dim"))
    if len(decision.reasons) < 2:
        for reason in decision.reasons:
            console.print(Text(f"  – {rule(reason.rule, language, reason.sentence)}"))
        return
    print_waterfall(console, steps_of(decision), language, margin="  ")


def decision_line(decision: Decision, language: str) -> str:
    """Say what became of a pair, how likely it is and who says so: a person by name, the rules by their version."""
    by = decision.by if decision.human else say("rules", language, version=decision.by)
    facts = {"probability": decision.probability, "by": by, "on": f"{decision.made_at:%Y-%m-%d}"}
    if decision.human:
        verdict = say(decision.verdict, language)
        return say("person_said", language, verdict=verdict, **facts)
    return say("merged" if decision.joined else "not_merged", language, **facts)


def steps_of(decision: Decision) -> tuple[Step, ...]:
    """Return the waterfall of a judgement as it was recorded, what speaks for a merge first."""
    steps = [Step("prior", "", decision.prior, decision.prior)]
    for reason in sorted(decision.reasons, key=lambda one: (-one.bits, one.rule)):
        steps.append(Step(reason.rule, reason.sentence, reason.bits, steps[-1].total + reason.bits))
    return tuple(steps)
