from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.rights.clocks import Clock, Due, months_after, notice_due, retention_ends

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("event", "months", "last"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 15)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 1, 29), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 5), 2, date(2027, 2, 5)),
    ],
)
def test_a_period_of_months_ends_on_the_same_number_or_the_last_day(event: date, months: int, last: date) -> None:
    assert months_after(event, months) == last


@pytest.mark.parametrize(
    ("collected", "contact", "disclosure", "due"),
    [
        (datetime(2027, 1, 31, 22, tzinfo=UTC), None, None, Due(date(2027, 2, 28), Clock.COLLECTED)),
        (datetime(2027, 1, 31, 23, 30, tzinfo=UTC), None, None, Due(date(2027, 3, 1), Clock.COLLECTED)),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), None, None, Due(date(2026, 8, 2), Clock.COLLECTED)),
        (datetime(2026, 7, 1, tzinfo=UTC), date(2026, 7, 9), None, Due(date(2026, 7, 9), Clock.FIRST_CONTACT)),
        (datetime(2026, 7, 1, tzinfo=UTC), date(2026, 7, 9), date(2026, 7, 8),
         Due(date(2026, 7, 8), Clock.FIRST_DISCLOSURE)),
        (datetime(2026, 7, 1, tzinfo=UTC), date(2026, 9, 9), None, Due(date(2026, 8, 1), Clock.COLLECTED)),
    ],
)  # fmt: skip
def test_the_first_clock_counts_in_the_zone_of_the_operator(
    collected: datetime, contact: date | None, disclosure: date | None, due: Due
) -> None:
    assert notice_due(collected, AMSTERDAM, contact, disclosure) == due


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 36))
def test_no_period_is_longer_than_its_months(event: date, months: int) -> None:
    last = months_after(event, months)
    assert (last.year - event.year) * 12 + last.month - event.month == months
    assert last.day <= event.day


def test_retention_counts_from_the_first_reading() -> None:
    assert retention_ends(datetime(2026, 11, 22, tzinfo=UTC), 730) == datetime(2028, 11, 21, tzinfo=UTC)
