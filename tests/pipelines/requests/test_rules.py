"""The clocks of requests by a table of dates, and who has to show what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import RefusedError
from pipelines.requests.rules import LEAST, Identity, Kind, Term, identified, received
from pipelines.rights.clocks import months_after


@pytest.mark.parametrize(
    ("came_in", "first", "extended"),
    [
        ("2026-11-22", "2026-12-22", "2027-02-22"),
        ("2027-01-31", "2027-02-28", "2027-04-30"),
        ("2028-01-31", "2028-02-29", "2028-04-30"),
        ("2027-11-30", "2027-12-30", "2028-02-29"),
        ("2027-12-31", "2028-01-31", "2028-03-31"),
        ("2027-02-28", "2027-03-28", "2027-05-28"),
    ],
)
def test_a_request_is_due_by_the_calendar(came_in: str, first: str, extended: str) -> None:
    term = Term(date.fromisoformat(came_in))
    assert term.due == date.fromisoformat(first)
    assert term.extended(term.first_due).due == date.fromisoformat(extended)


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 120))
def test_an_extension_is_possible_inside_the_first_month_only_and_once(came_in: date, later: int) -> None:
    term, today = Term(came_in), came_in + timedelta(days=later)
    if today <= months_after(came_in, 1):
        longer = term.extended(today)
        assert longer.due == months_after(came_in, 3)
        with pytest.raises(RefusedError, match="already"):
            longer.extended(today)
    else:
        with pytest.raises(RefusedError, match="first month ended"):
            term.extended(today)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("identity", Identity)
def test_more_is_never_asked_for_than_the_kind_needs(kind: Kind, identity: Identity) -> None:
    order = list(Identity)
    enough = order.index(identity) >= order.index(LEAST[kind])
    assert (identified(kind, identity, held=True) == "") is enough
    assert identified(kind, identity, held=False) == ""


@pytest.mark.parametrize(("text", "says"), [("2026-11-23", "still to come"), ("yesterday", "a day such as")])
def test_a_day_of_receipt_must_have_been(text: str, says: str) -> None:
    today = date(2026, 11, 22)
    with pytest.raises(RefusedError, match=says):
        received(text, today)
    assert received("", today) == today
    assert received("2026-11-01", today) == date(2026, 11, 1)
