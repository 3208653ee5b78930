"""The quality report as HTML, Markdown, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from pipelines.reports.quality import Quality, advice
from pipelines.reports.quality.figures import CONFIDENCES, DAYS, Held, SourceLine, share
from pipelines.reports.quality.sections import SECTIONS
from pipelines.reports.render import harmless, templates

#: Steps that a document for a person lists; CSV and JSON have all of them.
MOST_STEPS = 40
_COLUMNS = ("section", "source", "subject", "measure", "count", "of")
_AGES = (*(f"seen within {days} days" for days in DAYS), f"not seen for {DAYS[-1]} days")
_SURE = (f"below {CONFIDENCES[0]}", *(f"from {bound}" for bound in CONFIDENCES))


class Row(NamedTuple):
    """One figure: so many of so many."""

    section: str
    source: str
    subject: str
    measure: str
    number: int
    of: int | str = ""


def html(report: Quality) -> Iterator[str]:
    """Yield one HTML document that needs nothing but itself."""
    yield from _document("quality.html.j2", report)


def markdown(report: Quality) -> Iterator[str]:
    """Yield one Markdown document."""
    yield from _document("quality.md.j2", report)


def csv_rows(report: Quality) -> Iterator[str]:
    """Yield a header line and one line a figure: its section, its source, what it is about, and so many of so many."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in chain((_COLUMNS,), _rows(report)):
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def json_text(report: Quality) -> Iterator[str]:
    """Yield one JSON object: `made_at`, `source`, `sources`, and what is counted over all of them."""
    yield f'{{"made_at": {_json(report.made_at)}, "source": {_json(report.source_id)}, "sources": ['
    for number, line in enumerate(report.sources):
        yield ("\n" if number == 0 else ",\n") + _json(asdict(line))
    foot = {
        "methods": [{**asdict(one), "mean": round(one.mean, 4)} for one in report.methods],
        "decisions": asdict(report.decisions),
        "rejected": [{**asdict(one), "reason": advice.reason(one.rule)} for one in report.rejected],
        "corrected": [asdict(one) for one in report.corrected],
        "holdings": [asdict(one) for one in report.held],
        "entities": {kind.value: number for kind, number in report.entities.items()},
        "reachable": report.reachable,
        "bands": {"days": DAYS, "confidence": CONFIDENCES},
        "steps": [asdict(step) for step in report.steps],
    }
    yield "], " + _json(foot)[1:] + "\n"


FORMATS: dict[str, Callable[[Quality], Iterator[str]]] = {
    "html": html,
    "md": markdown,
    "csv": csv_rows,
    "json": json_text,
}


def percent(part: int, whole: int) -> str:
    """Return a share in percent, a dash where so few have none; what is not all is never shown as all."""
    found = share(part, whole)
    if found is None:
        return "–"
    if 0 < part < whole:
        found = min(max(found, 0.01), 0.99)
    return f"{found:.0%}"


def _document(template: str, report: Quality) -> Iterator[str]:
    facts: dict[str, Any] = {
        "report": report,
        "sections": [SECTIONS[name] for name in report.order],
        "percent": percent,
        "reason": advice.reason,
        "most": MOST_STEPS,
        "days": DAYS,
        "confidences": CONFIDENCES,
    }
    yield from templates().get_template(template).generate(**facts)


def _rows(report: Quality) -> Iterator[Row]:
    for line in report.sources:
        yield from _of_source(line)
    for read in report.methods:
        for word, count in zip(_SURE, read.bands, strict=True):
            yield Row("methods", "", read.method, f"confidence {word}", count, read.values)
    about = report.decisions
    counts = ("open", "judged", "same", "agreed", "undone", "joined", "parted", "conflicts", "namesakes")
    yield from (Row("decisions", "", "pairs", name, getattr(about, name)) for name in counts)
    yield Row("decisions", "", "entries", "readings", about.readings, about.entries)
    yield from (Row("rejected", "", one.property, one.rule, one.count) for one in report.rejected)
    for one in report.corrected:
        yield Row("corrected", "", one.property, "holding", one.holding)
        yield Row("corrected", "", one.property, "withdrawn", one.withdrawn)
    yield from _of_holdings(report.held)
    yield from (Row("steps", step.source, step.what, step.command, step.count, step.of) for step in report.steps)


def _of_source(line: SourceLine) -> Iterator[Row]:
    yield Row("sources", line.id, "people", "held", line.people)
    yield Row("sources", line.id, "organisations", "held", line.organisations)
    for stated in line.stated:
        yield Row("sources", line.id, stated.property, "stated", stated.people, line.people)
        yield Row("sources", line.id, stated.property, "backed", stated.backed, stated.people)
        yield Row("sources", line.id, stated.property, "overruled", stated.overruled, stated.people)
    yield from (
        Row("sources", line.id, "people", word, n, line.people) for word, n in zip(_AGES, line.ages, strict=True)
    )
    if line.bound is not None:
        yield Row("sources", line.id, "people", f"not seen for {line.bound} days (stale)", line.stale, line.people)
    for word in ("silent", "retired", "quarantined"):
        yield Row("sources", line.id, "values", word, getattr(line, word), line.values if word == "silent" else "")
    yield Row("sources", line.id, "people", "corrected", line.corrected)
    yield from (Row("sources", line.id, "rejected", rule, count) for rule, count in line.rejected.items())


def _of_holdings(found: Iterable[Held]) -> Iterator[Row]:
    for one in found:
        yield Row("holdings", "", f"{one.type} {one.property}", "held", one.held, one.entities)
        yield Row("holdings", "", f"{one.type} {one.property}", "backed", one.backed, one.held)
        yield Row("holdings", "", f"{one.type} {one.property}", "several", one.several, one.held)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} does not belong in a report")
