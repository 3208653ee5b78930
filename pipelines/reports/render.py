"""A report as HTML, Markdown, CSV or JSON, piece by piece."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from pipelines.reports.entities import Decision, Entity
from pipelines.reports.overview import Report

#: Decisions shown of one entity; who has many readings has all their pairs.
_MOST_DECISIONS = 25
#: So many of them are read at once, the others on demand.
_OPEN_DECISIONS = 2
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = frozenset("=+-@\t\r\n")
_LABELS = {
    "givenName": "Given name",
    "familyName": "Family name",
    "honorificPrefix": "Title before name",
    "honorificSuffix": "Title after name",
    "alternateName": "Also known as",
    "jobTitle": "Job title",
    "worksFor": "Works for",
    "email": "E-mail",
    "faxNumber": "Fax",
    "workLocation": "Work address",
    "url": "Web page",
    "sameAs": "Profile",
}
_COLUMNS = (
    "type", "id", "name", "property", "value", "rank", "original", "evidence", "method", "locator", "confidence",
    "first_seen", "last_seen", "retired_at", "source", "publisher", "purpose", "legal_basis", "url", "fetched_at",
    "content_hash", "robots_rule", "robots_url", "robots_status", "robots_hash", "signals",
)  # fmt: skip


def html(report: Report) -> Iterator[str]:
    """Yield one HTML document that needs nothing but itself."""
    yield from _html(report, [title for title, _ in report.groups], report.groups, report.note)


def html_pages(report: Report, size: int, name: Callable[[int], str]) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield the name and the pieces of each of several HTML documents with so many cards each, linked by their names.

    A document has to be read to its end before the next: their cards are read from the store in one go.
    """
    pages = report.pages(size)
    for number, groups in pages:
        turns = [
            (label, name(page))
            for label, page in (("First", 1), ("Back", number - 1), ("Next", number + 1), ("Last", report.count(size)))
            if 1 <= page <= report.count(size) and page != number
        ]
        note = f"Page {number:,} of {report.count(size):,}, with {size:,} of {report.total:,} cards each at most."
        yield name(number), _html(report, [title for title, _ in groups], groups, note, turns)


def _html(
    report: Report,
    titles: Sequence[str],
    groups: Iterable[tuple[str, Iterator[Entity]]],
    note: str,
    turns: Sequence[tuple[str, str]] = (),
) -> Iterator[str]:
    sums = ["Totals"] if report.large else []
    ends = [*sums, "Sources", "Not kept"] if report.grounds else []
    sections = [*titles, *ends, "Reading guide"]
    yield from _document("provenance.html.j2", report, sections=sections, groups=groups, note=note, turns=turns)


def markdown(report: Report) -> Iterator[str]:
    """Yield one Markdown document."""
    yield from _document("provenance.md.j2", report, groups=report.groups, note=report.note)


