"""How merging stands, in counts: the queue that people see is the queue that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from pipelines.master.models import JudgementRow
from pipelines.master.statements import Reading, mention_ids, write_readings
from pipelines.resolution.resolver import resolve
from pipelines.review.figures import decisions
from pipelines.review.people import judge, unmerge
from pipelines.review.queue import count, questions
from tests.support.readings import START, reading

NOW = START + timedelta(days=100)
TEAM = reading("Jane Roe", job_title="Director", works_for="Noord NV", email="jane.roe@noord.example")
PRESS = reading("J. Roe", url="http://press.example/a", source_id="press", email="jane.roe@noord.example")
MOVED = reading("Jane Roe", url="http://zuid.example/", source_id="zuid", works_for="Zuid BV", email="j@zuid.example")
ELSE = reading("Otto Doe", url="http://zuid.example/o", source_id="zuid", works_for="Zuid BV", email="o@zuid.example")


def take(connection: Connection, readings: Sequence[Reading]) -> list[str]:
    write_readings(connection, readings)
    resolve(connection, [mention_ids(one.mention) for one in readings])
    return [mention_ids(one.mention)[-1] for one in readings]


def decide(connection: Connection, one: str, other: str, verdict: str) -> str:
    return judge(connection, one, other, verdict, by="ann", reason="pages", now=NOW).judgement


def test_an_empty_store_has_nothing_to_say(connection: Connection) -> None:
    found = asdict(decisions(connection, "", NOW))
    assert found.pop("oldest") is None
    assert {name: value for name, value in found.items() if value not in (0, [0] * 5)} == {}


@pytest.mark.parametrize(("days", "band"), [(0, 0), (29, 0), (30, 1), (364, 3), (365, 4)])
def test_the_open_questions_are_those_that_people_are_asked(connection: Connection, days: int, band: int) -> None:
    take(connection, [TEAM, PRESS, MOVED, ELSE])
    connection.execute(update(JudgementRow).values(made_at=NOW - timedelta(days=days)))
    found = decisions(connection, "", NOW)
    assert found.open == count(connection) == len(questions(connection, 9)) == 1
    assert found.ages == [int(place == band) for place in range(5)]
    assert found.oldest == NOW - timedelta(days=days)


def test_of_one_source_only_its_own(connection: Connection) -> None:
    take(connection, [TEAM, MOVED, ELSE])
    found = {source: decisions(connection, source, NOW).open for source in ("", "noord", "zuid", "press", "nowhere")}
    assert found == {"": 1, "noord": 1, "zuid": 1, "press": 0, "nowhere": 0}


def test_what_joined_what(connection: Connection) -> None:
    take(connection, [TEAM, PRESS, ELSE])
    found = decisions(connection, "", NOW)
    assert (found.entries, found.readings) == (4, 5)  # two people and their employers; one of them read twice
    assert decisions(connection, "press", NOW).entries == 1


@pytest.mark.parametrize(
    ("pair", "verdict", "expected"),
    [
        ((0, 1), "same", "agreed"),
        ((0, 1), "different", "undone"),
        ((0, 2), "same", "joined"),
        ((0, 2), "different", "parted"),
        ((0, 3), "different", ""),
        ((0, 3), "same", ""),
    ],
)
def test_what_people_and_the_rules_said(
    connection: Connection, pair: tuple[int, int], verdict: str, expected: str
) -> None:
    ids = take(connection, [TEAM, PRESS, MOVED, ELSE])
    decided = decide(connection, ids[pair[0]], ids[pair[1]], verdict)
    for source, judged in (("", 1), ("noord", 1), ("nowhere", 0)):
        found = asdict(decisions(connection, source, NOW))
        assert (found["judged"], found["same"]) == (judged, judged * (verdict == "same"))
        assert {name: found[name] for name in ("agreed", "undone", "joined", "parted") if found[name]} == (
            {expected: 1} if expected and judged else {}
        )
    unmerge(connection, decided, by="ann", now=NOW)
    assert decisions(connection, "", NOW).judged == 0


def test_a_merge_that_is_undone_was_the_rules(connection: Connection) -> None:
    team, press = take(connection, [TEAM, PRESS])
    rule = connection.scalar(select(JudgementRow.id).where(JudgementRow.left_id == min(team, press)))
    unmerge(connection, str(rule), by="ann", now=NOW)
    assert decisions(connection, "", NOW).undone == 1


def test_contradictions_are_counted(connection: Connection) -> None:
    team, press, moved = take(connection, [TEAM, PRESS, MOVED])
    decide(connection, team, press, "same")
    decide(connection, press, moved, "same")
    decide(connection, team, moved, "different")
    assert decisions(connection, "", NOW).conflicts == 1
