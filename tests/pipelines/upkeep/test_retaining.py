"""What has been kept as long as it may be goes, in every byte, and no later reading brings it back or renews it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select, update

from crawler.items import Property
from pipelines.master.answering import ExpiryRow
from pipelines.master.check import check
from pipelines.master.models import MentionRow, PersonRow, StatementRow
from pipelines.master.requests import RestrictionRow
from pipelines.master.statements import Reading, mention_ids
from pipelines.resolution.rebuild import rebuild
from pipelines.resolution.resolver import resolve
from pipelines.rights.declared import Retention
from pipelines.rights.expiry import FORGOTTEN, Gatekeeper, forget, remembers
from pipelines.rights.secret import Keyring
from pipelines.upkeep.retaining import preview, retain
from pipelines.upkeep.scrubbing import scrub
from tests.support.reported import EARLY, RUN, Seen, mention, store

KEYS = Keyring(b"k" * 32)
POLICY = Retention()
ZONE = ZoneInfo("Europe/Amsterdam")
DAYS = 730
ADA = {
    Property.NAME: "Ada Achterberg",
    Property.JOB_TITLE: "Head of Sales",
    Property.WORKS_FOR: "Noord NV",
    Property.EMAIL: "ada.achterberg@noord.example",
}
BO = {Property.NAME: "Bo Zuid", Property.JOB_TITLE: "Clerk", Property.WORKS_FOR: "Noord NV"}
LATER = EARLY + timedelta(days=400)
SEEN = (
    Seen(ADA, evidence="Ada Achterberg, Head of Sales, Noord NV"),
    Seen(BO),
    Seen({**ADA, Property.TELEPHONE: "+442079460141"}, source="press", url="http://press.example/ada", at=LATER),
)
END = EARLY + timedelta(days=DAYS)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = store(database_url, SEEN)
    yield engine
    engine.dispose()


def read(engine: Engine, seen: Seen) -> bool:
    """Write a reading as a crawl would, through the gate that knows what has ended; tell whether it was stored."""
    found = mention(seen)
    with engine.begin() as connection:
        (written,) = Gatekeeper(seen.source, KEYS).write(connection, [Reading(found, RUN)])
        if written is not None:
            resolve(connection, [mention_ids(found)])
    return written is not None


def names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.scalars(select(PersonRow.name)))


def sound(engine: Engine) -> bool:
    """The invariants hold, and what is derived is what a rebuild derives."""
    with engine.connect() as connection:
        assert [finding for finding in check(connection) if finding.broken] == []
        connection.begin() if not connection.in_transaction() else None
        before, after = rebuild(connection)
        connection.rollback()
    return before == after


def test_nothing_goes_before_its_time(engine: Engine) -> None:
    before = END - timedelta(microseconds=1)
    assert preview(engine, POLICY, before, ZONE).statements == 0
    assert retain(engine, KEYS, POLICY, before, ZONE).statements == 0
    assert names(engine) == ["Ada Achterberg", "Bo Zuid"]


def test_what_has_ended_goes_and_the_rest_stays(engine: Engine) -> None:
    counted = preview(engine, POLICY, END, ZONE)
    assert names(engine) == ["Ada Achterberg", "Bo Zuid"]
    done = retain(engine, KEYS, POLICY, END, ZONE)
    assert (done.statements, done.mentions, done.reasons) == (counted.statements, counted.mentions, counted.reasons)
    assert (done.mentions, dict(done.reasons), dict(done.sources)) == (2, {"retention-ended": 7}, {"one": 7})
    assert names(engine) == ["Ada Achterberg"]  # the press still may be kept
    with engine.connect() as connection:
        assert set(connection.scalars(select(MentionRow.source_id))) == {"press"}
    assert sound(engine)
    assert retain(engine, KEYS, POLICY, END, ZONE).statements == 0


def test_a_recrawl_renews_nothing(engine: Engine) -> None:
    for month in range(1, 30):  # the page is read every month and always shows the same
        at = EARLY + timedelta(days=30 * month)
        if at < END:
            assert read(engine, replace(SEEN[0], at=at))
    retain(engine, KEYS, POLICY, END, ZONE)
    with engine.connect() as connection:
        assert remembers(connection, "one")
    for day in (1, 30, 400, 1000):
        assert not read(engine, replace(SEEN[0], at=END + timedelta(days=day)))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(MentionRow).where(MentionRow.source_id == "one")) == 0


def test_another_page_of_the_source_renews_nothing_either(engine: Engine) -> None:
    retain(engine, KEYS, POLICY, END, ZONE)
    assert not read(engine, replace(SEEN[0], url="http://one.example/contact", at=END + timedelta(days=1)))


def test_another_person_of_the_source_is_read(engine: Engine) -> None:
    retain(engine, KEYS, POLICY, END, ZONE)
    assert read(engine, Seen({**BO, Property.NAME: "Cy Oost"}, at=END + timedelta(days=1)))
    assert "Cy Oost" in names(engine)


def test_what_lost_its_support_goes_and_keeps_its_clock(engine: Engine) -> None:
    lost = EARLY + timedelta(days=100)
    with engine.begin() as connection:
        theirs = select(MentionRow.id).where(MentionRow.url == "http://one.example/team")
        email = StatementRow.mention_id.in_(theirs) & (StatementRow.property == "email")
        connection.execute(update(StatementRow).where(email).values(retired_at=lost))
        rebuild(connection)
    assert retain(engine, KEYS, POLICY, lost + timedelta(days=89), ZONE).statements == 0
    done = retain(engine, KEYS, POLICY, lost + timedelta(days=90), ZONE)
    assert (done.statements, done.mentions, dict(done.reasons)) == (1, 0, {"support-lost": 1})
    assert sound(engine)
    assert read(engine, replace(SEEN[0], at=EARLY + timedelta(days=300)))
    with engine.connect() as connection:
        first = (
            select(StatementRow.first_seen)
            .join(MentionRow)
            .where(MentionRow.source_id == "one", StatementRow.property == "email")
        )
        assert connection.scalar(first) == EARLY
    assert retain(engine, KEYS, POLICY, END, ZONE).reasons == {"retention-ended": 7}


def test_everything_goes_some_months_after_the_last_role(engine: Engine) -> None:
    """The page goes on showing Bo's name; half a year after the role ended, what is there of the role goes."""
    ended = datetime(2027, 8, 31, 12, tzinfo=UTC)
    with engine.begin() as connection:
        bo = select(StatementRow.mention_id).where(StatementRow.normalised == "Bo Zuid").scalar_subquery()
        job = StatementRow.property.in_(["jobTitle", "worksFor"])
        connection.execute(update(StatementRow).where(StatementRow.mention_id == bo, job).values(retired_at=ended))
        rebuild(connection)
    patient = replace(POLICY, lost_support_days=10_000)
    assert retain(engine, KEYS, patient, datetime(2028, 2, 29, 12, tzinfo=UTC), ZONE).statements == 0
    done = retain(engine, KEYS, patient, datetime(2028, 3, 1, 12, tzinfo=UTC), ZONE)
    assert dict(done.reasons) == {"role-ended": 3}
    assert names(engine) == ["Ada Achterberg"]
    assert sound(engine)
    new = {**BO, Property.JOB_TITLE: "Director"}
    assert read(engine, Seen(new, at=datetime(2028, 3, 2, tzinfo=UTC)))  # a new role is a new fact
    assert "Bo Zuid" in names(engine)


