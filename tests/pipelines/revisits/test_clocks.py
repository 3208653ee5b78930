"""What a page did, day by day, and when its values leave the master."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Revisit
from crawler.memory import Sight
from pipelines.revisits.clocks import Life, Standing, after, expires_at, grace_ended, is_due, standing

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
REVISIT = Revisit(verify_days=14, grace_days=10, missing_days=7, unreachable_days=30)
WORDS = {
    "shown": Sight.SHOWN,
    "304": Sight.SAME,
    "404": Sight.MISSING,
    "410": Sight.GONE,
    "503": Sight.UNREACHABLE,
    "robots": Sight.RESERVED,
}


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def life(history: str) -> Life:
    """The life of a page that was first shown on day 0; `history` reads "7:404 14:404"."""
    found = Life(Sight.SHOWN, START, START)
    for look in history.split():
        number, _, word = look.partition(":")
        found = after(found, WORDS[word], day(float(number)), word)
    return found


@pytest.mark.parametrize(
    ("history", "now", "withdrawn", "quarantined"),
    [
        ("", 900, None, None),  # nobody looked: nothing follows
        ("7:shown 14:304", 14, None, None),
        # 410: at once
        ("7:410", 7, 7, None),
        ("7:410 8:shown", 8, None, None),
        ("7:404 8:410", 8, 7, None),
        # 404: two answers, at least seven days apart
        ("7:404", 7, None, None),
        ("7:404 13:404", 13, None, None),
        ("7:404 14:404", 14, 7, None),
        ("7:404 20:404 27:404", 27, 7, None),
        ("7:404 8:shown 15:404", 15, None, None),  # it was back in between
        ("7:404 8:304 15:404 22:404", 22, 15, None),
        ("7:404 10:503 14:404", 14, 7, None),  # silence in between counts neither way
        ("7:503 14:404", 14, None, None),
        ("7:503 14:404 21:404", 21, 7, None),
        ("7:404", 36, None, None),  # one answer alone, and nobody looked again
        ("7:404", 37, 7, None),  # … for as long as a page may be out of reach
        # out of reach: after thirty days
        ("7:503", 36.9, None, None),
        ("7:503", 37, 7, None),
        ("7:503 20:503 36:503", 36, None, None),
        ("7:503 20:503 37:503", 37, 7, None),
        ("7:503 20:shown 37:503", 66, None, None),
        ("7:503 20:shown 37:503", 67, 37, None),
        # reserved: quarantined at once, until it is shown
        ("7:robots", 7, None, 7),
        ("7:robots", 900, None, 7),
        ("7:robots 8:shown", 8, None, None),
        ("7:robots 8:503", 8, None, 7),  # silence does not lift a reservation
        ("7:robots 8:503 60:503", 60, None, 7),
        ("7:robots 8:410", 8, 7, None),
        ("7:404 8:robots", 8, None, 7),
        ("7:robots 8:shown 9:robots", 9, None, 9),
    ],
)
def test_the_clocks(history: str, now: float, withdrawn: float | None, quarantined: float | None) -> None:
    expected = Standing(
        None if withdrawn is None else day(withdrawn), None if quarantined is None else day(quarantined)
    )
    assert standing(life(history), REVISIT, day(now)) == expected


@pytest.mark.parametrize(("second", "withdrawn"), [("7:404", False), ("7.1:404", True)])
def test_without_days_between_two_answers_are_still_two(second: str, withdrawn: bool) -> None:
    fate = standing(life(f"7:404 {second}"), Revisit(missing_days=0), day(8))
    assert (fate.withdrawn_since == day(7)) is withdrawn


@pytest.mark.parametrize(
    ("history", "now", "due"),
    [
        ("", 13, False),
        ("", 14, True),
        ("10:304", 20, False),
        ("10:304", 24, True),
        ("10:404", 10.1, True),  # undecided: at each run
        ("10:503", 10.1, True),
        ("10:robots", 10.1, True),  # asking the rules costs no page
        ("10:410", 20, False),
        ("10:410", 24, True),  # what dropped out may come back
        ("10:404 17:404", 20, False),
        ("10:404 17:404", 31, True),
    ],
)
def test_a_page_is_due(history: str, now: float, due: bool) -> None:
    assert is_due(life(history), REVISIT, day(now)) is due


@pytest.mark.parametrize(("now", "ended"), [(7, False), (16.9, False), (17, True), (400, True)])
def test_the_grace_period(now: float, ended: bool) -> None:
    assert grace_ended(day(7), REVISIT, day(now)) is ended


def test_retention_counts_from_the_first_sight() -> None:
    assert expires_at(START, 30) == day(30)


_LOOKS = st.lists(st.tuples(st.floats(0.1, 20), st.sampled_from(sorted(WORDS))), max_size=12)


@given(_LOOKS)
def test_a_page_that_is_shown_is_as_good_as_new(gaps: list[tuple[float, str]]) -> None:
    found, at = Life(Sight.SHOWN, START, START), 0.0
    for gap, word in gaps:
        at += gap
        found = after(found, WORDS[word], day(at), word)
        fate = standing(found, REVISIT, day(at))
        assert not (fate.withdrawn_since and fate.quarantined_since)
        assert found.shown_at <= found.checked_at == day(at)
        assert fate.withdrawn_since is None or found.shown_at < fate.withdrawn_since <= day(at)
    assert after(found, Sight.SHOWN, day(at + 1)) == Life(Sight.SHOWN, day(at + 1), day(at + 1))


@given(_LOOKS)
def test_a_look_from_the_past_changes_nothing(gaps: list[tuple[float, str]]) -> None:
    found = life(" ".join(f"{number + 1}:{word}" for number, (_, word) in enumerate(gaps)))
    for word in WORDS.values():
        assert after(found, word, found.checked_at) == found
