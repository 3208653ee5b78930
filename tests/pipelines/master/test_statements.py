"""Readings become statements, once each, in any order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import Connection, select

from pipelines.master.models import CaptureRow, MentionRow, PermissionRow, StatementRow
from pipelines.master.statements import Reading, Written, mention_ids, write_readings
from tests.support.readings import START, reading

JANE = {"job_title": "Director", "works_for": "Noord NV", "email": "jane@noord.example"}


def rows(connection: Connection) -> list[tuple[object, ...]]:
    columns = list(StatementRow.__table__.columns)
    return [tuple(row) for row in connection.execute(select(*columns).order_by(StatementRow.id))]


def test_a_reading_is_stored_with_its_receipts(connection: Connection) -> None:
    (written,) = write_readings(connection, [reading("Jane Roe", JANE)])
    assert written == Written(new=5, retired=0)  # four of hers, and the name of her employer
    statement = connection.execute(select(StatementRow).where(StatementRow.property == "email")).one()
    assert (statement.normalised, statement.method, statement.first_seen) == ("jane@noord.example", "card", START)
    shown = select(StatementRow.shown_by()).join(MentionRow).where(StatementRow.id == statement.id)
    capture = connection.execute(select(CaptureRow).where(CaptureRow.id.in_(shown))).one()
    permission = connection.execute(select(PermissionRow).where(PermissionRow.id == capture.permission_id)).one()
    assert permission.rule == "Allow: /"


def test_the_employer_becomes_an_organisation_of_that_page(connection: Connection) -> None:
    jane = reading("Jane Roe", JANE)
    write_readings(connection, [jane, reading("John Poe", works_for="Noord NV")])
    kinds = connection.scalars(select(MentionRow.type).order_by(MentionRow.type)).all()
    assert kinds == ["organisation", "person", "person"]
    employer, own = mention_ids(jane.mention)
    assert connection.scalar(select(MentionRow.type).where(MentionRow.id == employer)) == "organisation"
    assert connection.scalar(select(MentionRow.type).where(MentionRow.id == own)) == "person"


def test_reading_the_same_page_again_moves_its_mentions_alone(connection: Connection) -> None:
    write_readings(connection, [reading("Jane Roe", JANE)])
    before = rows(connection)
    assert write_readings(connection, [reading("Jane Roe", JANE)]) == [Written(0, 0)]
    assert write_readings(connection, [reading("Jane Roe", JANE, day=7)]) == [Written(0, 0)]
    assert rows(connection) == before
    seen = select(StatementRow.first_seen, StatementRow.seen()).join(MentionRow)
    assert {last - first for first, last in connection.execute(seen)} == {timedelta(days=7)}


def test_a_value_that_left_its_page_is_retired_and_may_come_back(connection: Connection) -> None:
    write_readings(connection, [reading("Jane Roe", JANE)])
    moved = {**JANE, "job_title": "Chair"}
    assert write_readings(connection, [reading("Jane Roe", moved, day=1)]) == [Written(1, 1)]
    live = select(StatementRow.normalised).where(StatementRow.property == "jobTitle", StatementRow.retired_at.is_(None))
    assert connection.scalars(live).all() == ["Chair"]
    assert write_readings(connection, [reading("Jane Roe", JANE, day=2)]) == [Written(1, 1)]
    assert connection.scalars(live).all() == ["Director"]


def test_the_order_of_arrival_leaves_the_same_rows(connection: Connection) -> None:
    readings = [
        reading("Jane Roe", JANE),
        reading("Jane Roe", JANE, day=3),
        reading("John Poe", works_for="Noord NV", day=1),
    ]
    outcomes = set()
    for order in permutations(readings):
        nested = connection.begin_nested()
        for one in order:
            write_readings(connection, [one])
        outcomes.add(str(rows(connection)))
        nested.rollback()
    nested = connection.begin_nested()
    write_readings(connection, readings)
    outcomes.add(str(rows(connection)))
    nested.rollback()
    assert len(outcomes) == 1


def test_a_mention_without_a_receipt_is_refused(connection: Connection) -> None:
    bare = reading("Jane Roe")
    bare.mention.capture = None
    with pytest.raises(ValueError, match="no receipt"):
        write_readings(connection, [Reading(bare.mention)])
