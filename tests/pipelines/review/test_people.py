"""People decide: their judgements outrank the rules, hold, can be undone, and contradictions are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from sqlalchemy.engine import make_url

from pipelines.errors import UsageError
from pipelines.master.check import check, digest
from pipelines.master.database import open_store
from pipelines.master.models import JudgementRow, MentionRow, PersonRow, RedirectRow
from pipelines.master.statements import Reading, declare_source, mention_ids, write_readings
from pipelines.resolution.local_engine import ENGINES
from pipelines.resolution.rebuild import rebuild
from pipelines.resolution.resolver import resolve
from pipelines.resolution.whole import resolve_store
from pipelines.review.conflicts import conflicts
from pipelines.review.pairs import explain
from pipelines.review.people import judge, mention_of, reviewer, unmerge
from pipelines.review.queue import questions
from tests.support.readings import START, reading, source

NOW = START + timedelta(days=100)
TEAM = reading("Jane Roe", job_title="Director", works_for="Noord NV", email="jane.roe@noord.example")
PRESS = reading("J. Roe", url="http://press.example/a", source_id="press", email="jane.roe@noord.example")
MOVED = reading("Jane Roe", url="http://zuid.example/", source_id="zuid", works_for="Zuid BV", email="j@zuid.example")
TWIN = reading("Jane Roe", job_title="Engineer", works_for="Noord NV", telephone="+442079460141")
TWIN.mention.ordinal = 1


def take(connection: Connection, readings: Sequence[Reading]) -> list[str]:
    """Store and resolve readings; return the ids of the people's mentions."""
    write_readings(connection, readings)
    resolve(connection, [mention_ids(one.mention) for one in readings])
    return [mention_ids(one.mention)[-1] for one in readings]


def people(connection: Connection) -> list[int]:
    return sorted(connection.scalars(select(PersonRow.mentions)))


def decide(connection: Connection, one: str, other: str, verdict: str, minutes: int = 0, by: str = "ann") -> str:
    now = NOW + timedelta(minutes=minutes)
    return judge(connection, one, other, verdict, by=by, reason="pages", now=now).judgement


def test_a_pair_of_entries_that_was_skipped_is_not_asked_about_by_its_other_readings(connection: Connection) -> None:
    press = reading(
        "Jane Roe", url="http://oost.example/", source_id="press", works_for="Oost BV", email="jane.roe@noord.example"
    )
    take(connection, [TEAM, press, MOVED])
    assert people(connection) == [1, 2]
    unsure = select(JudgementRow.id).where(JudgementRow.verdict == "review", JudgementRow.superseded_at.is_(None))
    assert len(connection.scalars(unsure).all()) > 1
    (question,) = questions(connection, 9)
    assert questions(connection, 9, {question.judgement}) == []


def test_a_decision_about_any_reading_explains_two_entries(connection: Connection) -> None:
    many = [
        reading("Jane Roe", url=f"http://press.example/{day}", source_id="press", day=day, job_title=f"Director {day}",
                email="jane.roe@noord.example")
        for day in range(25)
    ]  # fmt: skip
    stranger = reading("John Poe", url="http://zuid.example/", source_id="zuid", works_for="Zuid BV")
    poe, *homes = take(connection, [stranger, *many])
    assert people(connection) == [1, 25]
    last = max(homes)  # far behind those whose bits are looked at
    decided = decide(connection, last, poe, "different")
    for pair in ((poe, homes[0]), (homes[0], poe), (poe, last)):
        assert [found.id for found in explain(connection, *pair).decisions] == [decided]
    assert explain(connection, homes[0], homes[1]).decisions == ()


def test_a_person_joins_what_the_rules_keep_apart_and_takes_it_back(connection: Connection) -> None:
    team, moved = take(connection, [TEAM, MOVED])
    before = digest(connection)
    judgement = decide(connection, team, moved, "same")
    assert people(connection) == [2]
    assert connection.execute(select(RedirectRow.id, RedirectRow.target_id)).all() in (
        [(moved, team)],
        [(team, moved)],
    )
    assert unmerge(connection, judgement, by="ann", now=NOW).entities == (min(team, moved), max(team, moved))
    assert digest(connection) == before
    assert connection.scalars(select(RedirectRow.id)).all() == []
    with pytest.raises(UsageError, match="holds no more"):
        unmerge(connection, judgement, by="ann", now=NOW)


def test_a_person_parts_what_the_rules_have_merged_and_takes_it_back(connection: Connection) -> None:
    team, press = take(connection, [TEAM, PRESS])
    before = digest(connection)
    assert people(connection) == [2]
    rule = connection.scalar(select(JudgementRow.id).where(JudgementRow.left_id.in_((team, press))))
    parted = unmerge(connection, str(rule), by="ann", now=NOW)
    assert people(connection) == [1, 1]
    row = connection.execute(select(JudgementRow).where(JudgementRow.id == parted.judgement)).one()
    assert (row.verdict, row.human, row.by, row.reasons[0]["rule"]) == ("different", True, "ann", "human.unmerge")
    unmerge(connection, parted.judgement, by="ann", now=NOW)
    assert digest(connection) == before


def test_a_merged_id_is_parted_by_itself(connection: Connection) -> None:
    team, press = take(connection, [TEAM, PRESS])
    merged, home = (press, team) if mention_of(connection, "Jane Roe") == team else (team, press)
    unmerge(connection, merged, by="ann", now=NOW)
    assert people(connection) == [1, 1]
    with pytest.raises(UsageError, match="not merged into another one"):
        unmerge(connection, home, by="ann", now=NOW)


