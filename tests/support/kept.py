"""A filled store for the tests of its upkeep, and a way to look at all of its rows."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, select

from crawler.items import MentionType, Property
from pipelines.master.backup.dump import consistent, tables
from pipelines.rights.suppression import suppress
from tests.support.reported import Seen, store

SECRET = b"s" * 32
JANE = {
    Property.NAME: "Jane Roe",
    Property.JOB_TITLE: "Director",
    Property.WORKS_FOR: "Noord NV",
    Property.EMAIL: "jane.roe@noord.example",
}
JOHN = {Property.NAME: "Ján Roe", Property.EMAIL: "jan.roe@noord.example", Property.TELEPHONE: "+442079460141"}
NOORD = {Property.NAME: "Noord NV", Property.EMAIL: "info@noord.example"}
Rows = dict[str, list[tuple[object, ...]]]


def filled(url: str) -> Engine:
    """Return a store with two people, an organisation, some audit counts and one suppression."""
    seen = [
        Seen(JANE),
        Seen({**JANE, Property.NAME: "J. Roe"}, source="press", url="http://press.example/jane"),
        Seen(JOHN),
        Seen(NOORD, type=MentionType.ORGANISATION),
    ]
    engine = store(url, seen, [("minimise", "age", "jobTitle", "title-person", "transform", 3)])
    with engine.begin() as connection:
        suppress(connection, SECRET, [("email", "gone@noord.example")], "objection", datetime(2026, 11, 2, tzinfo=UTC))
    return engine


def rows(engine: Engine) -> Rows:
    """Return all rows of a store but its leases, by table, in the order of their keys, moments in UTC."""
    with consistent(engine) as connection:
        return {
            table.name: [
                tuple(map(_plain, row)) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in tables(connection)
        }


def _plain(value: object) -> object:
    """SQLite gives moments without their zone, PostgreSQL with it."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value