def test_restricted_processing_stops_deletion(engine: Engine) -> None:
    with engine.begin() as connection:
        bo = connection.scalar(select(StatementRow.mention_id).where(StatementRow.normalised == "Bo Zuid"))
        row = {"mention_id": bo, "request_id": "r" * 32, "ground": "b", "made_at": EARLY}
        connection.execute(insert(RestrictionRow), [row])
    done = retain(engine, KEYS, POLICY, END, ZONE)
    assert (done.restricted, done.mentions) == (1, 1)
    assert "Bo Zuid" in names(engine)


def test_the_memory_ends_when_a_source_has_been_silent_for_long(engine: Engine) -> None:
    retain(engine, KEYS, POLICY, END, ZONE)
    with engine.begin() as connection:
        kept = connection.scalar(select(func.count()).select_from(ExpiryRow))
        assert forget(connection, END + FORGOTTEN - timedelta(seconds=1)) == 0
    assert not read(engine, replace(SEEN[0], at=END + timedelta(days=30)))  # seen again: Ada's hashes stay longer
    with engine.begin() as connection:
        assert forget(connection, END + FORGOTTEN) == 3
        assert kept == 7


def test_an_earlier_secret_is_still_recognised(engine: Engine) -> None:
    retain(engine, KEYS, POLICY, END, ZONE)
    found = mention(replace(SEEN[0], at=END + timedelta(days=1)))
    with engine.begin() as connection:
        rotated = Gatekeeper("one", Keyring(b"n" * 32, (KEYS.current,)))
        assert rotated.write(connection, [Reading(found, RUN)]) == [None]


def test_no_byte_of_it_is_left(tmp_path: Path) -> None:
    path = tmp_path / "cardfile.db"
    crowd = [
        Seen({**ADA, Property.NAME: f"Person Achterberg{n}", Property.EMAIL: f"p{n}.gone@noord.example"}, url=f"http://one.example/{n}")
        for n in range(60)
    ]  # fmt: skip
    engine = store(f"sqlite:///{path}", [*SEEN, *crowd])
    done = retain(engine, KEYS, POLICY, END, ZONE)
    assert not scrub(engine, done.values).busy
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        for gone in (b"Bo Zuid", b"gone@noord", b"Achterberg1", b"one.example/1"):
            assert gone not in content, file.name
    engine.dispose()


@settings(max_examples=10, phases=(Phase.generate,))
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1600), st.booleans()), min_size=1, max_size=12),
)
def test_no_value_outlives_its_period(acts: list[tuple[int, int, bool]]) -> None:
    """Readings and deletions in any order: whatever is held was first shown less than its retention ago."""
    with tempfile.TemporaryDirectory() as folder:
        engine = store(f"sqlite:///{folder}/cardfile.db")
        first: dict[tuple[str, str], datetime] = {}
        for person, day, cleaning in sorted(acts, key=lambda act: act[1]):
            at = EARLY + timedelta(days=day)
            if cleaning:
                retain(engine, KEYS, POLICY, at, ZONE)
                with engine.connect() as connection:
                    held = connection.execute(select(StatementRow.property, StatementRow.normalised)).all()
                assert all(at < first[prop, value] + timedelta(days=DAYS) for prop, value in held)
                continue
            seen = Seen({Property.NAME: f"Person {'ABC'[person]}", Property.JOB_TITLE: f"Job {person}"}, at=at)
            read(engine, seen)
            for prop, value in seen.values.items():
                first.setdefault((prop.value, value), at)
        engine.dispose()
