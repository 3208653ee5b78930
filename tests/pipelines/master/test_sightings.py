"""Readings of one mention drawn together: what stands, what is written, what is retired."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.master.sightings import Row, Sight, Stored, changed, united
from tests.support.readings import START


def sight(day: int, capture: str = "") -> Sight:
    return Sight(START + timedelta(days=day), capture or f"capture {day}")


def statement(key: str, at: Sight, **more: object) -> Row:
    """A statement as one reading has it: `title:Chair` is the value Chair of the property title."""
    row: Row = {"id": key, "property": key.partition(":")[0], "original": key, "evidence": "", "method": "card"}
    row |= {"locator": "/p", "confidence": 0.5, "first_seen": at.at, "first_capture_id": at.capture_id}
    row |= {"last_seen": at.at, "last_capture_id": at.capture_id}
    return {**row, "left_at": None, "retired_at": None, "quarantined_at": None, **more}


def read(stored: Stored | None, at: Sight, *keys: str, **more: object) -> Stored:
    """Take a reading in, and return the mention as it is stored then."""
    offered = {key: statement(key, at, **more) for key in keys}
    change = changed(stored, at, offered, looked_at=stored is not None)
    rows = {row["id"]: row for row in (*(stored.rows if stored else ()), *change.rows)}
    return Stored(max(stored.sight, at) if stored else at, list(rows.values()))


def of(stored: Stored) -> dict[str, object]:
    """The last sight of each statement, in days since the start; None where it is the mention's."""
    return {row["id"]: row["last_seen"] and (row["last_seen"] - START).days for row in stored.rows}


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([(0, ["name:Roe", "title:Chair"])], {"name:Roe": None, "title:Chair": None}),
        ([(0, ["name:Roe", "title:Chair"]), (5, ["name:Roe"])], {"name:Roe": None, "title:Chair": 0}),
        ([(5, ["name:Roe"]), (0, ["name:Roe", "title:Chair"])], {"name:Roe": None, "title:Chair": 0}),
        ([(0, ["title:Chair"]), (5, ["name:Roe"]), (3, ["title:Chair"])], {"name:Roe": None, "title:Chair": 3}),
        ([(0, ["title:Chair"]), (5, ["name:Roe"]), (7, ["title:Chair"])], {"name:Roe": 5, "title:Chair": None}),
    ],
)
def test_what_the_last_reading_shows_has_no_last_sight_of_its_own(
    readings: list[tuple[int, list[str]]], expected: dict[str, object]
) -> None:
    stored = None
    for day, keys in readings:
        stored = read(stored, sight(day), *keys)
    assert stored
    assert of(stored) == expected


def test_a_page_that_says_the_same_writes_no_statement() -> None:
    stored = read(None, sight(0), "name:Roe", "title:Chair")
    again = {key: statement(key, sight(9)) for key in ("name:Roe", "title:Chair")}
    assert changed(stored, sight(9), again, looked_at=True) == ([], set(), 0)


@pytest.mark.parametrize(
    ("keys", "looked_at", "retired", "left"),
    [
        (["title:Head"], True, {"title:Chair"}, {"title:Chair"}),
        (["title:Head"], False, set(), set()),
        (["name:Roe"], True, set(), set()),
        (["title:Chair", "title:Head"], True, set(), set()),
    ],
)
def test_another_answer_retires_the_one_before(
    keys: list[str], looked_at: bool, retired: set[str], left: set[str]
) -> None:
    stored = read(None, sight(0), "name:Roe", "title:Chair")
    change = changed(stored, sight(4), {key: statement(key, sight(4)) for key in keys}, looked_at=looked_at)
    assert change.retired == len(retired)
    assert {row["id"] for row in change.rows if row["retired_at"] == sight(4).at} == retired
    assert {row["id"] for row in change.rows if row["left_at"] == sight(4).at} == left
    assert change.fresh == {key for key in keys if key == "title:Head"}


@pytest.mark.parametrize("name", ["left_at", "retired_at", "quarantined_at"])
@pytest.mark.parametrize(("day", "ends"), [(1, True), (2, False), (3, False)])
def test_a_later_sight_brings_a_statement_back(name: str, day: int, ends: bool) -> None:
    stored = Stored(sight(0), [statement("name:Roe", sight(0), last_seen=None, **{name: sight(2).at})])
    back = changed(stored, sight(day), {"name:Roe": statement("name:Roe", sight(day))}, looked_at=True)
    [row] = back.rows or stored.rows
    assert (row[name] is not None) == ends
    assert back.fresh == (set() if name == "left_at" else {"name:Roe"})


_KEYS = st.lists(st.sampled_from(["name:Roe", "title:Chair", "email:a"]), unique=True, min_size=1)
_READINGS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from("ab"), _KEYS, st.sampled_from([0.5, 0.9])), min_size=1, max_size=6
)


@given(_READINGS, st.randoms(use_true_random=False))
def test_the_order_of_readings_makes_no_difference(
    readings: list[tuple[int, str, list[str], float]], random: object
) -> None:
    """But for what is retired at once, which is told by what stood when the answer came."""

    def last(order: list[tuple[int, str, list[str], float]]) -> list[Row]:
        stored: Stored | None = None
        for day, capture, keys, confidence in order:
            at = sight(day, capture)
            offered = {key: statement(key, at, confidence=confidence) for key in keys}
            change = changed(stored, at, offered, looked_at=False)
            rows = {row["id"]: row for row in (*(stored.rows if stored else ()), *change.rows)}
            stored = Stored(max(stored.sight, at) if stored else at, list(rows.values()))
        assert stored
        return sorted(stored.rows, key=lambda row: str(row["id"]))

    shuffled = list(readings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert last(shuffled) == last(readings)


@given(st.permutations([(0, "a", 0.5), (0, "b", 0.9), (3, "a", 0.2), (3, "a", 0.7)]))
def test_readings_of_a_statement_are_united_in_any_order(order: list[tuple[int, str, float]]) -> None:
    rows = [statement("name:Roe", sight(day, capture), confidence=sure) for day, capture, sure in order]
    row = reduce(united, rows)
    assert (row["first_seen"], row["first_capture_id"]) == sight(0, "a")
    assert (row["last_seen"], row["last_capture_id"], row["confidence"]) == (*sight(3, "a"), 0.9)
