"""Rows are numbered by their content, whichever way that is done, and a rule is asked once per distinct question."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.resolution import distinct as room
from pipelines.resolution.distinct import Codebook, asked, distinct, unordered

rows_ = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 2)), max_size=30)


@pytest.mark.parametrize("table", [0, 1 << 22], ids=["sorted", "by-table"])
@given(rows=rows_)
def test_each_row_finds_itself(table: int, rows: list[tuple[int, int, int]]) -> None:
    columns = [np.array([row[n] for row in rows], dtype=np.int64) for n in range(3)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "_TABLE", table)
        found, which = distinct(*columns)
    listed = list(zip(*(column.tolist() for column in found), strict=True))
    assert len(set(listed)) == len(listed)
    assert [listed[n] for n in which.tolist()] == rows


def test_a_pair_has_no_order() -> None:
    rows, which = unordered(np.array([3, 1, 2]), np.array([1, 3, 2]))
    assert [column.tolist() for column in rows] == [[1, 2], [3, 2]]
    assert which.tolist() == [0, 0, 1]


def test_a_rule_is_asked_once() -> None:
    questions: list[tuple[str, str]] = []

    def rule(one: str, other: str) -> int:
        questions.append((one, other))
        return len(one + other)

    found = asked(rule, ["a", "bb"], ["c", "dd"], np.array([0, 1, 0, 1]), np.array([1, 0, 1, 1]))
    assert found.tolist() == [3, 3, 3, 4]
    assert len(questions) == len(set(questions)) == 3
    assert asked(rule, [], [], np.array([], dtype=np.int64), np.array([], dtype=np.int64)).tolist() == []


def test_a_codebook_numbers_what_comes() -> None:
    book = Codebook({"": 0})
    assert [book[word] for word in ("", "b", "a", "b")] == [0, 1, 2, 1]