def test_a_judgement_that_superseded_another_gives_way_to_it_again(connection: Connection) -> None:
    team, moved = take(connection, [TEAM, MOVED])
    decide(connection, team, moved, "different", by="bob")
    second = decide(connection, team, moved, "same", minutes=1)
    assert people(connection) == [2]
    unmerge(connection, second, by="ann", now=NOW + timedelta(minutes=2))
    live = select(JudgementRow.by).where(JudgementRow.superseded_at.is_(None), JudgementRow.human)
    assert connection.scalars(live).all() == ["bob"]


def test_deciding_the_same_again_changes_nothing(connection: Connection) -> None:
    team, moved = take(connection, [TEAM, MOVED])
    assert decide(connection, team, moved, "same") == decide(connection, moved, team, "same", minutes=9)


def test_judgements_survive_a_crawl_a_new_job_a_batch_and_a_rebuild(connection: Connection) -> None:
    team, moved, press = take(connection, [TEAM, MOVED, PRESS])
    decide(connection, team, moved, "same")
    decide(connection, team, press, "different")
    chair = reading("Jane Roe", job_title="Chair", works_for="Oost BV", email="jane.roe@oost.example", day=30)
    take(connection, [chair, MOVED, PRESS])
    assert people(connection) == [1, 2]
    resolve_store(connection, ENGINES["local"], lambda items, label, total=None: iter(items), NOW)
    assert people(connection) == [1, 2]
    before, after = rebuild(connection)
    assert before == after
    assert not any(finding.broken for finding in check(connection))


def test_two_entries_of_one_page_are_one_only_by_a_person(connection: Connection) -> None:
    team, twin = take(connection, [TEAM, TWIN])
    assert people(connection) == [1, 1]
    decide(connection, team, twin, "same")
    assert people(connection) == [2]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_contradictions_are_shown_and_different_wins_in_any_order(connection: Connection, order: Sequence[int]) -> None:
    third = reading("Jay Roe", url="http://press.example/b", source_id="press", email="jay@press.example")
    one, two, three = take(connection, [TEAM, MOVED, third])
    decisions = [(one, two, "same"), (two, three, "same"), (one, three, "different")]
    for minute, number in enumerate(order):
        decide(connection, *decisions[number], minutes=minute)
    (found,) = conflicts(connection)
    assert found.different.pair == (min(one, three), max(one, three))
    assert len(found.same) == 2
    home = {row.id: row.entity_id for row in connection.execute(select(MentionRow.id, MentionRow.entity_id))}
    assert home[one] != home[three]
    first = min([(min(one, two), max(one, two)), (min(two, three), max(two, three))])
    assert home[first[0]] == home[first[1]]


def test_a_rule_cannot_sign_and_a_pair_is_two_of_a_kind(connection: Connection) -> None:
    (team,) = take(connection, [TEAM])
    employer = mention_ids(TEAM.mention)[0]
    for other in (team, employer, "0" * 32):
        with pytest.raises(UsageError, match="two different mentions of one kind"):
            judge(connection, team, other, "same", by="ann", reason="pages", now=NOW)
    for name in ("learnt-23887148", "x" * 81):
        with pytest.raises(UsageError, match="a rule cannot sign"):
            reviewer(name)
    with pytest.raises(UsageError, match="nobody in the store answers"):
        mention_of(connection, "Nobody Known")


NAMES = ("Jane Roe", "J. Roe", "Janet Roe", "John Poe", "Jane Poe")
MAILBOXES = ("jane.roe@noord.example", "john.poe@noord.example", "")
EMPLOYERS = ("Noord NV", "Zuid BV", "")


@st.composite
def stores(draw: st.DrawFn) -> list[Reading]:
    """Some readings of a few people, on pages of their own."""
    size = draw(st.integers(2, 7))
    found = []
    for number in range(size):
        values = {"email": draw(st.sampled_from(MAILBOXES)), "works_for": draw(st.sampled_from(EMPLOYERS))}
        filled = {key: value for key, value in values.items() if value}
        place = f"http://www.noord.example/{draw(st.integers(0, 3))}/{number // 2}"
        found.append(reading(draw(st.sampled_from(NAMES)), filled, url=place, day=draw(st.integers(0, 2))))
    return list({mention_ids(one.mention)[-1]: one for one in found}.values())


@settings(max_examples=15)
@given(readings=stores(), choices=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans()), max_size=3))
def test_whatever_was_decided_undoing_it_restores_every_byte(
    readings: list[Reading], choices: list[tuple[int, int, bool]]
) -> None:
    engine = open_store(make_url("sqlite://"))
    with engine.begin() as connection:
        declare_source(connection, source())
        mentions = take(connection, readings)
        digests, made = [digest(connection)], []
        for minute, (one, other, same) in enumerate(choices):
            left, right = mentions[one % len(mentions)], mentions[other % len(mentions)]
            if left != right:
                known = connection.scalar(select(JudgementRow.id).where(JudgementRow.human).limit(1))
                judgement = decide(connection, left, right, "same" if same else "different", minutes=minute)
                if judgement not in made and judgement != known:
                    made.append(judgement)
                    digests.append(digest(connection))
        for minute, judgement in enumerate(reversed(made)):
            assert digest(connection) == digests.pop()
            unmerge(connection, judgement, by="ann", now=datetime(2027, 1, 1, 0, minute, tzinfo=UTC))
        assert digest(connection) == digests.pop()
    engine.dispose()
