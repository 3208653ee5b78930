"""What the demo prints, and how it ends."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from crawler.errors import RightsError
from pipelines.demo.crawls import SourceRun
from pipelines.demo.run import Merged, Outcome
from pipelines.demo.show import show, watch
from pipelines.reports.totals import NotKept, Totals
from tests.support.reported import source

OUTCOME = Outcome(
    home=Path("home"),
    report=Path("home/report.html"),
    quality=Path("home/quality.html"),
    runs=[SourceRun(source("one"), "finished", 4, 3), SourceRun(source("two"), "refused")],
    objections=2,
    totals=Totals(2, 4, 6, 20, 3, 1, 2, 0, 2),
    added=20,
    changed=True,
    dropped=[
        NotKept("minimise", "health", "prose", "r", "drop", 2),
        NotKept("minimise", "health", "meta", "r", "drop", 1),
    ],
    merged=[Merged("Jane [Roe]", 3, 2)],
)


def printed(outcome: Outcome) -> str:
    stream = io.StringIO()
    show(outcome, Console(file=stream, width=100, soft_wrap=True, highlight=False))
    return stream.getvalue()


def test_it_says_what_was_found_dropped_suppressed_and_merged() -> None:
    text = printed(OUTCOME)
    for words in (
        "3 people and 1 organisation stand in the master, from 6 readings on 4 pages of 2 sources.",
        "changed the master: +20 statements",
        "2 identifiers of people who have objected",
        "two: The site says no; nothing was read.",
        "home/report.html",
        "Quality: home/quality.html",
    ):
        assert words in text
    lines = [line.split() for line in text.splitlines()]
    assert ["minimise", "health", "3"] in lines
    assert ["Jane", "[Roe]", "3", "2"] in lines
    assert "browser" not in text


def test_it_says_that_nothing_changed_and_that_a_browser_is_missing() -> None:
    runs = [SourceRun(source("one"), "unchanged", 4, 3, undrawn=2)]
    text = printed(replace(OUTCOME, changed=False, added=0, runs=runs))
    assert "added nothing and changed nothing" in text
    assert "No browser was found" in text
    assert "2 pages drawn by script" in text


def test_it_says_why_a_source_was_not_crawled() -> None:
    runs = [SourceRun(source("one"), "failed", error=RightsError("Its balancing test expired."))]
    assert "one: Its balancing test expired." in printed(replace(OUTCOME, runs=runs))


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["finished", "unchanged"], 0),
        (["finished", "refused"], 0),
        (["finished", "expectation-missed"], 3),
        (["expectation-missed", "failed", "finished"], 1),
        (["interrupted"], 1),
        ([], 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst_run(outcomes: list[str], code: int) -> None:
    assert replace(OUTCOME, runs=[SourceRun(source("one"), outcome) for outcome in outcomes]).exit_code == code


def test_json_names_nobody() -> None:
    text = json.dumps(OUTCOME.as_json())
    assert "Roe" not in text
    assert json.loads(text)["runs"][0] == {"source": "one", "outcome": "finished", "pages": 4, "people": 3}


def test_progress_can_be_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with watch(["one"], quiet=True) as progress:
        progress(source("one"), 1, None)
        progress(source("one"), 1, OUTCOME.runs[0])
    assert capsys.readouterr() == ("", "")
