"""What to do next follows from the figures, by rules that can be read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.items import Property
from pipelines.reports.quality.advice import Step, reason, steps, word
from pipelines.reports.quality.figures import Decisions, LastRun, Read, SourceLine, Stated, share
from tests.support import tree

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUN = LastRun(AT, "finished", "company_site", ())
NOBODY_ASKS = Decisions(9, 12, 0, (0, 0, 0, 0, 0), None, 0, 0, 0, 0, 0, 0, 0, 0)


def line(identifier: str = "a", **facts: Any) -> SourceLine:
    whole = SourceLine(
        id=identifier,
        kind="company-site",
        publisher="Noord NV",
        people=20,
        organisations=1,
        stated=tuple(Stated(prop, 18, 2, 0) for prop in ("jobTitle", "worksFor", "email", "telephone")),
        ages=(20, 0, 0, 0, 0),
        bound=44,
        stale=0,
        values=100,
        silent=0,
        retired=0,
        quarantined=0,
        corrected=0,
        rejected={},
        methods=(),
        last=RUN,
    )
    return replace(whole, **facts)


def said(*lines: SourceLine, **decided: Any) -> list[tuple[str, int, str, str]]:
    found = steps(lines, replace(NOBODY_ASKS, **decided))
    return [(step.source, step.count, step.of, step.command) for step in found]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"last": replace(RUN, outcome="empty")}, [("a", 20, "people held", "scrapy report runs --source a")]),
        ({"last": replace(RUN, outcome="unchanged")}, []),
        ({"last": None}, []),
        ({"stale": 4}, []),
        ({"stale": 5}, [("a", 5, "people", "scrapy crawl company_site -a source=a")]),
        ({"stale": 5, "last": None}, [("a", 5, "people", "scrapy report runs --source a")]),
        ({"stated": [Stated("telephone", 10, 0, 6)]}, [("a", 6, "people", "scrapy report provenance --source a")]),
        ({"stated": [Stated("telephone", 10, 0, 5)]}, []),
        ({"stated": [Stated("telephone", 4, 0, 4)]}, []),
        ({"stated": [Stated("jobTitle", 10, 0, 9), Stated("worksFor", 10, 0, 9)]}, []),
        ({"rejected": {"telephone-no-country": 7}}, [("a", 7, "numbers", "scrapy crawl company_site -a source=a")]),
        ({"rejected": {"telephone-invalid": 7}}, []),
    ],
)
def test_a_source_is_mended_where_it_is_weak(facts: dict[str, Any], expected: list[tuple[str, int, str, str]]) -> None:
    assert said(line(**facts)) == expected


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        ({"open": 3}, [("", 3, "pairs", "scrapy review")]),
        ({"conflicts": 1}, [("", 1, "contradictions", "scrapy review --conflicts")]),
        ({"namesakes": 2}, [("", 2, "readings", "scrapy suppress waiting")]),
    ],
)
def test_what_only_people_can_decide_comes_first(
    decided: dict[str, int], expected: list[tuple[str, int, str, str]]
) -> None:
    late = line(stale=9)
    assert said(late, **decided) == [*expected, ("a", 9, "people", "scrapy crawl company_site -a source=a")]


@pytest.mark.parametrize(
    ("mailboxes", "peers", "asked"),
    [(0, 4, True), (17, 4, False), (0, 3, False), (20, 4, False)],
    ids=["none where others have most", "as the others", "too few others to say", "more than the others"],
)
def test_a_source_is_compared_with_others_of_its_kind(mailboxes: int, peers: int, asked: bool) -> None:
    weak = line(stated=[one for one in line().stated if one.property != "email"] + [Stated("email", mailboxes, 0, 0)])
    found = steps([weak, *(line(f"peer-{number}") for number in range(peers))], NOBODY_ASKS)
    assert [(step.source, step.command) for step in found] == ([("a", "scrapy extract URL")] if asked else [])
    assert all("e-mail address of 0% of its people, where 90%" in step.what for step in found)


def test_another_kind_is_no_measure() -> None:
    weak = line(kind="news", stated=[Stated("jobTitle", 20, 0, 0)])
    assert steps([weak, *(line(f"peer-{number}") for number in range(9))], NOBODY_ASKS) == []


def test_what_concerns_most_people_comes_first() -> None:
    found = steps([line("a", stale=5), line("b", stale=19), line("c", stale=7)], NOBODY_ASKS)
    assert [step.source for step in found] == ["b", "c", "a"]
    assert all(isinstance(step, Step) for step in found)


@pytest.mark.parametrize(("part", "whole", "expected"), [(1, 4, None), (0, 5, 0.0), (5, 5, 1.0), (0, 0, None)])
def test_a_few_have_no_share(part: int, whole: int, expected: float | None) -> None:
    assert share(part, whole) == expected


def test_methods_are_added_up() -> None:
    both = Read("card", 3, (1, 0, 0, 2), 2.1).with_more(Read("card", 1, (0, 1, 0, 0), 0.5))
    assert (both.values, list(both.bands)) == (4, [1, 1, 0, 2])
    assert both.mean == pytest.approx(0.65)
    assert Read("card", 0, (0, 0, 0, 0), 0.0).mean == 0


@pytest.mark.parametrize("prop", [prop.value for prop in Property if prop is not Property.ALTERNATE_NAME])
def test_every_property_of_people_has_a_word(prop: str) -> None:
    assert word(prop) != prop or prop == "name"


def test_every_rule_of_validation_has_a_sentence() -> None:
    rules = {
        rule
        for path in tree.texts()
        if path.parts[:2] == ("pipelines", "values") and path.suffix == ".py"
        for rule in re.findall(r'Rejected\("([a-z-]+)"\)', tree.read(Path(path)))
    }
    assert rules
    assert {rule for rule in rules if reason(rule) == rule.replace("-", " ")} == set()
    assert reason("some-new-rule") == "some new rule"
