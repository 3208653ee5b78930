"""One entry of the master on a terminal: its values with their receipts, its jobs, and why its readings are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from pipelines.review.events import employer_changes
from pipelines.review.explain import Step
from pipelines.review.show import waterfall_lines
from pipelines.review.texts import rule
from pipelines.review.verdicts import holding_sentences

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.reports.entities import Decision, Entity


def show_entry(console: Console, entity: Entity, language: str) -> None:
    """Print everything that is known of where an entry came from."""
    console.print(Text(entity.name, style="bold"), Text(f"{entity.type} {entity.id}", style="dim"))
    _values(console, entity)
    for job in entity.jobs:
        until = f"{job.end:%Y-%m-%d}" if job.end else "now"
        title = ", ".join(part for part in (job.job_title, job.works_for) if part)
        console.print(Text(f"\nJob: {title}; seen from {job.start:%Y-%m-%d} to {until}"))
    for change in employer_changes(entity.jobs):
        console.print(Text(change.sentence(language)))
    for decision in entity.decisions:
        _decision(console, decision, language)


def show_holding(console: Console, holding: dict[str, int] | None, language: str) -> None:
    """Print what holds an entry together."""
    console.print()
    for sentence in holding_sentences(holding, language):
        console.print(Text(sentence))


def _values(console: Console, entity: Entity) -> None:
    receipts = {receipt.number: receipt for receipt in entity.receipts}
    for value in entity.values:
        style = "bold" if value.rank == 0 else "dim" if value.rank is None else ""
        note = " (no page shows it any more)" if value.rank is None else ""
        console.print(Text(f"\n{value.property}: "), Text(f"{value.value}{note}", style=style), sep="")
        for one in value.statements:
            receipt = receipts[one.receipt]
            console.print(
                Text(f"  {receipt.url}\n    {one.first_seen:%Y-%m-%d} to {one.last_seen:%Y-%m-%d}, source "),
                Text(f"{receipt.source}, {one.method} at {one.locator}, confidence {one.confidence:.2f}\n"),
                Text(f"    allowed by {receipt.robots_url or 'its robots.txt'}: {receipt.rule}", style="dim"),
                sep="",
            )


def _decision(console: Console, decision: Decision, language: str) -> None:
    verdict = "Merged" if decision.joined else f"Not merged ({decision.verdict})"
    console.print(Text(f"\n{verdict}, probability {decision.probability:.3f}, by {decision.by}: "))
    console.print(Text(f"  {decision.pages[0]}\n  {decision.pages[1]}"))
    console.print(
        Text(f"  judgement {decision.id[:12]} about {' and '.join(one[:12] for one in decision.mentions)}", style="dim")
    )
    if len(decision.reasons) < 2:
        for reason in decision.reasons:
            console.print(Text(f"  – {rule(reason.rule, language, reason.sentence)}"))
        return
    for line in waterfall_lines(steps_of(decision), language):
        console.print(Text(f"  {line}"))


def steps_of(decision: Decision) -> tuple[Step, ...]:
    """Return the waterfall of a judgement as it was recorded, what speaks for a merge first."""
    steps = [Step("prior", "", decision.prior, decision.prior)]
    for reason in sorted(decision.reasons, key=lambda one: (-one.bits, one.rule)):
        steps.append(Step(reason.rule, reason.sentence, reason.bits, steps[-1].total + reason.bits))
    return tuple(steps)
