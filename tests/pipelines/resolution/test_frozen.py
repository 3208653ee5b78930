"""What is learnt is frozen under a version, kept without names, and looked up by the plain key."""

from __future__ import annotations

import zlib
from dataclasses import fields

import pytest
from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.master.models import StatisticsRow
from pipelines.master.statements import declare_source, mention_ids, write_readings
from pipelines.resolution import frozen
from pipelines.resolution.local_engine import ENGINES
from pipelines.resolution.preparation import prepare
from pipelines.resolution.resolver import resolve
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.thawing import freeze, thaw
from pipelines.resolution.whole import resolve_store
from tests.bench.resolution import mentions
from tests.support.population import SOURCES, population
from tests.support.readings import START, source

LEARNT = Statistics.from_prepared([prepare(record) for record, _ in mentions(400)])


def test_thawed_statistics_answer_as_the_learnt_ones_do() -> None:
    thawed = thaw(freeze(LEARNT))
    for item in fields(LEARNT):
        table = getattr(LEARNT, item.name)
        for key in list(table)[:50] if isinstance(table, dict) else ():
            assert key in getattr(thawed, item.name)
            assert getattr(thawed, item.name)[key] == getattr(thawed, item.name).get(key) == table[key]
    assert (thawed.people, thawed.crowded) == (LEARNT.people, LEARNT.crowded)
    assert thawed.surnames.get("never met", 1) == 1
    assert freeze(thawed) == freeze(LEARNT)


def test_no_name_number_or_mailbox_is_kept() -> None:
    said = zlib.decompress(freeze(LEARNT)).decode()
    personal = [*LEARNT.surnames, *LEARNT.telephones, *LEARNT.mailboxes, *LEARNT.namesakes]
    assert len(personal) > 20
    assert not [key for key in personal if f'"{key}"' in said]


@pytest.fixture
def engine(database_url: str) -> Engine:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        for identifier in SOURCES:
            declare_source(connection, source(identifier))
        for one, _ in population(12, 3):
            write_readings(connection, [one])
            resolve(connection, [mention_ids(one.mention)])
    return engine


def test_only_resolve_makes_a_version_and_one_is_in_use(engine: Engine) -> None:
    with engine.begin() as connection:
        assert frozen.version_in_use(connection) == ""
        assert frozen.current(connection).people == 0
        first = _resolve(connection)
        assert first
        for one, _ in population(14, 4):
            write_readings(connection, [one])
            resolve(connection, [mention_ids(one.mention)])
        assert frozen.version_in_use(connection) == first
        second = _resolve(connection)
        rows = connection.execute(select(StatisticsRow.id, StatisticsRow.in_use, StatisticsRow.data)).all()
        assert {(row.id, row.in_use, bool(row.data)) for row in rows} == {(first, False, False), (second, True, True)}
        assert frozen.current(connection).people > 0
    engine.dispose()


def _resolve(connection: Connection) -> str:
    return resolve_store(connection, ENGINES["local"], lambda items, label, total=None: iter(items), START).statistics
