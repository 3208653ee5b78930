"""Work on two cores gives what it gives on one, also when the second process dies."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import pytest

from pipelines.resolution import two_cores
from pipelines.resolution.two_cores import Aside, in_two

_HERE = os.getpid()


def _doubled(items: Sequence[int]) -> list[int]:
    return [2 * item for item in items]


def _dying_aside(items: Sequence[int]) -> list[int]:
    if os.getpid() != _HERE:
        os._exit(9)
    return _doubled(items)


@pytest.mark.parametrize("size", [0, 3, 4, 9])
@pytest.mark.parametrize("can_fork", [True, False])
def test_halves_are_the_whole(monkeypatch: pytest.MonkeyPatch, size: int, can_fork: bool) -> None:
    monkeypatch.setattr(two_cores, "FEW", 3)
    monkeypatch.setattr(two_cores, "CAN_FORK", can_fork)
    halves = in_two(_doubled, range(size))
    assert len(halves) == (2 if size > 3 else 1)
    assert [item for half in halves for item in half] == _doubled(range(size))


@pytest.mark.parametrize("size", [0, 1, 1 << 20])
def test_arrays_come_back_as_they_are_and_can_be_written(size: int) -> None:
    columns, text = Aside(lambda: ((np.arange(size), np.zeros(size, dtype=np.uint8)), "text")).result()
    assert [column.dtype for column in columns] == [np.int64, np.uint8]
    assert np.array_equal(columns[0], np.arange(size))
    columns[1][:] = 1
    assert (columns[1].sum(), text) == (size, "text")


@pytest.mark.parametrize("call", [_doubled, _dying_aside])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_dead_process_is_made_up_for(call: object, wanted: bool) -> None:
    assert callable(call)
    assert Aside(call, [1, 2], wanted=wanted).result() == [2, 4]
