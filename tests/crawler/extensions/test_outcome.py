"""Every run has an outcome, and every outcome an exit code; what is unusual is measured by the source's own history."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extensions.outcome import COMPLETE, EXIT_CODES, LEAST_RUNS, Ended, Finding, Past, drift

READ = {"pages/read": 3, "people/found": 7}


@pytest.mark.parametrize(
    ("reason", "counts", "outcome"),
    [
        ("finished", {**READ, "statements/new": 2}, "finished"),
        ("finished", {**READ, "statements/retired": 1}, "finished"),
        ("finished", READ, "unchanged"),
        ("finished", {"pages/unchanged": 3, "people/seen": 7}, "unchanged"),
        ("finished", {**READ, "people/found": 4, "statements/new": 2}, "expectation-missed"),
        ("finished", {**READ, "people/found": 11, "statements/new": 2}, "expectation-missed"),
        ("finished", {**READ, "people/found": 2, "people/seen": 7}, "unchanged"),
        ("finished", {"pages/read": 3}, "expectation-missed"),
        ("finished", {"pages/refused": 1}, "refused"),
        ("finished", {"pages/refused": 1, "refusals/403": 1}, "blocked"),
        ("finished", {"refusals/challenge": 1}, "blocked"),
        ("finished", {**READ, "refusals/429": 1, "rights/cool-off": 9}, "blocked"),
        ("finished", {**READ, "refusals/429": 1, "rights/cool-off": 2}, "unchanged"),
        ("finished", {"pages/failed": 1}, "failed"),
        ("finished", {**READ, "pages/crashed": 1}, "unchanged"),
        ("finished", {**READ, "pages/crashed": 2}, "failed"),
        ("finished", {}, "failed"),
        ("shutdown", READ, "interrupted"),
        ("store_failed", READ, "failed"),
        ("memusage_exceeded", READ, "failed"),
        ("closespider_timeout", {**READ, "statements/new": 2}, "finished"),
    ],
)
def test_outcomes(reason: str, counts: dict[str, int], outcome: str) -> None:
    assert Ended(reason, counts, (5, 10)).verdict().outcome == outcome
    assert outcome in EXIT_CODES


def run(people: int, outcome: str = "finished", email: float = 1.0, more: Mapping[str, Any] | None = None) -> Past:
    readings = {"people/readings": people, "people/with/email": round(people * email)} if people else {}
    return Past(outcome, {"pages/read": 5, "people/seen": people, **readings, **(more or {})})


def ended(
    people: int,
    past: Sequence[Past],
    expects: tuple[int, int] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Ended:
    return Ended("finished", {**run(people).counts, "statements/new": 1, **(more or {})}, expects, past)


STEADY = [run(40)] * 6


@pytest.mark.parametrize(
    ("people", "past", "expects", "outcome"),
    [
        pytest.param(40, STEADY, None, "finished", id="as ever"),
        pytest.param(34, STEADY, None, "finished", id="a few left"),
        pytest.param(30, STEADY, None, "expectation-missed", id="a quarter left at once"),
        pytest.param(60, STEADY, None, "expectation-missed", id="half as many again"),
        pytest.param(30, STEADY, (20, 60), "finished", id="the register's range outranks history"),
        pytest.param(30, STEADY[: LEAST_RUNS - 1], None, "finished", id="no history to speak of"),
        pytest.param(0, [run(3)], None, "empty", id="empty where it was not"),
        pytest.param(0, [run(3)], (1, 9), "empty", id="empty though people are expected"),
        pytest.param(0, [run(3)], (0, 9), "finished", id="may be empty"),
        pytest.param(0, [run(0)] * 9, None, "finished", id="was always empty"),
        pytest.param(0, [], None, "finished", id="the first run finds nobody"),
        pytest.param(0, [run(3, "interrupted")], None, "finished", id="half runs say nothing"),
        pytest.param(2, [run(2), run(1), run(3), run(2)], None, "finished", id="a handful"),
        pytest.param(30, [run(n) for n in (20, 60, 35, 48, 28, 55)], None, "finished", id="always restless"),
        pytest.param(40, [*STEADY, *[run(0, "failed")] * 9], None, "finished", id="failures are no history"),
        pytest.param(40, [run(3), *STEADY, run(2)], None, "finished", id="outliers in the history"),
    ],
)
def test_people(people: int, past: list[Past], expects: tuple[int, int] | None, outcome: str) -> None:
    assert ended(people, past, expects).verdict().outcome == outcome


@pytest.mark.parametrize(
    ("share", "past_share", "people", "missed"),
    [
        (1.0, 1.0, 40, False),
        (0.95, 1.0, 40, False),
        (0.7, 1.0, 40, True),
        (0.0, 0.9, 40, True),
        (0.5, 0.5, 40, False),
        (0.1, 0.5, 40, True),
        (1.0, 0.2, 40, False),
        (0.0, 0.1, 40, False),
        (0.0, 1.0, 4, False),
        (0.75, 1.0, 8, False),
    ],
)
def test_a_field_that_went_missing(share: float, past_share: float, people: int, *, missed: bool) -> None:
    past = [run(people, email=past_share)] * 5
    verdict = ended(people, past, more={"people/with/email": round(people * share)}).verdict()
    assert (verdict.outcome == "expectation-missed") is missed
    assert [finding.measure for finding in verdict.findings] == ["email"] * missed


@pytest.mark.parametrize(
    ("now", "before", "compared"),
    [
        ({}, {}, True),
        ({"budget/cut": 1, "budget/pages": 9}, {"budget/pages": 9}, True),
        ({"budget/cut": 1, "budget/pages": 9}, {"budget/pages": 90}, False),
        ({}, {"budget/cut": 1, "budget/pages": 9}, False),
    ],
)
def test_only_runs_of_equal_reach_are_compared(now: dict[str, int], before: Mapping[str, int], compared: bool) -> None:
    verdict = ended(10, [run(40, more=before)] * 6, more=now).verdict()
    assert (verdict.outcome == "expectation-missed") is compared


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (Finding("people", 3, 34, 46, "history", 40), "people 3, usually 34 to 46"),
        (Finding("people", 3, 5, 60, "register"), "people 3, expected 5 to 60"),
        (Finding("email", 0.1, 0.784, 1.0, "history", 0.95), "email 10%, usually 78% to 100%"),
    ],
)
def test_a_finding_is_a_sentence(finding: Finding, sentence: str) -> None:
    assert str(finding) == sentence


@given(st.lists(st.integers(0, 500), min_size=0, max_size=15), st.integers(0, 500), st.sampled_from(sorted(COMPLETE)))
def test_the_order_of_the_history_does_not_matter(earlier: list[int], people: int, outcome: str) -> None:
    past = [run(count, outcome) for count in earlier[:12]]
    shuffled = random.Random(1).sample(past, len(past))
    assert drift(run(people).counts, past) == drift(run(people).counts, shuffled)


@given(st.lists(st.integers(1, 500), min_size=LEAST_RUNS, max_size=12))
def test_the_median_itself_is_never_unusual(earlier: list[int]) -> None:
    middle = sorted(earlier)[len(earlier) // 2]
    past = [run(count) for count in [*earlier, middle] if count]
    usual = sorted(run_.counts["people/seen"] for run_ in past)[len(past) // 2]
    assert drift(run(usual).counts, past) == []


def _night(dice: random.Random, people: int, *, email: float = 0.9, telephone: float = 0.6) -> dict[str, Any]:
    """The counts of one run in which so many people were read; each has an address or a number by chance."""
    filled = {"email": email, "telephone": telephone, "jobTitle": 0.97}
    fields = {f"people/with/{name}": sum(dice.random() < p for _ in range(people)) for name, p in filled.items()}
    return {"pages/read": 9, "people/seen": people, "people/readings": people, **fields, "statements/new": 1}


def _history(dice: random.Random, people: int, nights: int = 40) -> tuple[list[Past], int, int]:
    """So many nights of a healthy source whose staff comes and goes by 2 % a night: runs, people, false alarms."""
    past: list[Past] = []
    alarms = 0
    for _ in range(nights):
        moved = [dice.choice((-1, 1)) for _ in range(people) if dice.random() < 0.02]
        people = max(3, people + sum(moved))
        counts = _night(dice, people)
        verdict = Ended("finished", counts, past=past).verdict()
        alarms += verdict.outcome != "finished"
        past.insert(0, Past(verdict.outcome, counts))
    return past, people, alarms


@pytest.mark.parametrize("size", [4, 12, 40, 150, 600])
def test_a_healthy_source_rarely_raises_an_alarm_and_a_broken_one_does(size: int) -> None:
    dice = random.Random(size)
    nights = alarms = half = emptied = 0
    sources = 25
    for _ in range(sources):
        past, people, wrong = _history(dice, size)
        nights, alarms = nights + len(past), alarms + wrong
        half += Ended("finished", _night(dice, people // 2), past=past).verdict().outcome == "expectation-missed"
        without = _night(dice, people, email=0.0)
        emptied += Ended("finished", without, past=past).verdict().outcome == "expectation-missed"
    assert alarms / nights <= 0.01
    if size >= 12:
        assert half / sources >= 0.9
        assert emptied == sources
