"""What a piece of work costs where five times as many people are held: the same, or five times as much, never more.

Counted are the instructions that SQLite runs (`tests.support.steps`): each step through an index or a table is some,
whichever plan chose it, and so is each statement of a loop. The stores have no statistics, as nobody's SQLite has.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.engine import make_url

from crawler.items import Capture, Property, Revisit
from crawler.memory import Look, Sight
from pipelines.accountability import breaches
from pipelines.accountability.article30 import article_30
from pipelines.accountability.dues import Dues
from pipelines.master import upsert
from pipelines.master.check import check, digest
from pipelines.master.database import open_store
from pipelines.master.models import PersonRow
from pipelines.master.statements import declare_source, mention_ids, write_readings
from pipelines.reports import allowed, lookup, provenance, restricted
from pipelines.reports.compliance import compliance
from pipelines.reports.overview import Scope, report
from pipelines.reports.quality import quality
from pipelines.reports.quality.render import csv_rows as rendered
from pipelines.reports.runs import report as of_runs
from pipelines.requests import book, dossier, erasing, rectifying, restricting
from pipelines.requests.cases import Desk
from pipelines.requests.rules import Ground, Kind
from pipelines.resolution.resolver import resolve, resolve_pending
from pipelines.review import pairs, queue
from pipelines.review.figures import decisions
from pipelines.review.people import judge, unmerge
from pipelines.revisits import documents, settlement
from pipelines.rights import notifying, retention, suppression
from pipelines.rights.declared import Retention
from pipelines.rights.exporting import Export
from pipelines.rights.register import Recipient
from pipelines.rights.renderings import Format
from pipelines.runs.history import people_seen, previous
from pipelines.upkeep import replay
from pipelines.upkeep.rescreen import screen_store
from tests.support import history
from tests.support.asked import KEYS, asked, desk
from tests.support.filled import fill
from tests.support.readings import PERMISSION, START, reading, source
from tests.support.steps import counted

SMALL, LARGE = 160, 800
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: Instructions that anything may cost besides: an index of more people is deeper, and somebody has a judgement more.
SLACK = 100
#: Of a quarter of the store, as of all of it, the time is over.
SHORT, LONG = Retention(lost_support_days=30), Retention()
NEW = reading("Jane Roe", url="http://noord.example/new", works_for="Noord NV", email="jane.roe@noord.example")
FIRST = "http://firm0.example/team/0"


@dataclass(frozen=True)
class At:
    """A store at work: a connection, the desk of requests, and a person who was merged and one who was not."""

    connection: Connection
    desk: Desk
    merged: str
    single: str
    email: str

    @classmethod
    def of(cls, connection: Connection, at: Desk) -> At:
        people = select(PersonRow.id, PersonRow.email).order_by(PersonRow.first_seen, PersonRow.email)
        merged = connection.execute(people.where(PersonRow.mentions > 1)).first()
        single = connection.execute(people.where(PersonRow.mentions == 1)).first()
        assert merged
        assert single
        return cls(connection, at, merged.id, single.id, single.email)


Work = Callable[[At], object]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Engine]]:
    folder = tmp_path_factory.mktemp("growth")
    found = {size: open_store(make_url(f"sqlite:///{folder / str(size)}.db")) for size in (SMALL, LARGE)}
    for size, engine in found.items():
        fill(engine, size, keys=2)
        with engine.begin() as connection:
            history.add(connection)
            declare_source(connection, source("noord"))
    yield found
    for engine in found.values():
        engine.dispose()


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return desk(tmp_path_factory.mktemp("register"))


def crawled(at: At) -> None:
    suppression.standings(at.connection, [suppression.keyed_hashes(KEYS, suppression.identifiers(NEW.mention))])
    write_readings(at.connection, [NEW])
    resolve(at.connection, [mention_ids(NEW.mention)])


def settled(at: At) -> None:
    """What the end of a run of a small source costs, and the beginning of the next one."""
    write_readings(at.connection, [NEW])
    resolve_pending(at.connection)
    when = START + timedelta(days=30)
    looks = {}
    for url, sight in ((NEW.mention.capture.url if NEW.mention.capture else "", Sight.SHOWN), (FIRST, Sight.SAME)):
        looks[url] = Look(url, sight, when, capture=Capture("noord", url, when, f"{1:064d}", PERMISSION))
    settlement.settle(at.connection, [settlement.Run("noord", Revisit(), None, "reader", when, looks)])
    replay.stop_suppressed(at.connection, KEYS)
    resolve_pending(at.connection)
    documents.load(at.connection, "noord")
    previous(at.connection, "noord")
    people_seen(at.connection, "noord", when)


def why(at: At) -> None:
    restricted.Veil.of(at.connection)
    for wanted in (at.single[:12], at.merged, at.email):
        for found in lookup.find(at.connection, wanted):
            list(provenance.entities(at.connection, found.id))


def why_allowed(at: At) -> None:
    restricted.require_free(at.connection, at.email)
    assert allowed.receipts(at.connection, at.email)
    assert allowed.receipts(at.connection, FIRST)


def why_two(at: At) -> None:
    pairs.explain(at.connection, at.merged, at.single)


def judged(at: At) -> None:
    found = judge(at.connection, at.merged, at.single, "same", by="Bo", reason="pages", now=NOW)
    unmerge(at.connection, found.judgement, by="Bo", now=NOW)


def accessed(at: At) -> None:
    (case,) = asked(at.connection, at.desk, Kind.ACCESS, {"email": at.email})
    assert dossier.dossier(at.connection, case, at.desk).values


def rectified(at: At) -> None:
    (case,) = asked(at.connection, at.desk, Kind.RECTIFY, {"email": at.email})
    rectifying.rectify(at.connection, case, at.desk, rectifying.Changes(right={Property.JOB_TITLE: "Counsel"}))
    resolve_pending(at.connection)


def held_back(at: At) -> None:
    cases = asked(at.connection, at.desk, Kind.RESTRICT, {"email": at.email})
    restricting.restrict(at.connection, cases, at.desk, Ground.ACCURACY)
    restricting.release(at.connection, cases, at.desk)


def erased(at: At) -> None:
    cases = asked(at.connection, at.desk, Kind.ERASE, {"email": at.email}, {"id": at.merged})
    assert erasing.erase(at.connection, cases, at.desk).mentions > 2


def booked(at: At) -> None:
    book.listed(at.connection)


def of_a_run(at: At) -> None:
    found = breaches.affected(at.connection, {"run": history.RUN})
    assert found.people


def over(at: At, policy: Retention, now: datetime) -> int:
    return sum(len(one.going) for one in retention.due(at.connection, policy, now, ZoneInfo("UTC")))


def soon_over(at: At) -> None:
    assert over(at, SHORT, NOW)


def all_over(at: At) -> None:
    assert over(at, LONG, NOW + timedelta(days=4000))


def exported(at: At) -> None:
    recipient = Recipient("acme", "Acme", "US", ("business-directory",), "licence", date(2099, 1, 1), "article 7")
    made = Export(recipient, "business-directory", Format.CSV, NOW, KEYS)
    for _ in made.rows(at.connection):
        pass


def told(at: At) -> None:
    notifying.overview(notifying.owed(at.connection, at.desk.register, NOW.date()), NOW, at.desk.register)


def provenance_of_all(at: At) -> None:
    assert list(provenance.entities(at.connection))


def totals(at: At) -> None:
    made = report(at.connection, Scope(), NOW)
    assert made.totals.people
    assert made.sources


def quality_of_all(at: At) -> None:
    list(rendered(quality(at.connection, None, "", NOW, decisions)))


def complied(at: At) -> None:
    compliance(at.connection, None, "", NOW, Dues(at.desk.register).sections)


def registered(at: At) -> None:
    article_30(at.connection, at.desk.register, NOW)


def ran(at: At) -> None:
    of_runs(at.connection, NOW, "", 365)


def reviewed(at: At) -> None:
    assert queue.questions(at.connection, 5)
    assert queue.count(at.connection)


def screened(at: At) -> None:
    screen_store(at.connection)


def checked(at: At) -> None:
    check(at.connection)
    digest(at.connection)


def kept_out(at: At) -> None:
    replay.suppressed(at.connection, KEYS)


#: A look at one person, one page, one run: flat.
FLAT: tuple[Work, ...] = (
    crawled, settled, why, why_allowed, why_two, judged, accessed, rectified, held_back, erased, booked, of_a_run
)  # fmt: skip
#: What goes through the store because that is the question: in proportion to it.
LINEAR: tuple[Work, ...] = (
    soon_over, all_over, exported, told, provenance_of_all, totals, quality_of_all, complied, registered, ran, reviewed,
    screened, checked, kept_out,
)  # fmt: skip


def steps(engine: Engine, at: Desk, work: Work) -> int:
    """Do some work and undo it; returns the instructions that it took."""
    with engine.connect() as connection, connection.begin() as transaction:
        where = At.of(connection, at)
        with counted(connection) as found:
            work(where)
        transaction.rollback()
    return found.count


@pytest.mark.parametrize("work", FLAT, ids=lambda work: work.__name__)
def test_a_look_at_one_costs_the_same_in_any_store(stores: dict[int, Engine], at: Desk, work: Work) -> None:
    assert steps(stores[LARGE], at, work) < 1.03 * steps(stores[SMALL], at, work) + SLACK


@pytest.mark.parametrize("work", LINEAR, ids=lambda work: work.__name__)
def test_a_walk_through_all_costs_no_more_than_in_proportion(stores: dict[int, Engine], at: Desk, work: Work) -> None:
    times = LARGE / SMALL
    assert steps(stores[LARGE], at, work) < 1.3 * times * steps(stores[SMALL], at, work) + SLACK


def peak(engine: Engine, at: Desk, work: Work) -> int:
    """Return the most bytes that some work held at a time."""
    with engine.connect() as connection:
        where = At.of(connection, at)
        tracemalloc.start()
        work(where)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found


@pytest.mark.parametrize("work", [kept_out], ids=lambda work: work.__name__)
def test_a_walk_through_all_holds_a_few_at_a_time(
    stores: dict[int, Engine], at: Desk, monkeypatch: pytest.MonkeyPatch, work: Work
) -> None:
    monkeypatch.setattr(upsert, "CHUNK", 50)
    monkeypatch.setattr(replay, "_ROWS", 100, raising=False)
    peak(stores[SMALL], at, work)  # fills caches
    assert peak(stores[LARGE], at, work) < 1.5 * peak(stores[SMALL], at, work)


def test_what_may_be_over_is_asked_for_once(stores: dict[int, Engine], at: Desk) -> None:
    """A lot at a time it would be gathered from the whole store for each lot, as PostgreSQL plans it."""
    asked_for: list[str] = []
    with stores[LARGE].connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda _c, _cursor, sql, *rest: asked_for.append(sql))
        all_over(At.of(connection, at))
    assert len(asked_for) > LARGE / retention.GROUP
    assert len([sql for sql in asked_for if "EXISTS" in sql]) == 1
