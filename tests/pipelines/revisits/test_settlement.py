"""Statements follow their pages, as the settlement of a run writes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import make_url

from crawler.items import Capture, Revisit
from crawler.memory import Look, Sight, mark
from pipelines.master.database import open_store
from pipelines.master.models import CaptureRow, DocumentRow, MentionRow, PermissionRow, StatementRow
from pipelines.master.requests import RestrictionRow
from pipelines.master.statements import Reading, declare_source, mention_ids, write_readings
from pipelines.revisits import documents
from pipelines.revisits.clocks import expires_at
from pipelines.revisits.settlement import Run, Settled, settle, sole_parents
from tests.support.readings import PERMISSION, START, reading, source

PAGE, OTHER = "http://www.noord.example/team", "http://www.noord.example/board"
REVISIT = Revisit(verify_days=14, grace_days=10, missing_days=7, unreachable_days=30)
JANE = {"job_title": "Director", "email": "jane.roe@noord.example"}


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        declare_source(connection, source())
        declare_source(connection, source("press"))
        yield connection
    engine.dispose()


def capture(at: float, status: int = 200, url: str = PAGE, etag: str = '"v1"') -> Capture:
    return Capture("noord", url, day(at), "0" * 64, PERMISSION, status, etag=etag)


def look(sight: Sight, at: float, url: str = PAGE, links: Sequence[str] = ()) -> Look:
    shown = {Sight.SHOWN: 200, Sight.SAME: 304}.get(sight)
    return Look(url, sight, day(at), sight.value, capture(at, shown, url) if shown else None, tuple(links))


def run(connection: Connection, at: float, *looks: Look) -> Settled:
    found = {one.url: one for one in looks}
    [settled] = settle(connection, [Run("noord", REVISIT, None, "rules", day(at), found)])
    return settled


def read(connection: Connection, at: float, *readings: Reading, url: str = PAGE) -> Settled:
    """Read a page in full on a day: what it says is stored, then the run is settled."""
    write_readings(connection, readings)
    return run(connection, at, look(Sight.SHOWN, at, url))


def jane(at: int, **changes: str) -> Reading:
    return reading("Jane Roe", {**JANE, **changes}, day=at)


def john(at: int, url: str = PAGE) -> Reading:
    return reading("John Poe", job_title="Engineer", day=at, url=url)


def live(connection: Connection) -> set[str]:
    return set(connection.scalars(select(StatementRow.normalised).where(StatementRow.live())))


EVERYTHING = {"Jane Roe", "Director", "jane.roe@noord.example", "John Poe", "Engineer"}


def test_a_304_advances_what_stood_there_and_nothing_else(connection: Connection) -> None:
    read(connection, 0, jane(0), john(0))
    assert read(connection, 1, jane(1)) == Settled(retired=0, quarantined=0, left=2)
    assert run(connection, 2, look(Sight.SAME, 2)) == Settled()
    query = select(StatementRow.normalised, StatementRow.first_seen, StatementRow.seen(), CaptureRow.status)
    query = query.join(MentionRow, MentionRow.id == StatementRow.mention_id)
    rows = connection.execute(query.join(CaptureRow, CaptureRow.id == StatementRow.shown_by())).all()
    seen = {value: ((first - START).days, (last - START).days, status) for value, first, last, status in rows}
    confirmed = dict.fromkeys(("Jane Roe", "Director", "jane.roe@noord.example"), (0, 2, 304))
    assert seen == {**confirmed, "John Poe": (0, 0, 200), "Engineer": (0, 0, 200)}
    assert sorted((row - START).days for row in connection.scalars(select(MentionRow.last_seen))) == [0, 2]
    receipts = select(CaptureRow.status, PermissionRow.rule).join(PermissionRow)
    assert (304, "Allow: /") in [tuple(row) for row in connection.execute(receipts)]


def test_a_restricted_mention_stays_as_it_is(connection: Connection) -> None:
    read(connection, 0, jane(0), john(0))
    own = mention_ids(jane(0).mention)[-1]
    restriction = {"mention_id": own, "request_id": "r" * 32, "ground": "accuracy", "made_at": day(0)}
    connection.execute(insert(RestrictionRow), [restriction])
    run(connection, 1, look(Sight.SAME, 1))
    seen = dict(connection.execute(select(MentionRow.id, MentionRow.last_seen)).all())
    assert seen.pop(own) == day(0)
    assert set(seen.values()) == {day(1)}
    read(connection, 2, john(2))
    assert set(connection.scalars(select(StatementRow.left_at))) == {None}


def test_settling_twice_changes_nothing_more(connection: Connection) -> None:
    read(connection, 0, jane(0), john(0))
    write_readings(connection, [jane(1)])
    looks = (look(Sight.SHOWN, 1), look(Sight.GONE, 1, OTHER))
    assert run(connection, 20, *looks) == Settled(retired=2, quarantined=0, left=2)
    tables = [DocumentRow, StatementRow, CaptureRow]
    before = [connection.execute(select(table.__table__)).all() for table in tables]
    assert run(connection, 20, *looks) == Settled()
    assert [connection.execute(select(table.__table__)).all() for table in tables] == before


@pytest.mark.parametrize(
    ("sight", "days", "retired", "quarantined"),
    [
        (Sight.GONE, [1], 5, 0),
        (Sight.MISSING, [1], 0, 0),
        (Sight.MISSING, [1, 8], 5, 0),
        (Sight.UNREACHABLE, [1, 30], 0, 0),
        (Sight.UNREACHABLE, [1, 31], 5, 0),
        (Sight.RESERVED, [1], 0, 5),
        (Sight.RESERVED, [1, 300], 0, 5),
    ],
)
def test_a_page_that_is_lost(
    connection: Connection, sight: Sight, days: list[int], retired: int, quarantined: int
) -> None:
    read(connection, 0, jane(0), john(0))
    connection.execute(update(MentionRow).values(pending=False))
    settled = [run(connection, at, look(sight, at)) for at in days]
    assert (sum(one.retired for one in settled), sum(one.quarantined for one in settled)) == (retired, quarantined)
    assert live(connection) == (set() if retired or quarantined else EVERYTHING)
    assert set(connection.scalars(select(MentionRow.pending))) == {bool(retired or quarantined)}
    read(connection, 301, jane(301), john(301))
    assert live(connection) == EVERYTHING


def test_another_page_goes_on_supporting_its_own_statement(connection: Connection) -> None:
    read(connection, 0, jane(0))
    read(connection, 0, john(0, OTHER), url=OTHER)
    run(connection, 1, look(Sight.GONE, 1))
    assert live(connection) == {"John Poe", "Engineer"}


def test_a_value_that_its_page_answers_otherwise_leaves_at_once(connection: Connection) -> None:
    read(connection, 0, jane(0))
    assert read(connection, 1, jane(1, job_title="Chair")) == Settled()
    assert "Director" not in live(connection)
    write_readings(connection, [reading("Jane Roe", job_title="Chair", day=2)])
    assert run(connection, 2, look(Sight.SHOWN, 2)).left == 1  # no word of a mailbox any more
    assert "jane.roe@noord.example" in live(connection)
    assert run(connection, 12).retired == 1
    assert live(connection) == {"Jane Roe", "Chair"}


def test_only_pages_of_which_something_is_kept_are_remembered(connection: Connection) -> None:
    read(connection, 0, jane(0))
    run(connection, 1, look(Sight.SHOWN, 1, "http://www.noord.example/nobody"))
    assert connection.scalars(select(DocumentRow.url)).all() == [PAGE]
    connection.execute(delete(MentionRow))
    run(connection, 2)
    assert connection.scalars(select(DocumentRow.url)).all() == []


def test_a_reading_that_was_never_settled_is_no_reading(connection: Connection) -> None:
    read(connection, 0, jane(0))
    write_readings(connection, [jane(1, job_title="Chair")])  # and then the run was killed
    documents.found(connection, "noord")
    [known] = documents.known(documents.load(connection, "noord"), "rules", REVISIT, day(2))
    assert (known.conditional, known.same_bytes) == (False, "")


@pytest.mark.parametrize(
    ("reader", "at", "sights", "conditional", "due"),
    [
        ("rules", 1, [], True, False),
        ("newer rules", 1, [], False, False),
        ("rules", 15, [], True, True),
        ("rules", 1, [Sight.MISSING], False, True),
        ("rules", 1, [Sight.RESERVED], False, True),
        ("rules", 1, [Sight.MISSING, Sight.SHOWN], True, False),
    ],
)
def test_what_a_crawl_knows(
    connection: Connection, reader: str, at: float, sights: list[Sight], conditional: bool, due: bool
) -> None:
    read(connection, 0, jane(0))
    for number, sight in enumerate(sights, start=1):
        run(connection, number / 10, look(sight, number / 10))
    [known] = documents.known(documents.load(connection, "noord"), reader, REVISIT, day(at))
    assert (known.conditional, bool(known.same_bytes), known.due) == (conditional, conditional, due)
    assert (known.url, known.etag) == (PAGE, '"v1"')


def test_links_are_remembered_as_marks(connection: Connection) -> None:
    write_readings(connection, [jane(0)])
    run(connection, 0, look(Sight.SHOWN, 0, links=[mark(OTHER)]))
    assert documents.links(connection, "noord", [PAGE]) == {PAGE: frozenset({mark(OTHER)})}
    [document] = documents.load(connection, "noord").values()
    assert document.sole  # nobody else leads to the other page, of which nothing is kept
    assert not documents.known({PAGE: document}, "rules", REVISIT, day(1))[0].conditional
    run(connection, 1, look(Sight.MISSING, 1))
    assert documents.links(connection, "noord", [PAGE]) == {PAGE: frozenset({mark(OTHER)})}


@pytest.mark.parametrize(
    ("links", "known", "expected"),
    [
        ({}, [], set()),
        ({"a": ["x"]}, [], {"a"}),
        ({"a": ["x"], "b": ["x"]}, [], set()),
        ({"a": ["x", "y"], "b": ["x"]}, [], {"a"}),
        ({"a": ["x"]}, ["x"], set()),
    ],
)
def test_who_alone_leads_somewhere(links: dict[str, list[str]], known: list[str], expected: set[str]) -> None:
    looks = [look(Sight.SHOWN, 0, url, [mark(one) for one in found]) for url, found in links.items()]
    assert sole_parents(looks, known) == expected


_SIGHTS = st.lists(st.tuples(st.integers(1, 20), st.sampled_from(sorted(Sight))), max_size=8)


@settings(max_examples=25)
@given(_SIGHTS)
def test_whatever_happened_a_page_that_shows_everything_restores_it(history: list[tuple[int, Sight]]) -> None:
    engine = open_store(make_url("sqlite://"))
    with engine.begin() as connection:
        declare_source(connection, source())
        read(connection, 0, jane(0), john(0))
        due, at = {expires_at(first, 365) for first in connection.scalars(select(StatementRow.first_seen))}, 0
        for gap, sight in history:
            at += gap
            if sight is Sight.SHOWN:
                read(connection, at, jane(at))
            elif sight is not Sight.SAME or documents.load(connection, "noord")[PAGE].life.state is Sight.SHOWN:
                run(connection, at, look(sight, at))
        read(connection, at + 1, jane(at + 1), john(at + 1))
        assert live(connection) == EVERYTHING
        assert set(connection.scalars(select(StatementRow.left_at))) == {None}
        # A re-crawl never extends retention: it counts from a first sight that nothing moves.
        assert {expires_at(first, 365) for first in connection.scalars(select(StatementRow.first_seen))} == due
    engine.dispose()
