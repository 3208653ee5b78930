"""The demo on a terminal: its progress, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from crawler.items import Source
from pipelines.demo import crawls
from pipelines.demo.crawls import SourceRun
from pipelines.demo.run import Outcome
from pipelines.reports.overview import amount

_STYLES = {"finished": "green", "unchanged": "cyan", "refused": "yellow", "blocked": "yellow"}
_REMARKS = {
    "refused": "The site says no; nothing was read.",
    "blocked": "The site turned the crawler away.",
    "expectation-missed": "It found fewer or more people than the source register expects.",
}


@contextmanager
def watch(sources: Sequence[str], *, quiet: bool) -> Iterator[crawls.Progress]:
    """Show a bar over the sources on standard error for as long as the block runs, or nothing when quiet."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task("Starting", total=len(sources))

        def advance(source: Source, responses: int, ended: SourceRun | None) -> None:
            progress.update(task, description=f"{source.publisher}: {responses} answers", advance=1 if ended else 0)

        yield advance


def show(outcome: Outcome, console: Console) -> None:
    """Print what happened, from the sources to the place of the report."""
    _show_runs(outcome, console)
    _show_dropped(outcome, console)
    _show_merged(outcome, console)
    found = outcome.totals
    people, organisations = amount(found.people, "person", "people"), amount(found.organisations, "organisation")
    console.print(
        f"\n[bold]{people}[/] and [bold]{organisations}[/] stand in the master, "
        f"from {amount(found.mentions, 'reading')} on {amount(found.pages, 'page')} "
        f"of {amount(found.sources, 'source')}."
    )
    if outcome.changed:
        console.print(f"This run changed the master: {outcome.added:+,} statements.")
    else:
        console.print("This run added nothing and changed nothing: the master is the same, byte for byte.")
    if outcome.undrawn:
        console.print(
            f"[yellow]No browser was found[/], so {amount(outcome.undrawn, 'page')} drawn by script could only be read "
            "as sent. Run `playwright install chromium`, or set CARDFILE_CHROMIUM."
        )
    places = (
        ("Report", outcome.report),
        ("Quality", outcome.quality),
        ("Log", outcome.home / "demo.log"),
        ("Data", outcome.home),
    )
    for label, place in places:
        console.print(Text(f"{label + ':':<9}{place}", style="bold" if label == "Report" else ""), soft_wrap=True)


def _show_runs(outcome: Outcome, console: Console) -> None:
    table = _table("Sources", "source", "language", "pages", "people", "outcome")
    for run in outcome.runs:
        style = _STYLES.get(run.outcome, "red")
        table.add_row(run.source.id, run.source.language, str(run.pages), str(run.people), f"[{style}]{run.outcome}[/]")
    console.print(table)
    for run in outcome.runs:
        if remark := str(run.error) if run.error else _REMARKS.get(run.outcome):
            console.print(Text(f"{run.source.id}: {remark}"))


def _show_dropped(outcome: Outcome, console: Console) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for row in outcome.dropped:
        counts[row.stage, row.category] += row.count
    if outcome.objections:
        console.print(f"\n{outcome.objections} identifiers of people who have objected are on the suppression list.")
    if not counts:
        return
    table = _table("Not kept in this run (counted, never quoted)", "stage", "category", "times")
    for (stage, category), count in counts.items():
        table.add_row(stage, category, str(count))
    console.print(table)


def _show_merged(outcome: Outcome, console: Console) -> None:
    if not outcome.merged:
        return
    table = _table("Merged from most sources", "person", "readings", "sources")
    for person in outcome.merged:
        table.add_row(Text(person.name), str(person.readings), str(person.sources))
    console.print(table)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in columns:
        numeric = column in {"pages", "people", "times", "readings", "sources"}
        table.add_column(column, justify="right" if numeric else "left", no_wrap=True)
    return table
