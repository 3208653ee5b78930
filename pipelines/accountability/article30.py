"""The records of processing activities as a report: the sections that Article 30(1) GDPR lists, in its order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from pipelines.reports.compliance import Compliance
from pipelines.reports.compliance.tables import Cell, Column, Section
from pipelines.rights.declared import RightsRegister
from pipelines.rights.processing import CLASSES, Records, records

_LEAD = (
    "Made from the schema and from what the registers declare today. Whether purposes, grounds and measures are"
    " sufficient is for the controller to answer."
)


def article_30(connection: Connection, register: RightsRegister, now: datetime) -> Compliance:
    """Return the record of a store and its registers, ready to be written as HTML, Markdown, CSV or JSON."""
    found = records(connection, register, now.astimezone(register.controller.zone).date().isoformat())
    sections = [
        _controller(found), _purposes(found), _processing(found), _data(found), _recipients(found), _limits(found),
        _measures(found), _columns(found),
    ]  # fmt: skip
    columns = sum(len(table.columns) for one in found.processing for table in one.tables)
    tiles = [
        ("Processing activities", len(found.processing), ""),
        ("Purposes", len({one.purpose for one in found.purposes}), "that sources declare"),
        ("Recipients", len(found.recipients), "registered"),
        ("Columns", columns, "of the schema, each classified"),
    ]
    return Compliance(now, "", tiles, "", sections, "Records of processing activities", _LEAD)


def _section(key: str, title: str, lead: str, columns: list[Column], rows: list[tuple[Cell, ...]]) -> Section:
    return Section(key, title, lead, columns, rows, "Nothing is declared.")


def _controller(found: Records) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (key.replace("_", " ").capitalize(), str(value)) for key, value in found.controller.items()
    ]
    lead = "Article 30(1)(a): who decides, whom to ask, and which authority is competent."
    return _section("controller", "Controller", lead, [Column("What"), Column("Who")], rows)


def _purposes(found: Records) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            one.purpose, one.legal_basis, one.sources, ", ".join(one.countries),
            str(one.days[0]) if one.days[0] == one.days[1] else f"{one.days[0]} to {one.days[1]}", one.readings,
        )
        for one in found.purposes
    ]  # fmt: skip
    columns = [
        Column("Purpose"), Column("Legal basis"), Column("Sources", "count"), Column("Countries"),
        Column("Kept for days"), Column("Readings", "count"),
    ]  # fmt: skip
    lead = "Article 30(1)(b): what for, as the sources in the store declare it."
    return _section("purposes", "Purposes", lead, columns, rows)


def _processing(found: Records) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (one.title, one.article, ", ".join(one.subjects), ", ".join(table.name for table in one.tables))
        for one in found.processing
    ]
    columns = [Column("Activity"), Column("Articles"), Column("Whose data"), Column("Tables", "code")]
    lead = "Article 30(1)(b) and (c): what is done, and the categories of people."
    return _section("activities", "Processing activities", lead, columns, rows)


def _data(found: Records) -> Section:
    rows: list[tuple[Cell, ...]] = [(name,) for name in found.data]
    lead = "Article 30(1)(c): the only properties that can be stored. None is of a special category (Article 9)."
    return _section("data", "Categories of data", lead, [Column("Property", "code")], rows)


def _recipients(found: Records) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            one["id"], one["name"], ", ".join(one["purposes"]), one["country"], one["contract"],
            one["contract_until"], one.get("transfer", "") if one["third_country"] else "within the EEA",
            one.get("transfer_until", ""),
        )
        for one in found.recipients
    ]  # fmt: skip
    columns = [
        Column("Id", "code"), Column("Recipient"), Column("Purposes"), Column("Country"), Column("Contract"),
        Column("Until"), Column("Transfer"), Column("Transfer until"),
    ]  # fmt: skip
    lead = "Article 30(1)(d) and (e): who receives data, and by what a transfer to a third country is covered."
    return _section("recipients", "Recipients and transfers", lead, columns, rows)


def _limits(found: Records) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (table.name, one.title, table.kept) for one in found.processing for table in one.tables
    ]
    columns = [Column("Table", "code"), Column("Activity"), Column("Kept")]
    return _section("limits", "Time limits", "Article 30(1)(f): when what is erased.", columns, rows)


def _measures(found: Records) -> Section:
    rows: list[tuple[Cell, ...]] = [(measure,) for measure in found.measures]
    lead = "Article 30(1)(g) with Article 32(1): what the program does, then what the controller declares."
    return _section("measures", "Security measures", lead, [Column("Measure")], rows)


def _columns(found: Records) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (table.name, *(", ".join(table.of(kind)) for kind in CLASSES))
        for one in found.processing
        for table in one.tables
    ]
    columns = [Column("Table", "code"), *(Column(kind.capitalize(), "code") for kind in CLASSES)]
    lead = "What every column of the store is; a column that is missing here fails the program's tests."
    return _section("columns", "The schema", lead, columns, rows)
