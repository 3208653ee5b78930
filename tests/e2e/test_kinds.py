"""Every kind of source, end to end: its bundled site crawled by its spider, through all stages into the master."""

from __future__ import annotations

import pytest

from crawler import sources
from tests.support.demo import EXPECTED, SITES, Demo, expected_names, names

REGISTER = sources.load(SITES / "sources.toml")
READ = sorted({source for person in EXPECTED["people"] for source in person["sources"]})
#: Of the people whom a site shows, the least share that is found, and the most that are found and should not be.
#: The hardest site shows three people in the sentences of a newsletter.
LEAST_OF_ONE, LEAST_OF_ALL, MOST_FALSE = 0.3, 0.85, 0.05


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
