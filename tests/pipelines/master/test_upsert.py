"""Rows go in by column and come out as they were, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, text
from sqlalchemy.exc import IntegrityError

from pipelines.master.models import Base, PermissionRow, RunRow, StatisticsRow
from pipelines.master.upsert import insert_all, upsert

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
PERMISSION = {
    "id": "p",
    "user_agent": 'Cardfile "née" \\ 名',
    "robots_url": "",
    "robots_status": 200,
    "robots_hash": "0",
    "rule": "Allow: /",
    "signals": [],
}
RUN = {
    "id": "r",
    "source_id": "noord",
    "spider": "company_site",
    "started_at": NOON,
    "ended_at": None,
    "outcome": "",
    "counts": {"b": [1, None], "a": 2.5},
    "balancing_hash": "",
}
STATISTICS = {"id": "s", "made_at": NOON, "mentions": 3, "data": b"\x00\xff{}", "in_use": False}


def stored(connection: Connection, model: type[Base]) -> list[dict[str, Any]]:
    table = model.__table__
    return [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]


@pytest.mark.parametrize(
    ("model", "row"),
    [
        (PermissionRow, PERMISSION),
        (PermissionRow, {**PERMISSION, "signals": ["X-Robots-Tag: all", ["nested"]]}),
        (RunRow, RUN),
        (RunRow, {**RUN, "ended_at": NOON + timedelta(hours=1)}),
        (StatisticsRow, STATISTICS),
    ],
    ids=["an empty list", "lists", "an object, and no end", "two times", "bytes"],
)
def test_a_row_comes_out_as_it_went_in(connection: Connection, model: type[Base], row: Any) -> None:
    for write in (insert_all, upsert):
        connection.execute(delete(model))
        write(connection, model, [row])
        assert stored(connection, model) == [row]


def test_the_order_of_the_keys_and_a_default_that_is_not_given_make_no_difference(connection: Connection) -> None:
    turned = {name: RUN[name] for name in reversed(list(RUN)) if name != "balancing_hash"}
    upsert(connection, RunRow, [turned])
    assert stored(connection, RunRow) == [RUN]


def test_what_exists_is_left_or_merged(connection: Connection) -> None:
    other = {**STATISTICS, "mentions": 9, "data": b"new"}
    upsert(connection, StatisticsRow, [STATISTICS])
    upsert(connection, StatisticsRow, [other])
    assert stored(connection, StatisticsRow) == [STATISTICS]
    upsert(connection, StatisticsRow, [other], lambda held, offered: {"in_use": True, "data": offered["data"]})
    assert stored(connection, StatisticsRow) == [{**STATISTICS, "in_use": True, "data": b"new"}]
    upsert(connection, StatisticsRow, [other], lambda held, offered: {"mentions": held.mentions + offered.mentions})
    assert stored(connection, StatisticsRow)[0]["mentions"] == 12


def test_a_row_that_stays_as_it_is_is_not_written(connection: Connection) -> None:
    def merge(_: Any, offered: Any) -> dict[str, Any]:
        return {"mentions": offered.mentions, "in_use": offered.in_use}

    trace = {"sqlite": "SELECT total_changes()", "postgresql": "SELECT ctid::text FROM statistics"}
    written = text(trace[connection.dialect.name])
    upsert(connection, StatisticsRow, [STATISTICS], merge)
    before = connection.scalar(written)
    upsert(connection, StatisticsRow, [{**STATISTICS, "data": b"other"}], merge)
    assert connection.scalar(written) == before
    upsert(connection, StatisticsRow, [{**STATISTICS, "in_use": True}], merge)
    assert connection.scalar(written) != before


def test_an_insert_refuses_what_exists(connection: Connection) -> None:
    insert_all(connection, StatisticsRow, [STATISTICS])
    with pytest.raises(IntegrityError), connection.begin_nested():
        insert_all(connection, StatisticsRow, [STATISTICS])


def test_nothing_is_nothing(connection: Connection) -> None:
    upsert(connection, StatisticsRow, [])
    insert_all(connection, StatisticsRow, [])
    assert stored(connection, StatisticsRow) == []
