"""Time never runs backwards within a process, nor before what a crawl's source showed last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _trust() -> Iterator[None]:
    clock.let_go()
    yield
    clock.let_go()


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=20))
def test_times_never_decrease(jumps: list[int]) -> None:
    clock.let_go()
    with pytest.MonkeyPatch.context() as patch:
        given_out = []
        for jump in jumps:
            moment = NOON + timedelta(seconds=jump)
            patch.setattr(clock, "_system", lambda moment=moment: moment)
            given_out.append(clock.now())
            assert given_out[-1] >= moment
    assert given_out == sorted(given_out)


@pytest.mark.parametrize(("held", "behind"), [(-60, 0), (0, 0), (60, 60)])
def test_a_clock_is_held_until_the_system_has_passed(monkeypatch: pytest.MonkeyPatch, held: int, behind: int) -> None:
    monkeypatch.setattr(clock, "_system", lambda: NOON)
    assert clock.hold(NOON + timedelta(seconds=held)) == timedelta(seconds=behind)
    assert clock.now() == NOON + timedelta(seconds=behind)
    monkeypatch.setattr(clock, "_system", lambda: NOON + timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
