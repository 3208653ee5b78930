"""A statement about lists of keys: made once, right for lists of any length, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, func, select

from pipelines.master.keyed import Keyed, Lists
from pipelines.master.models import StatisticsRow
from pipelines.master.upsert import upsert

ROW = {"made_at": datetime(2026, 3, 1, tzinfo=UTC), "mentions": 3, "data": b"", "in_use": False}
COUNTED = select(func.count()).select_from(StatisticsRow)


@pytest.fixture
def filled(connection: Connection) -> Connection:
    upsert(connection, StatisticsRow, [{**ROW, "id": f"{number:04}"} for number in range(900)])
    return connection


@pytest.mark.parametrize(
    ("column", "wanted", "count"),
    [
        (StatisticsRow.id, [f"{number:04}" for number in range(0, 2000, 3)], 300),
        (StatisticsRow.id, {"0000", "0001"}, 2),
        (StatisticsRow.id, dict.fromkeys(("0899", "0900")), 1),
        (StatisticsRow.mentions, (3, -(2**31)), 900),
        (StatisticsRow.id, [], 0),
    ],
)
def test_rows_are_found_by_lists_of_any_length(filled: Connection, column: Any, wanted: Any, count: int) -> None:
    counted = Keyed(lambda these: COUNTED.where(these.among(column)))
    assert counted(filled, keys=wanted).scalar() == count
    without = Keyed(lambda these: COUNTED.where(~these.among(column, "others")))
    assert without(filled, others=wanted).scalar() == 900 - count


def test_a_list_is_a_table(connection: Connection) -> None:
    listed = Keyed(lambda these: select(these.table(StatisticsRow.id).c.value))
    assert sorted(listed(connection, keys=["née", "b"]).scalars()) == ["b", "née"]


def test_a_statement_is_made_once_and_takes_plain_values_as_well(filled: Connection) -> None:
    made = []

    def make(these: Lists) -> Executable:
        made.append(these)
        return COUNTED.where(these.among(StatisticsRow.id), StatisticsRow.mentions == func.coalesce(None, 3))

    counted = Keyed(make)
    assert [counted(filled, keys=[one]).scalar() for one in ("0001", "b")] == [1, 0]
    assert len(made) == 1
