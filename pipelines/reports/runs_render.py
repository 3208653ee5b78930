"""The run report as HTML, Markdown, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pipelines.reports.render import harmless, templates
from pipelines.reports.runs import RunLine, RunsReport, SourceRuns
from pipelines.reports.sparkline import Picture, bars, line

#: Runs that are listed below a source's picture.
_LISTED = 8
_COLUMNS = (
    "source", "run", "started_at", "ended_at", "seconds", "outcome", "pages", "pages_unchanged", "page_budget",
    "people", "statements_new", "statements_retired", "findings", "refused", "hosts", "min_gap", "max_concurrency",
)  # fmt: skip


def html(report: RunsReport) -> Iterator[str]:
    """Yield one HTML document that needs nothing but itself."""
    tiles = [
        ("Sources", len(report.sources), ""),
        ("Need a look", len(report.in_trouble), "by their last run"),
        ("Runs", len(report.runs), f"in {report.days} days"),
        ("Pages read", sum(run.pages for run in report.runs), ""),
        ("Alerts", sum(alert.delivered for alert in report.alerts), "delivered"),
    ]
    facts = {"report": report, "tiles": tiles, "picture": picture, "line": line, "spell": spell, "listed": _LISTED}
    yield from templates().get_template("runs.html.j2").generate(**facts)


def markdown(report: RunsReport) -> Iterator[str]:
    """Yield one Markdown document."""
    yield from templates().get_template("runs.md.j2").generate(report=report, spell=spell)


def csv_rows(report: RunsReport) -> Iterator[str]:
    """Yield a header line, one line for each run, newest first, and one for each dead job of the queue."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for run in report.runs:
        gaps = [host.min_gap for host in run.hosts if host.min_gap is not None]
        row = (
            run.source, run.id, run.started_at.isoformat(), run.ended_at.isoformat() if run.ended_at else "",
            run.seconds if run.seconds is not None else "", run.outcome, run.pages, run.unchanged, run.page_budget,
            run.people, run.new, run.retired, " ; ".join(run.findings),
            " ; ".join(f"{word} {count}" for word, count in run.refused.items()), len(run.hosts),
            min(gaps, default=""), max((host.max_concurrency for host in run.hosts), default=""),
        )  # fmt: skip
        writer.writerow([harmless(cell) for cell in row])
    for job in report.queue.dead if report.queue else ():
        dead = dict.fromkeys(_COLUMNS, "") | {"source": job.source, "outcome": "dead", "findings": job.advice}
        writer.writerow([harmless(cell) for cell in (dead | {"ended_at": job.died_at.isoformat()}).values()])
    yield buffer.getvalue()


def json_text(report: RunsReport) -> Iterator[str]:
    """Yield one JSON object: `made_at`, `days`, `sources` with their runs, `alerts`, `passes` of plans, the `queue`."""
    value: dict[str, Any] = asdict(report)
    value["in_trouble"] = [source.id for source in report.in_trouble]
    yield json.dumps(value, ensure_ascii=False, default=_plain) + "\n"


FORMATS: dict[str, Callable[[RunsReport], Iterator[str]]] = {
    "html": html,
    "md": markdown,
    "csv": csv_rows,
    "json": json_text,
}


def picture(source: SourceRuns) -> Picture:
    """Return the history of a source as bars: people per run, in the kind of the outcome."""
    return bars([(run.people, _kind(run), _title(run)) for run in source.runs], source.usual)


def spell(seconds: float | None) -> str:
    """Return a duration as a person says it; a dash while it lasts."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _kind(run: RunLine) -> str:
    return "good" if run.outcome in {"finished", "unchanged", "running"} else "odd" if run.complete else "bad"


def _title(run: RunLine) -> str:
    return f"{run.started_at:%Y-%m-%d %H:%M}: {run.outcome}, {run.people} people"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} does not belong in a report")
