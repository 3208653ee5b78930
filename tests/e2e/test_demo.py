"""`scrapy demo` over the bundled sites, twice: what stands in the master, what must not, and what was written.

All tests of it stand in this file, so that one process of a run in several builds it.
"""

from __future__ import annotations

import json

import pytest

from crawler import sources
from tests.support.demo import EXPECTED, SITES, Demo, expected_names, fold, names, values

CANARIES: list[dict[str, str]] = json.loads((SITES / "canaries.json").read_text("utf-8"))
#: People whom a source shows and does not support, and organisations that are found; the rest is in docs/quality.md.
MOST_APART, LEAST_ORGANISATIONS = 1, 8
#: How a run ends whose robots.txt answers 503.
CLOSED = {"refused", "blocked"}
REGISTER = sources.load(SITES / "sources.toml")
READ = sorted({source for person in EXPECTED["people"] for source in person["sources"]})
#: Of the people whom a site shows, the least share that is found, and the most that are found and should not be.
#: The hardest site shows three people in the sentences of a newsletter.
LEAST_OF_ONE, LEAST_OF_ALL, MOST_FALSE = 0.3, 0.85, 0.05


def test_each_source_ends_as_it_should(demo: Demo) -> None:
    outcomes = {run["source"]: run["outcome"] for run in demo.first["runs"]}
    assert outcomes.pop("closed-doors") in CLOSED
    assert set(outcomes.values()) == {"finished"}
    assert len(outcomes) == 22


def test_a_second_run_adds_nothing_and_changes_nothing(demo: Demo) -> None:
    assert demo.first["changed"]
    assert not demo.second["changed"]
    assert demo.second["added_statements"] == 0
    assert {run["outcome"] for run in demo.second["runs"]} - CLOSED == {"unchanged"}
    assert demo.second["totals"] == demo.first["totals"]


def test_the_expected_people_are_there(demo: Demo) -> None:
    assert [person["name"] for person in demo.expected_people() if demo.match(person) is None] == []


def test_people_are_supported_by_each_source_that_shows_them(demo: Demo) -> None:
    found = [(person, demo.match(person)) for person in demo.expected_people()]
    apart = [person["name"] for person, card in found if not card or not set(person["sources"]) <= set(card.sources)]
    assert len(apart) <= MOST_APART + 3 * bool(demo.first["undrawn_pages"]), apart


@pytest.mark.parametrize("index", range(len(EXPECTED["distinct"])))
def test_namesakes_are_two(demo: Demo, index: int) -> None:
    emails = EXPECTED["distinct"][index]["emails"]
    cards = {card.id for card in demo.people if values(card, "email") & set(emails)}
    assert len(cards) == len(emails)


def test_the_expected_organisations_are_there_once(demo: Demo) -> None:
    starts = [fold(organisation["name"])[:14] for organisation in EXPECTED["organisations"]]
    found = [
        sum(any(name.startswith(start) for name in names(card)) for card in demo.organisations) for start in starts
    ]
    assert max(found) == 1
    assert sum(found) >= LEAST_ORGANISATIONS


def test_nobody_is_there_who_must_not_be(demo: Demo) -> None:
    there = {name for card in demo.people for name in names(card)}
    assert [absent["why"] for absent in EXPECTED["absent"] if fold(absent["name"]) in there] == []


def test_no_planted_statement_is_in_any_byte_that_was_written(demo: Demo) -> None:
    written = {path.name: path.read_bytes().lower() for path in demo.home.rglob("*") if path.is_file()}
    assert {"cardfile.db", "demo.log", "report.html", "quality.html"} <= set(written)
    found = {
        f"{canary['category']} in {canary['place']} of {canary['file']}"
        for canary in CANARIES
        for marker in {canary["marker"], canary.get("stored_as", canary["marker"])}
        for content in written.values()
        if marker.lower().encode() in content
    }
    assert found == set()


def test_the_report_holds_every_person(demo: Demo) -> None:
    report = (demo.home / "report.html").read_text("utf-8")
    assert all(f'id="e-{card.id}"' in report for card in demo.people)


def found(demo: Demo, source: str) -> tuple[int, int, list[str]]:
    """Return how many people are expected of a source, how many were found, and who else was."""
    wanted = [expected_names(person) for person in demo.expected_people() if source in person["sources"]]
    there = [names(card) for card in demo.people if source in card.sources]
    hits = sum(any(card & person for card in there) for person in wanted)
    return len(wanted), hits, [min(card) for card in there if not any(card & person for person in wanted)]


@pytest.mark.parametrize("source", READ)
def test_people_of_each_kind_of_source_are_found(demo: Demo, source: str) -> None:
    wanted, hits, others = found(demo, source)
    assert hits >= max(1, LEAST_OF_ONE * wanted)
    assert len(others) <= 1, others


def test_few_are_missed_and_fewer_are_invented(demo: Demo) -> None:
    results = [found(demo, source) for source in READ]
    wanted, hits = sum(result[0] for result in results), sum(result[1] for result in results)
    others = [name for result in results for name in result[2]]
    assert hits >= LEAST_OF_ALL * wanted, f"{hits} of {wanted}"
    assert len(others) <= MOST_FALSE * hits, others


def test_lists_are_read_to_their_end(demo: Demo) -> None:
    """The number of pages that each site has, its traps left out: fewer were missed, more were wasted."""
    pages = {run["source"]: run["pages"] for run in demo.first["runs"]}
    assert pages["nordtechnik-messe"] == 7  # two pages of a list, four entries, the team
    assert pages["annuaire-maritime"] == 1 + 1 + 6 + 4  # the front page, a list, its letters, their entries
    assert pages["estuary-research"] == 6  # the archive, two issues, three papers
    assert pages["pilotage-register"] == 3


def test_each_spider_reads_a_site_of_the_demo() -> None:
    spiders = {source.spider for source in REGISTER}
    assert len({source.kind for source in REGISTER}) == 18
    assert len(spiders) == 8
