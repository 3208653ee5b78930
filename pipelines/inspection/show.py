"""What was read, for eyes: each mention with its block, each value with the way it was read, and what was not kept."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from crawler.items import Disposal, MentionType, Property
from pipelines.inspection.reading import Found, Reading

_COLOURS = {MentionType.PERSON: "bold green", MentionType.ORGANISATION: "bold cyan"}
_SURE, _DOUBTFUL = 0.85, 0.6
_INDENT, _GAP, _LEAST_PLACE = 4, 2, 8  # columns


def show(reading: Reading, console: Console) -> None:
    """Print one document's mentions and a table of what was not kept."""
    size = f"{reading.size / 1000:,.0f} kB" if reading.size >= 1000 else f"{reading.size} bytes"
    head = Text.assemble((reading.document, "bold underline"), f"  {reading.kind}, {size}")
    if reading.truncated:
        head.append("  read up to a bound, the rest is cut off", "yellow")
    console.print(head)
    for found in reading.found:
        console.print(_found(found, console.width))
    if not reading.found:
        console.print("  Nobody is named here with a business context.", style="yellow")
    if reading.rejected:
        console.print(_rejected(reading))
    console.print()


def _found(found: Found, width: int) -> RenderableType:
    mention = found.mention
    head = Text.assemble(
        (mention.text(Property.NAME) or "nameless", _COLOURS[mention.type]),
        f"  {mention.type.value}  ",
        _sure(mention.confidence),
        (f"  in {mention.locator}" if mention.locator else "", "dim"),
    )
    rows = [
        (
            Text(prop.value + (f" of job {value.employment + 1}" if value.employment else ""), "blue"),
            Text("\n").join([Text(value.normalised or value.text), *_unstored(rule)]),
            Text(value.method.value, "magenta"),
            _sure(value.confidence),
            Text(value.locator, "dim"),
        )
        for prop, value, rule in found.values()
    ]
    table = _grid(rows, width - _INDENT)
    for row in rows:
        table.add_row(*row)
    snippets = dict.fromkeys(value.evidence for _, value in mention if value.evidence)
    evidence = [Text(f"“{max(snippets, key=len)}”", "italic dim")] if snippets else []
    below = Padding(Group(table, *evidence), (0, 0, 0, _INDENT), expand=False)
    return Group(Padding(head, (1, 0, 0, 2), expand=False), below)


def _grid(rows: Sequence[tuple[Text, ...]], width: int) -> Table:
    """Return an empty table for the rows in which a place on the page is folded first.

    What was read is to be copied whole as long as it leaves a third of the width to the rest.
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)] or [0] * 5
    prop, value, method, sure, _ = widths
    value = min(value, width * 2 // 3)
    place = max(width - (prop + value + method + sure + 4 * _GAP), _LEAST_PLACE)
    columns = [Column(overflow="fold") for _ in range(4)]
    return Table.grid(*columns, Column(overflow="fold", max_width=place), padding=(0, _GAP))


def _width(cell: Text) -> int:
    return max(line.cell_len for line in cell.split("\n", allow_blank=True))


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
    return Padding(table, (1, 0, 0, 2), expand=False)


def _key(disposal: Disposal) -> tuple[str, ...]:
    return (disposal.stage, disposal.category, disposal.location, disposal.rule)
