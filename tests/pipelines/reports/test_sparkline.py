"""A history as a small picture."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reports.sparkline import HEIGHT, MOST, WIDTH, bars, line

NUMBERS = st.lists(st.integers(0, 10_000), max_size=90)


@given(NUMBERS)
def test_everything_lies_inside_the_picture(numbers: list[int]) -> None:
    drawn = bars([(number, "good", "") for number in numbers], (-5.0, 3.0, 40.0))
    assert len(drawn.bars) == min(len(numbers), MOST)
    for bar in drawn.bars:
        assert bar.x >= -0.1
        assert bar.x + bar.width <= WIDTH + 0.1
        assert bar.y >= 0
        assert 0 < bar.height <= HEIGHT
    assert 0 <= drawn.band_y <= drawn.band_y + drawn.band_height <= HEIGHT + 0.1


@given(st.lists(st.integers(0, 500), min_size=2, max_size=30))
def test_more_people_are_a_higher_bar(numbers: list[int]) -> None:
    heights = [bar.height for bar in bars([(number, "good", "") for number in numbers]).bars]
    order = sorted(range(len(numbers)), key=lambda index: numbers[index])
    assert all(heights[one] <= heights[other] for one, other in pairwise(order))


@pytest.mark.parametrize(
    ("shares", "points"),
    [([], ""), ([1.0], "0,1 90,1"), ([0.0, 1.0], "0,15 90,1"), ([0.5, 0.5, 0.0], "0,8 45,8 90,15")],
)
def test_a_line(shares: list[float], points: str) -> None:
    assert line(shares) == points


def test_without_a_usual_range_there_is_no_band() -> None:
    assert bars([(3, "good", "")]).band_height == 0
