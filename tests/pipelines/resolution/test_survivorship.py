"""Which value stands in the master row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from crawler.items import MentionType, Property
from pipelines.resolution.derivation import Cluster, Job, derive
from pipelines.resolution.survivorship import Claim, survivors

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def claim(value: str, **changes: object) -> Claim:
    base = Claim(f"s-{value}", "m1", Property.EMAIL, value, "noord", "company-site", 0.9, DAY)
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claims", "best"),
    [
        ([claim("a", kind="directory"), claim("b", kind="register")], "b"),
        ([claim("a", kind="news"), claim("b", kind="directory")], "b"),
        ([claim("a"), claim("b", first_seen=DAY + timedelta(days=1))], "b"),
        ([claim("b"), claim("a", first_seen=DAY + timedelta(hours=1))], "a"),
        ([claim("a"), claim("b"), claim("b", source_id="other", statement_id="s2")], "b"),
        ([claim("a"), claim("longer")], "longer"),
        ([claim("a", confidence=0.5), claim("b")], "b"),
        ([claim("b"), claim("a")], "a"),
    ],
    ids=["register", "unknown-kind", "newest", "same-day", "agreement", "completeness", "confidence", "tie"],
)
def test_the_best_supported_value_comes_first(claims: list[Claim], best: str) -> None:
    for order in permutations(claims):
        assert survivors(order)[0].value == best


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (["J. Roe", "Jane Roe"], "Jane Roe"),
        (["Jane Roe", "Jane Mary Roe"], "Jane Mary Roe"),
        (["J. M. Roe", "Jane Roe"], "Jane Roe"),
    ],
)
def test_the_fullest_name_comes_first(names: list[str], best: str) -> None:
    claims = [claim(name, property=Property.NAME, mention_id=f"m{number}") for number, name in enumerate(names)]
    assert survivors(claims)[0].value == best


def test_support_counts_sources_and_not_pages() -> None:
    (one,) = survivors([claim("a"), claim("a", statement_id="s2", mention_id="m2")])
    assert one.support == 1


def job(title: str, employer: str = "Noord NV", start: int = 0, end: int | None = None, mention: str = "m1") -> Job:
    closed = DAY + timedelta(days=end) if end is not None else None
    organisation = f"org-{employer}" if employer else ""
    return Job(mention, title, employer, organisation, DAY + timedelta(days=start), closed, source=f"of {mention}")


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ([job("Director")], [("Director", "Noord NV", True)]),
        ([job("Director"), job("DIRECTOR", mention="m2")], [("DIRECTOR", "Noord NV", True)]),
        ([job("Director"), job("", mention="m2")], [("Director", "Noord NV", True)]),
        ([job("Director"), job("Director", "", mention="m2")], [("Director", "Noord NV", True)]),
        (
            [job("Director", end=5), job("Chair", start=5)],
            [("Chair", "Noord NV", True), ("Director", "Noord NV", False)],
        ),
        ([job("Director", end=5)], [("Director", "Noord NV", False)]),
        (
            [job("Director"), job("Chair", "Zuid BV", start=3)],
            [("Chair", "Zuid BV", True), ("Director", "Noord NV", False)],
        ),
        ([job("A"), job("B"), job("B", mention="m2")], [("B", "Noord NV", True), ("A", "Noord NV", False)]),
        (
            [job("Director", end=5), job("", start=5, mention="m2")],
            [("", "Noord NV", True), ("Director", "Noord NV", False)],
        ),
    ],
)
def test_employment_history(jobs: list[Job], expected: list[tuple[str, str, bool]]) -> None:
    name = claim("Jane Roe", property=Property.NAME)
    for order in permutations(jobs):
        rows = derive(Cluster("p1", MentionType.PERSON, [name], order, 1), {"org-Noord NV": "o1"}).employments
        assert [(row["job_title"], row["works_for"], row["current"]) for row in rows] == expected
        assert {row["organisation_id"] for row in rows if row["works_for"] == "Noord NV"} == {"o1"}


def test_the_parts_of_a_name_fit_the_chosen_whole() -> None:
    claims = [
        claim("Jane Mary Roe", property=Property.NAME, mention_id="full"),
        claim("Jane Mary", property=Property.GIVEN_NAME, mention_id="full"),
        claim("Jane", property=Property.GIVEN_NAME, mention_id="short", kind="register"),
        claim("Jane Roe", property=Property.NAME, mention_id="short"),
    ]
    rows = derive(Cluster("p1", MentionType.PERSON, claims, [], 2), {})
    assert (rows.entity["name"], rows.entity["given_name"]) == ("Jane Mary Roe", "Jane Mary")