def csv_rows(report: Report) -> Iterator[str]:
    """Yield a header line and one line for each statement.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV injection"); a plain
    telephone number such as +442079460123 is none and stays as it is.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for entity in report.all:
        receipts = {receipt.number: receipt for receipt in entity.receipts}
        for value in entity.values:
            for statement in value.statements:
                receipt = receipts[statement.receipt]
                source = report.grounds[receipt.source]
                row = (
                    entity.type, entity.id, entity.name, value.property, value.value, value.rank, statement.original,
                    statement.evidence, statement.method, statement.locator, statement.confidence,
                    statement.first_seen.isoformat(), statement.last_seen.isoformat(),
                    statement.retired_at.isoformat() if statement.retired_at else "", source.id, source.publisher,
                    source.purpose, source.legal_basis, receipt.url, receipt.fetched_at.isoformat(),
                    receipt.content_hash, receipt.rule, receipt.robots_url, receipt.robots_status,
                    receipt.robots_hash, " ; ".join(receipt.signals),
                )  # fmt: skip
                writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def json_text(report: Report) -> Iterator[str]:
    """Yield one JSON object: `made_at`, `scope`, `entities`, then `sources`, `not_kept` and `totals`."""
    yield _json({"made_at": report.made_at, "scope": asdict(report.scope)})[:-1] + ', "entities": ['
    for number, entity in enumerate(report.all):
        yield ("\n" if number == 0 else ",\n") + _json(_fields(entity) | {"sources": entity.sources})
    foot = {
        "sources": [asdict(source) for source in report.sources],
        "not_kept": [asdict(row) for row in report.dropped],
        "totals": asdict(report.totals),
    }
    yield "], " + _json(foot)[1:] + "\n"


FORMATS: dict[str, Callable[[Report], Iterator[str]]] = {
    "html": html,
    "md": markdown,
    "csv": csv_rows,
    "json": json_text,
}


def _document(template: str, report: Report, **more: Any) -> Iterator[str]:
    basis = {ground.id: ground.legal_basis for ground in report.grounds.values()}
    yield from templates().get_template(template).generate(report=report, scope=str(report.scope), basis=basis, **more)


def _tiles(report: Report) -> list[tuple[str, int, str]]:
    """Return the figures at a glance: label, number, remark."""
    totals = report.totals
    return [
        ("People", totals.people, ""),
        ("Organisations", totals.organisations, ""),
        ("Readings", totals.mentions, f"on {totals.pages:,} pages"),
        ("Merged", totals.merged_people + totals.merged_organisations, "readings that joined another"),
        ("Not kept", sum(row.count for row in report.dropped), "dropped by rule"),
    ]


@cache
def templates() -> Environment:
    """Return the environment of all reports: HTML is escaped, a name that is not given is an error."""
    environment = Environment(
        loader=PackageLoader("pipelines.reports"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        moment=_moment,
        day=_day,
        label=_label,
        chance=_chance,
        bits=_bits,
        decided=_decided,
        evidence=_evidence,
        is_web=_is_web,
        file_name=_file_name,
        md=_markdown_text,
        tiles=_tiles,
    )
    return environment


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def _day(moment: datetime) -> str:
    return _moment(moment).partition(",")[0]


def _label(prop: str) -> str:
    return _LABELS.get(prop, prop.capitalize())


def _chance(probability: float) -> str:
    """Return a probability in percent that never claims certainty."""
    return f"{min(max(probability, 0.001), 0.999):.1%}"


def _bits(bits: float) -> str:
    """Return bits of evidence with a sign, a true minus sign and one decimal."""
    return f"{bits:+.1f}".replace("-", "\N{MINUS SIGN}")


def _decided(entity: Entity) -> Iterator[tuple[str, list[Decision], list[Decision]]]:
    """Yield the merges, then the surest comparison with each other card: a heading, the surest ones, further ones."""
    apart: dict[str, Decision] = {}
    for decision in entity.decisions:
        if not decision.joined:
            apart.setdefault(decision.other, decision)
    for heading, found in (("Why these readings are one", entity.merges), ("Kept apart from", list(apart.values()))):
        if found:
            cut = f" (the surest {_MOST_DECISIONS} of {len(found)} pairs)" if len(found) > _MOST_DECISIONS else ""
            yield heading + cut, found[:_OPEN_DECISIONS], found[_OPEN_DECISIONS:_MOST_DECISIONS]


def _evidence(entity: Entity, receipt: int) -> list[str]:
    """Return the passages of one page that its statements were read from, rebuilt and each once."""
    statements = (statement for value in entity.values for statement in value.statements)
    return list(dict.fromkeys(one.evidence for one in statements if one.receipt == receipt and one.evidence))


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme in {"http", "https"}


def _file_name(path: str) -> str:
    """Return a path's last part: the report may be passed on, and folders of this machine are nobody's business."""
    return path.replace("\\", "/").rpartition("/")[2]


def _markdown_text(text: str) -> str:
    """Escape what Markdown or the HTML inside it would act on within a line; line ends become spaces."""
    return re.sub(r"([\\`*_\[\]#|~])", r"\\\1", escape(" ".join(text.split()), quote=False))


def harmless(cell: object) -> object:
    """Return a cell of CSV that no spreadsheet runs as a formula; a plain telephone number stays as it is."""
    if not isinstance(cell, str) or cell[:1] not in _FORMULA:
        return cell
    return cell if re.fullmatch(r"\+\d{3,15}", cell) else f"'{cell}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields of one of our dataclasses; `asdict` copies all that is below, at ten times the cost."""
    return {item.name: getattr(value, item.name) for item in fields(value)}


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value):
        return _fields(value)
    raise TypeError(f"a {type(value).__name__} does not belong in a report")
