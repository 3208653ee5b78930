"""The human side on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from textwrap import fill
from typing import TYPE_CHECKING, Any

from pipelines.review.explain import PairReason, Step
from pipelines.review.texts import rule, say
from pipelines.review.verdicts import holding_sentences, sentences

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.command import CardfileCommand
    from pipelines.review.conflicts import Conflict
    from pipelines.review.pairs import Explanation
    from pipelines.review.people import Decided
    from pipelines.review.queue import Question, Side

#: Properties that a reviewer compares, in this order.
_COMPARED = ("name", "jobTitle", "worksFor", "email", "telephone", "workLocation", "url", "sameAs")
#: Columns of a bar, the bits that fill it at least, and the column at which the sentence behind it begins.
_BAR, _FULL, _SENTENCE = 24, 8.0, 36
#: Columns of a terminal from which there is room for bars.
_WIDE = 80


def say_decided(command: CardfileCommand, found: Decided, language: str, *, as_json: bool) -> None:
    """Say what a decision did, whether it had been made before, and whom it contradicts.

    Whose decision it was is not said: its judgement leads to the name for whoever may see it.
    """
    left, right = found.entities
    if as_json:
        command.write_json(
            {
                "judgement": found.judgement,
                "entities": found.entities,
                "joined": left == right,
                "already": found.already,
                "conflicts": [conflict_facts(one) for one in found.conflicts],
            }
        )
        return
    key = "decided_one" if left == right else "decided_two"
    command.write(say(key, language, judgement=found.judgement, left=left, right=right))
    if found.already:
        command.write(say(f"already_{found.already}", language))
    for one in found.conflicts:
        command.warn(conflict_sentence(one, language))


def conflict_sentence(found: Conflict, language: str) -> str:
    """Say who contradicts whom, with the judgements of which one has to be withdrawn."""
    left, right = found.different.pair
    by, *others = (f"{one.by} ({one.id[:12]})" for one in (found.different, *found.same))
    return say("conflict", language, left=left, right=right, by=by, others=", ".join(others))


def conflict_facts(found: Conflict) -> dict[str, Any]:
    """Return a conflict for JSON."""
    return {"different": found.different._asdict(), "same": [one._asdict() for one in found.same]}


def question_facts(found: Question, language: str) -> dict[str, Any]:
    """Return a question for JSON, with its sentences."""
    return {**asdict(found), "reason": reason_facts(found.reason, language, question_sentences(found, language))}


def question_sentences(found: Question, language: str) -> list[str]:
    """Say what holds between the two sides of a question, and what would change it."""
    return list(sentences(found.reason, language, joined=False))


def explanation_facts(found: Explanation, language: str) -> dict[str, Any]:
    """Return an explanation for JSON, with the sentences that the terminal shows."""
    return {
        "entities": found.entities,
        "joined": found.joined,
        "reason": reason_facts(found.reason, language, explanation_sentences(found, language)),
        "decisions": [decision._asdict() for decision in found.decisions],
        "holding": found.holding,
    }


def explanation_sentences(found: Explanation, language: str) -> list[str]:
    """Say why two entries are one or are not, and what would change that."""
    said = sentences(found.reason, language, joined=found.joined, decisions=found.decisions)
    return [*said, *(holding_sentences(found.holding, language) if found.joined else ())]


def reason_facts(found: PairReason, language: str, said: Sequence[str]) -> dict[str, Any]:
    """Return the reason of a pair for JSON, with what is said of it."""
    return {
        **asdict(found),
        "steps": [
            {
                "rule": step.rule,
                "bits": round(step.bits, 3),
                "total": round(step.total, 3),
                "sentence": rule(step.rule, language, step.sentence),
            }
            for step in found.steps
        ],
        "sentences": said,
    }


def waterfall_lines(steps: Sequence[Step], language: str, *, bars: bool = True) -> Iterator[str]:
    """Yield a line a step: its bits, a bar from where the sum stood to where it stands, and its sentence.

    The bars of one waterfall share a scale on which its highest and lowest sum have room.
    """
    full = max(_FULL, *(abs(step.total) for step in steps)) if steps else _FULL
    for step in steps:
        bar = f"{_bar(step, full)}  " if bars else ""
        yield f"{step.bits:+7.2f}  {bar}{rule(step.rule, language, step.sentence)}"
    if steps:
        yield f"{steps[-1].total:+7.2f}  {'=' * (_BAR + 1 if bars else 1)}"


def _bar(step: Step, full: float) -> str:
    """Draw the way from the sum before the step to the sum after it, zero in the middle."""
    low, high = sorted(round((bits / full + 1.0) / 2.0 * _BAR) for bits in (step.total - step.bits, step.total))
    mark = "+" if step.bits > 0 else "-"
    cells = [mark if low <= column < high else " " for column in range(_BAR)]
    cells.insert(_BAR // 2, "|")
    return "".join(cells)


def print_waterfall(console: Console, steps: Sequence[Step], language: str, margin: str = "") -> None:
    """Print a waterfall; on a terminal long sentences go on under their beginning, on a narrow one without bars."""
    from rich.text import Text  # noqa: PLC0415

    bars = console.soft_wrap or console.width >= _WIDE
    hanging = " " * (len(margin) + (_SENTENCE if bars else _SENTENCE - _BAR - 3))
    for line in waterfall_lines(steps, language, bars=bars):
        whole = f"{margin}{line}"
        console.print(Text(whole if console.soft_wrap else fill(whole, console.width, subsequent_indent=hanging)))


def show_explanation(command: CardfileCommand, found: Explanation, language: str) -> None:
    """Print why two entries are one or are not."""
    from rich.text import Text  # noqa: PLC0415

    for line in explanation_sentences(found, language):
        command.console.print(Text(line))
    print_waterfall(command.console, found.reason.steps, language)


def show_question(command: CardfileCommand, found: Question, language: str) -> None:
    """Print both sides, the evidence and what would change the verdict."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(show_lines=False, title=f"{found.left.type} {found.judgement[:12]}", title_justify="left")
    for heading in ("", f"A {found.left.id[:12]}", f"B {found.right.id[:12]}"):
        table.add_column(heading, overflow="fold")
    for label, left, right in _rows(found.left, found.right):
        table.add_row(Text(label), Text(left), Text(right), style="bold" if left == right and left else "")
    command.console.print(table)
    print_waterfall(command.console, found.reason.steps, language)
    for line in question_sentences(found, language):
        command.console.print(Text(line))


def _rows(left: Side, right: Side) -> Iterator[tuple[str, str, str]]:
    for prop in _COMPARED:
        values = ["\n".join(side.values.get(prop, ())[:4]) for side in (left, right)]
        if any(values):
            yield prop, values[0], values[1]
    yield "pages", "\n".join(left.pages), "\n".join(right.pages)
    yield "mentions", str(left.mentions), str(right.mentions)


def question_line(found: Question) -> str:
    """Return one question as one line for a list."""
    names = f"{found.left.name} ({found.left.id[:12]}) | {found.right.name} ({found.right.id[:12]})"
    return f"{found.judgement[:12]}  {found.reason.probability:.3f}  {found.left.type:<12}  {names}"
