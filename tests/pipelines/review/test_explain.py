"""Why, what would change it, what happened, and which question comes first."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console
from sqlalchemy import Connection

from crawler.items import MentionType
from pipelines.master.statements import mention_ids, write_readings
from pipelines.reports.entities import Decision, Entity, Job, Receipt, ReportedValue, Statement
from pipelines.reports.provenance import entities
from pipelines.resolution import engine
from pipelines.resolution.judgements import SAME, UNSURE, Human
from pipelines.resolution.record import Record
from pipelines.resolution.resolver import resolve
from pipelines.resolution.statistics import Statistics
from pipelines.review import picture
from pipelines.review.entry import show_entry
from pipelines.review.events import employer_changes
from pipelines.review.explain import Step, holding, pair_reason
from pipelines.review.queue import worth
from pipelines.review.show import print_waterfall, waterfall_lines
from pipelines.review.texts import LANGUAGES, reason, reasons, rule
from pipelines.review.verdicts import holding_sentences, sentences, standing
from tests.support.readings import START, reading

JANE = Record("a", MentionType.PERSON, ("Jane Roe",), ("Noord NV",), emails=("jane.roe@noord.example",))
MOVED = Record("b", MentionType.PERSON, ("Jane Roe",), ("Zuid BV",), emails=("jane.roe@noord.example",))
NAMESAKE = Record("c", MentionType.PERSON, ("Jane Roe",), ("Oost BV",), emails=("j.roe@oost.example",))
SENIOR = Record("d", MentionType.PERSON, ("John Poe Sr",), ("Noord NV",))
JUNIOR = Record("e", MentionType.PERSON, ("John Poe Jr",), ("Noord NV",))


@pytest.mark.parametrize(
    ("left", "right", "verdict", "without", "needs", "veto"),
    [
        (JANE, MOVED, "same", ("emails",), (), ""),
        (JANE, NAMESAKE, "review", (), ("emails", "profiles"), ""),
        (SENIOR, JUNIOR, "different", (), (), "generation.conflict"),
    ],
    ids=["held-by-a-mailbox", "apart", "vetoed"],
)
def test_what_would_change_the_verdict(
    left: Record, right: Record, verdict: str, without: tuple[str, ...], needs: tuple[str, ...], veto: str
) -> None:
    found = pair_reason(left, right, Statistics())
    assert (found.verdict, found.without, found.veto) == (verdict, without, veto)
    assert set(needs) <= set(found.needs)
    assert found.steps[-1].total == pytest.approx(found.bits, abs=0.01) or veto
    for language in LANGUAGES:
        assert len(list(waterfall_lines(found.steps, language))) == len(found.steps) + 1


def test_what_holds_an_entry_together() -> None:
    assert holding([JANE, MOVED], Statistics()) == {"emails": 2}
    assert holding([JANE], Statistics()) == {}
    assert holding([JANE] * (engine.LARGEST_COMPLETED + 1), Statistics()) is None
    for language in LANGUAGES:
        said = [holding_sentences(found, language) for found in ({"emails": 2}, {}, None)]
        assert len({*map(tuple, said)}) == 3


def test_organisations_share_neither_employer_nor_job_title() -> None:
    firm = Record("f", MentionType.ORGANISATION, ("Grid Forum Europe",))
    edition = Record("g", MentionType.ORGANISATION, ("Grid Forum Europe 2026",))
    found = pair_reason(firm, edition, Statistics())
    assert "telephones" in found.needs
    assert {"organisations", "job_titles"}.isdisjoint(found.needs)


def decision(verdict: str) -> Human:
    return Human("5c0d1f22" * 4, ("a", "b"), verdict, "Ann", START)


@pytest.mark.parametrize(
    ("pair", "joined", "said", "key", "told", "untold"),
    [
        ((JANE, MOVED), True, [], "one", "Without the shared mailbox", "would make them one"),
        ((JANE, MOVED), False, [], "refused", "what else is read of them speaks against it", "Without"),
        ((JANE, MOVED), False, ["different"], "decided_different", "scrapy unmerge 5c0d1f225c0d", "Without"),
        ((JANE, NAMESAKE), False, [], "unsure", "A shared mailbox would make them one.", "unmerge"),
        ((JANE, NAMESAKE), True, [], "joined", "others tie them", "would make them one"),
        ((JANE, NAMESAKE), True, ["same"], "decided_same", "because a person decided so", "would make them one"),
        ((JANE, NAMESAKE), False, ["different"], "decided_different", "because a person decided so", "wait for"),
        ((JANE, NAMESAKE), False, ["same"], "contradicted", "scrapy review --conflicts", "wait for"),
        ((SENIOR, JUNIOR), False, [], "apart", "whatever else agrees", "would make them one"),
        ((SENIOR, JUNIOR), True, ["same"], "decided_same", "They are one", "kept apart"),
    ],
)
def test_what_is_said_of_two_is_what_holds(
    pair: tuple[Record, Record], joined: bool, said: list[str], key: str, told: str, untold: str
) -> None:
    reason, decisions = pair_reason(*pair, Statistics()), [decision(verdict) for verdict in said]
    assert standing(reason, joined=joined, decisions=decisions) == key
    text = " ".join(sentences(reason, "en", joined=joined, decisions=decisions))
    assert told in text
    assert untold not in text
    assert list(sentences(reason, "nl", joined=joined, decisions=decisions))


def job(employer: str, start: float, end: int | None = None, organisation: str = "") -> Job:
    ended = START + timedelta(end) if end else None
    return Job("Director", employer, START + timedelta(start), ended, end is None, organisation)


CHANGED = "Changed employer between 2026-03-21 and 2026-03-26: from Noord NV to Zuid BV."
NEW = "At a new employer since 2026-03-26: Zuid BV (the page of Noord NV shows no end)."


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        ([job("Noord NV", 0, 20), job("Zuid BV", 25)], CHANGED),
        ([job("Noord NV", 0), job("Zuid BV", 25)], NEW),
        ([job("Noord NV", 0), job("Zuid BV", 0)], ""),
        ([job("Noord NV", 0), job("Zuid BV", 0.01)], ""),
        ([job("Noord NV", 0, organisation="n"), job("Noord", 25, organisation="n")], ""),
        ([job("Noord NV", 0, 5), job("NOORD NV", 6)], ""),
        ([job("", 0, 5), job("Noord NV", 6)], ""),
    ],
    ids=["changed", "still-shown", "at-once", "in-one-crawl", "spelt-twice", "another-title", "no-employer"],
)  # fmt: skip
def test_a_change_of_employer_is_said(jobs: list[Job], said: str) -> None:
    for order in (jobs, jobs[::-1]):
        assert " ".join(change.sentence("en") for change in employer_changes(order)) == said


def test_a_profile_carries_a_person_to_a_new_employer(connection: Connection) -> None:
    page = "https://profiles.example/in/jane-roe-51"
    old = reading("Jane Roe", job_title="Director", works_for="Noord NV", same_as=page)
    new = reading(
        "Jane Roe", job_title="Chair", works_for="Zuid BV", same_as=page,
        url="http://zuid.example/", source_id="zuid", day=40,
    )  # fmt: skip
    for one in (old, new):
        write_readings(connection, [one])
        resolve(connection, [mention_ids(one.mention)])
    (person,) = entities(connection, kind=MentionType.PERSON)
    assert (person.job_title, person.works_for) == ("Chair", "Zuid BV")
    assert [change.after for change in employer_changes(person.jobs)] == ["Zuid BV"]


def test_the_answer_that_matters_most_comes_first() -> None:
    assert worth(0.5, UNSURE, 1, 1) > worth(0.2, UNSURE, 1, 1) > 0
    assert worth(0.2, UNSURE, 8, 8) > worth(0.2, UNSURE, 8, 1)
    assert worth(0.99, SAME, 1, 1) == worth(0.5, UNSURE, 1, 1)


@pytest.mark.parametrize("bits", [[-6.0, 4.0, 1.0], [-6.0, 9.0, 9.0, 3.0, -3.0], [-40.0, 2.0]])
def test_every_weighty_step_has_a_bar_on_the_way(bits: list[float]) -> None:
    steps = tuple(Step(f"rule-{n}", "", one, sum(bits[: n + 1])) for n, one in enumerate(bits))
    lines = list(waterfall_lines(steps, "en"))[:-1]
    assert [("+" if one > 0 else "-") in line[9:34] for one, line in zip(bits, lines, strict=True)] == [True] * len(
        bits
    )


@pytest.mark.parametrize(("width", "bars"), [(40, False), (79, False), (80, True), (200, True)])
def test_a_waterfall_fits_its_terminal(width: int, bars: bool) -> None:
    steps = pair_reason(JANE, MOVED, Statistics()).steps
    screen = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None)
    with screen.capture() as shown:
        print_waterfall(screen, steps, "nl", margin="  ")
    lines = shown.get().splitlines()
    assert max(map(len, lines)) <= width
    assert ("|" in shown.get()) is bars
    assert all(line[:9].isspace() or line[2:9].strip()[0] in "+-" for line in lines)


def entry(language: str) -> str:
    value = ReportedValue(
        "name", "Jane Roe", None, [Statement("s", 1, "Jane Roe", "", "card", "/p", 0.9, START, START, START)]
    )
    receipt = Receipt(1, "http://a.example/", START, 200, "text/html", False, "", "a", "", 404, "", "none", (), "")
    shared: dict[str, Any] = {"reasons": [], "made_at": START, "pages": ("p", "q"), "mentions": ("m", "n")}
    entity = Entity("e" * 32, MentionType.PERSON, "Jane Roe", 2, START, values=[value], receipts=[receipt])
    entity.jobs = [job("Noord NV", 0)]
    entity.decisions = [
        Decision("same", True, 0.9, 3.2, by="35a15aff898c", human=False, **shared),
        Decision("review", False, 0.4, -0.5, by="35a15aff898c", human=False, **shared),
        Decision("different", False, 0.0, 0.0, by="Ann", human=True, **shared),
    ]
    screen = Console(file=io.StringIO(), width=500)
    with screen.capture() as shown:
        show_entry(screen, entity, language)
    return shown.get()


@pytest.mark.parametrize(
    ("language", "sentences_of_it", "foreign"),
    [
        ("en", ["seen from 2026-03-01 to now", "no page shows it", "by the rules", "not crawled; what allowed it: none",
                "Merged; this pair alone is 90.0% likely",
                "Not merged; 40.0% likely", "Ann decided on 2026-03-01 that they are different"], "gezien"),
        ("nl", ["gezien van 2026-03-01 tot nu", "geen pagina toont het nog", "niet gecrawld",
                "volgens de regels", "Samengevoegd; dit paar alleen heeft 90.0% kans",
                "Niet samengevoegd; 40.0% kans", "Ann besliste op 2026-03-01 dat ze verschillend zijn"], "erged"),
    ],
)  # fmt: skip
def test_an_entry_is_told_in_one_language(language: str, sentences_of_it: list[str], foreign: str) -> None:
    told = entry(language)
    assert [sentence for sentence in sentences_of_it if sentence not in told] == []
    assert foreign not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drawing_is_well_formed_and_holds_every_rule(language: str) -> None:
    steps = pair_reason(JANE, MOVED, Statistics()).steps
    drawing = ElementTree.fromstring(picture.svg(steps, language))
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {rule(step.rule, language, step.sentence) for step in steps} <= set(texts)
    assert picture.svg(steps, language) in picture.html(steps, language, ["<>"])


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    for code in reasons():
        assert reason(code, "en") != reason(code, "nl")
        assert rule(f"human.{code}", "nl") == reason(code, "nl")
    assert rule("forgotten.rule", "nl", "What it said.") == "What it said."
