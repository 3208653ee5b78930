"""Looks are kept in little room, and given back as they were."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Capture, Permission
from crawler.memory import Look, Sight, mark
from pipelines.revisits.looks import Looks
from tests.support.readings import PERMISSION, START

ROBOTS = "http://www.noord.example/robots.txt"
PAGE, OTHER = "http://www.noord.example/team", "http://www.noord.example/board"


def capture(url: str = PAGE, seconds: int = 0, permission: Permission = PERMISSION, etag: str = "") -> Capture:
    shown = sha256(url.encode()).hexdigest()
    return Capture("noord", url, START + timedelta(seconds=seconds), shown, permission, etag=etag)


def shown(url: str, seconds: int = 0) -> Look:
    seen = capture(url, seconds)
    return Look(url, Sight.SHOWN, seen.fetched_at, "", seen, (mark(OTHER),), 1, 20)


@pytest.mark.parametrize(
    "look",
    [
        Look(PAGE, Sight.MISSING, START, "404"),
        Look(PAGE, Sight.SHOWN, START, "", capture(), (mark(PAGE), mark(OTHER)), 2, 30),
        Look(PAGE, Sight.SAME, START, "", capture(seconds=3, etag='"v1"')),
        Look(
            PAGE,
            Sight.SHOWN,
            START,
            "",
            replace(capture(), etag='W/"ä"', last_modified="Mon, 01 Jun 2026 00:00:00 GMT"),
        ),
        Look(PAGE, Sight.SHOWN, START, "", capture(permission=replace(PERMISSION, robots_url=OTHER))),
        Look(PAGE, Sight.SHOWN, START, "", capture(permission=replace(PERMISSION, robots_url=ROBOTS))),
        Look(PAGE, Sight.SHOWN, START, "", capture(permission=replace(PERMISSION, robots_url=""))),
    ],
    ids=["missing", "shown", "same", "validators", "robots-elsewhere", "robots-here", "no-robots"],
)
def test_a_look_comes_back_as_it_was(look: Look) -> None:
    looks = Looks()
    looks.note(shown(OTHER))
    looks.note(look)
    assert looks[PAGE] == look
    assert dict(looks) == {OTHER: shown(OTHER), PAGE: look}


@given(st.lists(st.tuples(st.sampled_from([PAGE, OTHER]), st.integers(0, 99), st.booleans())))
def test_it_is_a_mapping_in_which_the_last_look_counts(steps: list[tuple[str, int, bool]]) -> None:
    looks, known = Looks(), dict[str, Look]()
    for url, seconds, stays in steps:
        if stays:
            looks.note(shown(url, seconds))
            known[url] = shown(url, seconds)
        else:
            looks.drop(url)
            known.pop(url, None)
    assert dict(looks) == known
    assert len(looks) == len(known)


def test_a_page_takes_little_room() -> None:
    looks = Looks()
    tracemalloc.start()
    for number in range(2_000):
        looks.note(shown(f"http://www.noord.example/team/{number}", number))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 2_000 * 350
