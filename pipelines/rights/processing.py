"""The records of processing activities (Article 30(1) GDPR), made of the schema and of what the registers declare."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

from sqlalchemy import Connection, func, select

from crawler.items import Property
from pipelines.master.models import Base, MentionRow, SourceRow
from pipelines.rights.declared import RightsRegister
from pipelines.rights.jurisdiction import countries

CLASSES = ("personal", "pseudonymous", "operational")
#: What the program itself does; an operator's own measures stand in the rights register under [security].
MEASURES = (
    "closed schema: only the properties below can be stored; free text is not",
    "minimising: special categories and private data are dropped before anything is stored (Articles 5(1)(c), 9, 10)",
    "pseudonymisation: opt-outs, requests and deleted values stand as HMAC-SHA-256 under a secret of the operator",
    "no personal value in logs, statistics and errors",
    "a gate before every export, a ledger behind it; files readable by their owner only",
    "backups in AES-256-GCM where a key file is given",
    "an append-only log of activities, sealed and verifiable",
    "roles: masked values for analysts, rights commands for the privacy officer",
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the schema in one activity, with its columns by class, in the order of the table."""

    name: str
    kept: str
    columns: Mapping[str, str]

    def of(self, kind: str) -> list[str]:
        """Return the columns of a class."""
        return [name for name, found in self.columns.items() if found == kind]


@dataclass(frozen=True, slots=True)
class Processing:
    """One processing activity: what for, on what ground, about whom, in which tables, for how long."""

    title: str
    article: str
    subjects: Sequence[str]
    tables: Sequence[Table]

    @property
    def limits(self) -> list[str]:
        """The time limits for erasure (Article 30(1)(f)), each once."""
        return list(dict.fromkeys(table.kept for table in self.tables))


@dataclass(frozen=True, slots=True)
class Sources:
    """What sources declare for one purpose and legal basis: how many, of which countries, kept for how many days."""

    purpose: str
    legal_basis: str
    sources: int
    countries: Sequence[str]
    days: tuple[int, int]
    readings: int


@dataclass(frozen=True, slots=True)
class Records:
    """The whole record; `recipients` are as registered, each with what carries a transfer outside the EEA."""

    made_on: str
    controller: Mapping[str, Any]
    purposes: Sequence[Sources]
    data: Sequence[str]
    recipients: Sequence[Mapping[str, Any]]
    processing: Sequence[Processing]
    measures: Sequence[str]


@cache
def classified() -> Mapping[str, Any]:
    """Return `columns.toml`."""
    return tomllib.loads(resources.files("pipelines.rights").joinpath("columns.toml").read_text("utf-8"))


def faults() -> list[str]:
    """Return what stands in the way of a whole record: columns without a class, or with two, and unknown ones."""
    found = []
    tables = classified()["tables"]
    for name, table in Base.metadata.tables.items():
        entry = tables.get(name, {})
        listed = [column for kind in CLASSES for column in entry.get(kind, [])]
        columns = [column.name for column in table.columns]
        found += [f"{name}.{column} has no class" for column in columns if column not in listed]
        found += [f"{name}.{column} is no column" for column in listed if column not in columns]
        found += [f"{name}.{column} has two classes" for column in set(listed) if listed.count(column) > 1]
    return found + [f"{name} is no table" for name in tables if name not in Base.metadata.tables]


def records(connection: Connection, register: RightsRegister, made_on: str) -> Records:
    """Return the record of a store and its registers on a day (ISO date)."""
    controller = {key: value for key, value in asdict(register.controller).items() if value}
    eea = countries("eea")
    recipients = [
        one.as_json() | {"third_country": one.country not in eea}
        for one in sorted(register.recipients.values(), key=lambda one: one.id)
    ]
    return Records(
        made_on,
        controller,
        _purposes(connection),
        [prop.value for prop in Property],
        recipients,
        _processing(),
        [*MEASURES, *register.security],
    )


def _processing() -> list[Processing]:
    facts = classified()
    found = []
    for key, activity in facts["activities"].items():
        tables = [
            Table(name, facts["kept"][entry["kept"]], _columns(name, entry))
            for name, entry in facts["tables"].items()
            if entry["activity"] == key and name in Base.metadata.tables
        ]
        found.append(Processing(activity["title"], activity["article"], activity["subjects"], tables))
    return found


def _columns(name: str, entry: Mapping[str, Any]) -> dict[str, str]:
    kinds = {column: kind for kind in CLASSES for column in entry.get(kind, [])}
    return {column.name: kinds[column.name] for column in Base.metadata.tables[name].columns if column.name in kinds}


def _purposes(connection: Connection) -> list[Sources]:
    readings = dict.fromkeys(connection.scalars(select(SourceRow.id)), 0)
    for source_id, count in connection.execute(
        select(MentionRow.source_id, func.count()).group_by(MentionRow.source_id)
    ):
        readings[source_id] = count
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(select(SourceRow.__table__).order_by(SourceRow.purpose, SourceRow.id)):
        groups.setdefault((row.purpose, row.legal_basis), []).append(row)
    return [
        Sources(
            purpose,
            basis,
            len(rows),
            sorted({row.country for row in rows if row.country}),
            (min(row.retention_days for row in rows), max(row.retention_days for row in rows)),
            sum(readings[row.id] for row in rows),
        )
        for (purpose, basis), rows in groups.items()
    ]
