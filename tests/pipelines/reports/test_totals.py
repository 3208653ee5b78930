"""Counting what stands in the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from crawler.items import Property
from pipelines.master.statements import Reading, write_readings
from pipelines.reports.totals import fingerprint, not_kept, totals
from pipelines.resolution.resolver import resolve_pending
from tests.support.reported import EARLY, RUN, Seen, mention, store

NAME = {Property.NAME: "Jane Roe", Property.EMAIL: "jane.roe@one.example"}
SEEN = [Seen(NAME), Seen(NAME, source="two", url="http://two.example/"), Seen({Property.NAME: "John Doe"})]
NOT_KEPT = [
    ("suppress", "opted-out", "person", "list", "drop", 2),
    ("minimise", "health", "json-ld", "unknown-key", "drop", 1),
    ("minimise", "religion", "prose", "title", "redact", 5),
]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    found = store(database_url, SEEN, NOT_KEPT)
    yield found
    found.dispose()


def test_rows_are_counted(engine: Engine) -> None:
    with engine.connect() as connection:
        found = totals(connection)
    assert (found.sources, found.pages, found.mentions, found.people, found.merged_people) == (2, 2, 3, 2, 1)
    assert (found.organisations, found.merged_organisations) == (0, 0)


def test_what_was_not_kept_comes_by_stage_and_count(engine: Engine) -> None:
    with engine.connect() as connection:
        found = [(row.stage, row.category, row.count) for row in not_kept(connection)]
        assert not_kept(connection, ["another run"]) == []
        assert len(not_kept(connection, [RUN])) == 3
    assert found == [("minimise", "religion", 5), ("minimise", "health", 1), ("suppress", "opted-out", 2)]


@pytest.mark.parametrize(
    ("seen", "changes"),
    [
        (SEEN[0], False),
        (Seen(NAME, at=EARLY + timedelta(days=1)), False),
        (Seen({**NAME, Property.TELEPHONE: "+442079460110"}, at=EARLY + timedelta(days=1)), True),
        (Seen({Property.NAME: "Ann Other"}, url="http://one.example/new"), True),
    ],
)
def test_a_fingerprint_changes_with_the_master_only(engine: Engine, seen: Seen, changes: bool) -> None:
    with engine.begin() as connection:
        before = fingerprint(connection)
        write_readings(connection, [Reading(mention(seen), RUN)])
        resolve_pending(connection)
        assert (fingerprint(connection) != before) is changes
