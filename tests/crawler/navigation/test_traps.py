"""Endless sets of URLs, and documents that look a little like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.navigation.traps import LONGEST, trap

SITE = "http://site.example"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/events/2027/03/", "calendar"),
        ("/2026/10/", "calendar"),
        ("/news/2026/10/12", "calendar"),
        ("/agenda/zaal-1/2026-11", "calendar"),
        ("/?date=2026-11-01", "calendar"),
        ("/programme?month=11", "calendar"),
        ("/?tribe-bar-date=2026-11-01", "calendar"),
        ("/members?sort=name", "facet"),
        ("/members?filter[town]=Delft", "facet"),
        ("/members?f%5B0%5D=town%3ADelft", "facet"),
        ("/members?show=grid", "facet"),
        ("/search?q=roe", "facet"),
        ("/post?replytocom=7", "facet"),
        ("/login?return_to=/team", "facet"),
        ("/members?a=1&b=2&c=3&d=4", "parameters"),
        ("/team;jsessionid=4f2a", "session"),
        ("/(S(4nqzgy45vtsl0f55tgkm4z55))/team.aspx", "session"),
        ("/en/team/en/team/en/team", "repeats"),
        ("/" + "/".join(f"folder-{number}" for number in range(13)), "long"),
        ("/" + "x" * LONGEST, "long"),
    ],
)
def test_a_set_without_end_is_named(path: str, why: str) -> None:
    assert trap(SITE + path) == why


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/team",
        "/2026/10/12/a-new-chair",
        "/2026/10/a-new-chair.html",
        "/issue/2026-03/",
        "/reports/2025",
        "/members?page=2",
        "/members?limitstart=20",
        "/index.php?option=com_content&view=article&id=5",
        "/people?id=2026",
        "/events/winter-school",
        "/en/about/en",
    ],
)
def test_a_document_is_none(path: str) -> None:
    assert trap(SITE + path) == ""


@given(st.text(max_size=80))
def test_any_path_has_an_answer(path: str) -> None:
    assert isinstance(trap(f"{SITE}/{path}"), str)
