"""The store's side of resolution: same people merge, namesakes stay apart, and the master is derived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url

from pipelines.master.check import check, digest
from pipelines.master.database import open_store
from pipelines.master.models import EmploymentRow, JudgementRow, MasterValueRow, MentionRow, OrganisationRow, PersonRow
from pipelines.master.statements import Reading, declare_source, mention_ids, write_readings
from pipelines.resolution import folding, remembering
from pipelines.resolution.rebuild import rebuild
from pipelines.resolution.resolver import resolve, resolve_pending
from tests.support.readings import reading, source

TEAM_VALUES = {"job_title": "Director", "works_for": "Noord NV", "email": "jane.roe@noord.example"}
TEAM = reading("Jane Roe", TEAM_VALUES)
PRESS = reading(
    "J. Roe", url="http://press.example/a", source_id="press", email="jane.roe@noord.example", works_for="Noord NV"
)
NAMESAKE = reading(
    "Jane Roe", url="http://zuid.example/", source_id="zuid", works_for="Zuid BV", email="j@zuid.example"
)
COLLEAGUE = reading("John Poe", job_title="Engineer", works_for="Noord N.V.", email="john.poe@noord.example")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_store(make_url(database_url))
    with engine.begin() as connection:
        for identifier in ("noord", "press", "zuid"):
            declare_source(connection, source(identifier))
        yield connection
    engine.dispose()


def take(connection: Connection, readings: Sequence[Reading]) -> None:
    write_readings(connection, readings)
    resolve(connection, [mention_ids(one.mention) for one in readings])


def people(connection: Connection) -> list[tuple[str, str, str, int]]:
    columns = (PersonRow.name, PersonRow.email, PersonRow.job_title, PersonRow.mentions)
    return list(connection.execute(select(*columns).order_by(PersonRow.name, PersonRow.email)))


def test_two_mentions_with_one_personal_mailbox_are_one_person(connection: Connection) -> None:
    take(connection, [TEAM, PRESS])
    assert people(connection) == [("Jane Roe", "jane.roe@noord.example", "Director", 2)]
    own = mention_ids(TEAM.mention)[-1]
    judged = connection.execute(
        select(JudgementRow).where((JudgementRow.left_id == own) | (JudgementRow.right_id == own))
    )
    (judgement,) = judged
    assert (judgement.verdict, judgement.human, judgement.superseded_at) == ("same", False, None)
    assert all(reason["sentence"] for reason in judgement.reasons)


def test_namesakes_at_two_employers_stay_apart(connection: Connection) -> None:
    take(connection, [TEAM, NAMESAKE])
    assert [row[3] for row in people(connection)] == [1, 1]


def test_one_employer_under_two_spellings_is_one_organisation(connection: Connection) -> None:
    take(connection, [TEAM, COLLEAGUE])
    employers = set(connection.scalars(select(EmploymentRow.organisation_id)))
    assert len(employers) == 1
    assert connection.scalars(select(OrganisationRow.id)).all() == list(employers)


def test_a_group_leaves_little_behind_in_the_caches(connection: Connection) -> None:
    for number in range(remembering.ROOM + 1):
        folding.fold(f"voorbeeld{number}")
    take(connection, [TEAM])
    assert max(cache.cache_info().currsize for cache in remembering._CACHES) <= remembering.ROOM


def test_every_order_and_grouping_gives_the_same_master(connection: Connection) -> None:
    digests = set()
    for order in permutations([TEAM, PRESS, NAMESAKE, COLLEAGUE]):
        nested = connection.begin_nested()
        for one in order:
            take(connection, [one])
        digests.add(digest(connection))
        nested.rollback()
    take(connection, [TEAM, PRESS, NAMESAKE, COLLEAGUE])
    assert digests == {digest(connection)}


def test_the_master_is_derived(connection: Connection) -> None:
    take(connection, [TEAM, PRESS, NAMESAKE, COLLEAGUE])
    before, after = rebuild(connection)
    assert before == after
    assert not any(finding.broken for finding in check(connection))


def test_the_checks_can_fail(connection: Connection) -> None:
    take(connection, [TEAM])
    connection.execute(PersonRow.__table__.update().values(email="else@noord.example"))  # type: ignore[attr-defined]
    connection.execute(MentionRow.__table__.update().values(pending=True))  # type: ignore[attr-defined]
    broken = {finding.invariant for finding in check(connection) if finding.broken}
    assert any("person row" in invariant for invariant in broken)
    assert any("waits" in invariant for invariant in broken)


def test_what_a_killed_process_left_is_resolved_later(connection: Connection) -> None:
    write_readings(connection, [TEAM, PRESS])
    assert people(connection) == []
    resolve_pending(connection)
    assert [row[3] for row in people(connection)] == [2]
    assert resolve_pending(connection) == {}


def test_a_new_job_is_the_current_one_and_the_old_one_has_ended(connection: Connection) -> None:
    take(connection, [TEAM])
    later = reading("Jane Roe", job_title="Chair", works_for="Noord NV", email="jane.roe@noord.example", day=30)
    take(connection, [later])
    jobs = connection.execute(
        select(EmploymentRow.job_title, EmploymentRow.current, EmploymentRow.end.is_(None)).order_by(
            EmploymentRow.job_title
        )
    )
    assert [tuple(row) for row in jobs] == [("Chair", True, True), ("Director", False, False)]
    assert people(connection)[0][2] == "Chair"


def test_a_retired_value_leaves_the_master(connection: Connection) -> None:
    take(connection, [TEAM])
    take(connection, [reading("Jane Roe", {**TEAM_VALUES, "email": "j.roe@noord.example"}, day=1)])
    assert people(connection) == [("Jane Roe", "j.roe@noord.example", "Director", 1)]
    assert "jane.roe@noord.example" not in set(connection.scalars(select(MasterValueRow.value)))


def test_the_id_of_a_person_stays_when_mentions_join(connection: Connection) -> None:
    take(connection, [TEAM])
    (before,) = connection.scalars(select(PersonRow.id))
    later = reading(
        "J. Roe",
        url="http://press.example/b",
        source_id="press",
        email="jane.roe@noord.example",
        works_for="Noord NV",
        day=9,
    )
    take(connection, [later])
    assert connection.scalars(select(PersonRow.id)).all() == [before]


def on_page(number: int, day: int = 0) -> Reading:
    """The press contact below one of many releases."""
    return reading("Jane Roe", TEAM_VALUES, url=f"http://www.noord.example/news/{number}", day=day)


def test_pages_that_say_the_same_are_compared_once(connection: Connection) -> None:
    take(connection, [on_page(number) for number in range(40)])
    (person,) = people(connection)
    assert person[3] == 40
    judged = connection.execute(select(JudgementRow)).all()
    assert len(judged) == 2 * 39  # each copy of her, and of her employer, with the one that stands for it
    assert {row.verdict for row in judged} == {"copy"}
    assert {reason["rule"] for row in judged for reason in row.reasons} == {"copy"}
    assert not any(finding.broken for finding in check(connection))


def test_copies_come_in_any_order_and_stand_in_for_each_other(connection: Connection) -> None:
    readings = [on_page(1), on_page(2, day=1), on_page(3, day=2), PRESS]
    digests = set()
    for order in permutations(readings):
        nested = connection.begin_nested()
        for one in order:
            take(connection, [one])
        digests.add(digest(connection))
        nested.rollback()
    assert len(digests) == 1
    take(connection, readings)
    changed = reading("Jane Roe", {**TEAM_VALUES, "job_title": "Chair"}, url="http://www.noord.example/news/1", day=9)
    take(connection, [changed])  # the one that stood for the others says something else now
    before, after = rebuild(connection)
    assert before == after
    assert [row[3] for row in people(connection) if row[1] == "jane.roe@noord.example"] == [4]


def test_two_entries_of_one_page_stay_two_people(connection: Connection) -> None:
    twin = on_page(1)
    twin.mention.ordinal = 1
    take(connection, [on_page(1), twin, on_page(2)])
    assert sorted(row[3] for row in people(connection)) == [1, 2]
