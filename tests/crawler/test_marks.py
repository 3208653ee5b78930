"""Marks: a set of texts, but for its size."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from crawler.marks import Marks


@given(st.lists(st.text()), st.lists(st.text()))
def test_it_is_a_set(added: list[str], asked: list[str]) -> None:
    marks, known = Marks(), set(added)
    for text in added:
        marks.add(text)
    assert len(marks) == len(known)
    assert [text in marks for text in (*added, *asked)] == [text in known for text in (*added, *asked)]


def test_it_grows_and_stays_small() -> None:
    marks = Marks()
    for number in range(20_000):
        marks.add(f"https://www.firm{number}.example/team")
    assert len(marks) == 20_000
    assert all(f"https://www.firm{number}.example/team" in marks for number in range(20_000))
    assert not any(f"https://www.firm{number}.example/about" in marks for number in range(20_000))
    assert sys.getsizeof(marks._table) <= 24 * 20_000
