"""The compliance report as HTML, Markdown, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator

from pipelines.reports.compliance import Compliance
from pipelines.reports.render import harmless, templates


def html(report: Compliance) -> Iterator[str]:
    """Yield one HTML document that needs nothing but itself."""
    yield from templates().get_template("compliance.html.j2").generate(report=report)


def markdown(report: Compliance) -> Iterator[str]:
    """Yield one Markdown document."""
    yield from templates().get_template("compliance.md.j2").generate(report=report)


def csv_rows(report: Compliance) -> Iterator[str]:
    """Yield one line for each cell's row: section, then its columns; each section begins with its headings."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for section in report.sections:
        writer.writerow(["section", *(column.title for column in section.columns)])
        writer.writerows([section.id, *(harmless(cell) for cell in row)] for row in section.rows)
    yield buffer.getvalue()


def json_text(report: Compliance) -> Iterator[str]:
    """Yield one JSON object: `made_at`, `scope`, and each section's rows as objects under its id."""
    sections = {
        section.id: [
            {column.title.lower().replace(" ", "_"): cell for column, cell in zip(section.columns, row, strict=True)}
            for row in section.rows
        ]
        for section in report.sections
    }
    totals = {label.lower().replace(" ", "_"): number for label, number, _ in report.tiles}
    head = {"made_at": report.made_at.isoformat(), "source": report.scope, "totals": totals}
    yield f"{json.dumps(head | sections, ensure_ascii=False)}\n"


FORMATS: dict[str, Callable[[Compliance], Iterator[str]]] = {
    "html": html,
    "md": markdown,
    "csv": csv_rows,
    "json": json_text,
}
