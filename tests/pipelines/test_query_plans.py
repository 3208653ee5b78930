"""Everyday work finds its rows by an index, on both databases, however large the store is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, ForeignKey, select
from sqlalchemy.engine import make_url

from crawler.items import Capture, Property, Revisit
from crawler.memory import Look, Sight
from pipelines.master.database import open_store
from pipelines.master.models import Base, MentionRow, StatementRow
from pipelines.master.statements import Reading, declare_source, mention_ids, write_readings
from pipelines.reports import allowed, lookup, provenance
from pipelines.reports.quality.by_source import sources
from pipelines.resolution.resolver import resolve, resolve_pending
from pipelines.review import pairs, queue
from pipelines.review.people import judge, mention_of, unmerge
from pipelines.revisits import settlement
from pipelines.rights import subjects, suppression
from pipelines.upkeep.removal import take_out
from tests.support.filled import fill
from tests.support.plans import BIG, full_scans, noted
from tests.support.population import SOURCES, population
from tests.support.readings import PERMISSION, START, reading, source

KEY = b"k" * 32
STOCK = population(40, 3)
NEW = reading("Jane Roe", url="http://noord.example/new", works_for="Noord NV", email="jane.roe@noord.example")
AGAIN = reading("Jane Roe", url="http://noord.example/more", works_for="Noord NV", email="jane.roe@noord.example")
NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_store(make_url(database_url))
    if engine.dialect.name == "postgresql":
        fill(engine, 3000)
    with engine.begin() as connection:
        for identifier in SOURCES:
            declare_source(connection, source(identifier))
        take(connection, *(one for one, _ in STOCK))
        yield connection
    engine.dispose()


def take(connection: Connection, *readings: Reading) -> None:
    write_readings(connection, readings)
    resolve(connection, [mention_ids(one.mention) for one in readings])


def new(connection: Connection) -> None:
    take(connection, NEW)


def a_copy(connection: Connection) -> None:
    take(connection, AGAIN)


def changed(connection: Connection) -> None:
    take(connection, reading("Jane Roe", url="http://noord.example/new", day=9, works_for="Zuid BV"))


def leftovers(connection: Connection) -> None:
    write_readings(connection, [reading("John Poe", url="http://noord.example/late", works_for="Noord NV")])
    resolve_pending(connection)


def settled(connection: Connection) -> None:
    urls = sorted(set(connection.scalars(select(MentionRow.url).where(MentionRow.source_id == "noord"))))
    at = START + timedelta(days=30)
    sights = (Sight.SHOWN, Sight.SAME, Sight.MISSING, Sight.GONE, Sight.RESERVED)
    looks = {}
    for number, url in enumerate(urls):
        sight = sights[number % len(sights)]
        seen = Capture("noord", url, at, f"{number:064d}", PERMISSION) if sight in (Sight.SHOWN, Sight.SAME) else None
        looks[url] = Look(url, sight, at, capture=seen)
    settlement.settle(connection, [settlement.Run("noord", Revisit(), None, "reader", at, looks)])
    resolve_pending(connection)


def why(connection: Connection) -> None:
    mention = next(one.mention for one, _ in STOCK if one.mention.text(Property.EMAIL))
    email = mention.text(Property.EMAIL)
    for wanted in (mention_ids(mention)[-1][:12], email):
        for found in lookup.find(connection, wanted):
            list(provenance.entities(connection, found.id))
    assert allowed.receipts(connection, email)
    assert allowed.receipts(connection, mention.capture.url if mention.capture else "")


def why_two(connection: Connection) -> None:
    one, other = (mention_ids(found.mention)[-1] for found, _ in STOCK[:2])
    pairs.explain(connection, one, other)


def reviewed(connection: Connection) -> None:
    queue.questions(connection, 5)
    queue.count(connection)


def rated(connection: Connection) -> None:
    for identifier in SOURCES:
        assert list(sources(connection, identifier, None, NOW))


def judged(connection: Connection) -> None:
    one, other = (mention_of(connection, mention_ids(found.mention)[-1]) for found, _ in STOCK[:2])
    found = judge(connection, one, other, "same", by="Ada", reason="pages", now=NOW)
    unmerge(connection, found.judgement, by="Ada", now=NOW)


def held(connection: Connection) -> None:
    assert list(subjects.subjects(connection))


def opted_out(connection: Connection) -> None:
    asked = suppression.keyed_hashes(KEY, suppression.identifiers(NEW.mention))
    suppression.look_up(connection, [asked])


def erased(connection: Connection) -> None:
    assert take_out(connection, [mention_ids(one.mention)[-1] for one, _ in STOCK[:2]])


#: What may be gone through although it is large, because that is the question: which pairs of the whole store are open.
MEANT: dict[Callable[[Connection], None], set[str]] = {reviewed: {"judgement", "mention"}}
WORK = (new, a_copy, changed, leftovers, settled, why, why_two, reviewed, rated, judged, held, opted_out, erased)


def test_no_statement_reads_a_large_table_from_end_to_end(connection: Connection) -> None:
    found: dict[str, dict[str, set[str]]] = {}
    for work in WORK:
        with noted(connection) as statements:
            work(connection)
        assert statements
        scans = {one[0]: full_scans(connection, one) - MEANT.get(work, set()) for one in statements}
        found[work.__name__] = {sql: tables for sql, tables in scans.items() if tables}
    assert {name: scans for name, scans in found.items() if scans} == {}


def test_a_statement_without_an_index_is_noticed(connection: Connection) -> None:
    with noted(connection) as statements:
        connection.execute(select(StatementRow.id).where(StatementRow.evidence == "")).all()
    assert [full_scans(connection, one) for one in statements] == [{"statement"}]


def test_a_search_for_what_nearly_every_row_answers_is_noticed(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        pytest.skip("PostgreSQL knows how many rows answer a search, and prefers another index")
    with noted(connection) as statements:
        connection.execute(select(MentionRow.url).where(MentionRow.pending.is_(False))).all()
    assert [full_scans(connection, one) for one in statements] == [{"mention"}]


def _references() -> list[tuple[str, str]]:
    keys = (
        (table, column.name, key)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
    )
    return [(table.name, name) for table, name, key in keys if _referred(key) in BIG and _referred(key) != "capture"]


def _referred(key: ForeignKey) -> str:
    return key.column.table.name


@pytest.mark.parametrize(("table", "column"), _references(), ids=".".join)
def test_what_refers_to_a_row_is_found_by_an_index(table: str, column: str) -> None:
    known = Base.metadata.tables[table]
    leading = {index.columns[0].name for index in known.indexes} | {next(iter(known.primary_key)).name}
    assert column in leading
