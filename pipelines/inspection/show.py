"""What was read, for eyes: each mention with its block, each value with the way it was read, and what was not kept."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from crawler.items import Disposal, MentionType, Property
from pipelines.inspection.reading import Found, Reading

_COLOURS = {MentionType.PERSON: "bold green", MentionType.ORGANISATION: "bold cyan"}
_SURE, _DOUBTFUL = 0.85, 0.6


def show(reading: Reading, console: Console) -> None:
    """Print one document's mentions and a table of what was not kept."""
    size = f"{reading.size / 1000:,.0f} kB" if reading.size >= 1000 else f"{reading.size} bytes"
    head = Text.assemble((reading.document, "bold underline"), f"  {reading.kind}, {size}")
    if reading.truncated:
        head.append("  read up to a bound, the rest is cut off", "yellow")
    console.print(head)
    for found in reading.found:
        console.print(_found(found))
    if not reading.found:
        console.print("  Nobody is named here with a business context.", style="yellow")
    if reading.rejected:
        console.print(_rejected(reading))
    console.print()


def _found(found: Found) -> RenderableType:
    mention = found.mention
    head = Text.assemble(
        (mention.text(Property.NAME) or "nameless", _COLOURS[mention.type]),
        f"  {mention.type.value}  ",
        _sure(mention.confidence),
        (f"  in {mention.locator}" if mention.locator else "", "dim"),
    )
    table = Table.grid(*(Column(overflow="fold") for _ in range(5)), padding=(0, 2))
    for prop, value, rule in found.values():
        job = f" of job {value.employment + 1}" if value.employment else ""
        table.add_row(
            Text(prop.value + job, "blue"),
            Text("\n").join([Text(value.normalised or value.text), *_unstored(rule)]),
            Text(value.method.value, "magenta"),
            _sure(value.confidence),
            Text(value.locator, "dim"),
        )
    snippets = dict.fromkeys(value.evidence for _, value in mention if value.evidence)
    evidence = [Text(f"“{max(snippets, key=len)}”", "italic dim")] if snippets else []
    return Group(Padding(head, (1, 0, 0, 2)), Padding(Group(table, *evidence), (0, 0, 0, 4)))


def _unstored(rule: str) -> list[Text]:
    return [Text(f"would not be stored: {rule}", "yellow")] if rule else []


def _sure(confidence: float) -> Text:
    style = "green" if confidence >= _SURE else "yellow" if confidence >= _DOUBTFUL else "red"
    return Text(f"{confidence:.2f}", style)


def _rejected(reading: Reading) -> RenderableType:
    table = Table("times", "stage", "what", "where", "why", box=box.SIMPLE_HEAD, title="Not kept", title_justify="left")
    for disposal, times in sorted(reading.rejected.items(), key=lambda pair: (-pair[1], _key(pair[0]))):
        where = f"{disposal.location} ({disposal.action})" if disposal.action != "drop" else disposal.location
        table.add_row(str(times), disposal.stage, disposal.category, where, disposal.rule)
    return Padding(table, (1, 0, 0, 2))


def _key(disposal: Disposal) -> tuple[str, ...]:
    return (disposal.stage, disposal.category, disposal.location, disposal.rule)
