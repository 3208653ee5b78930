"""The collector's pace during a crawl, and afterwards."""

from __future__ import annotations

import asyncio
import gc
import math
import weakref
from collections.abc import Iterator

import pytest

from crawler.extensions import collecting
from crawler.extensions.collecting import THRESHOLDS, Collecting


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_a_crawl_slows_the_collector_and_puts_it_back() -> None:
    before = gc.get_threshold()
    extension = Collecting()
    extension.opened()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 0
    extension.closed()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(("pause", "looks"), [(60.0, 1), (0.0, 3)])
def test_of_crawls_one_after_the_other_one_a_minute_looks_at_everything(
    monkeypatch: pytest.MonkeyPatch, pause: float, looks: int
) -> None:
    monkeypatch.setattr(collecting, "SWEEP", pause)
    monkeypatch.setattr(Collecting, "_swept", -math.inf)
    seen: list[int] = []
    gc.disable()
    gc.callbacks.append(note := lambda phase, info: seen.append(info["generation"]) if phase == "start" else None)
    try:
        for _ in range(3):
            extension = Collecting()
            extension.opened()
            extension.closed()
    finally:
        gc.callbacks.remove(note)
        gc.enable()
    assert seen == [2] * looks


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_crawls_of_one_process_leave_it_as_the_first_found_it(first_to_end: int) -> None:
    before = gc.get_threshold()
    extensions = [Collecting(), Collecting()]
    for extension in extensions:
        extension.opened()
    extensions.pop(first_to_end).closed()
    extensions.pop().closed()
    assert gc.get_threshold() == before


def test_cycles_are_found_while_a_crawl_runs() -> None:
    extension = Collecting()
    extension.opened()
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            seen.append(info["collected"])

    gc.callbacks.append(note)
    try:
        for _ in range(2 * THRESHOLDS[0]):
            cycle: list[object] = []
            cycle.append(cycle)
    finally:
        gc.callbacks.remove(note)
        extension.closed()
    assert sum(seen) > THRESHOLDS[0] // 2


class _Closed:
    """A connection that was closed, as far as memory is concerned."""

    def __init__(self) -> None:
        self.connector = self


def test_what_has_grown_old_is_swept_away_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "SWEEP", 0.01)

    async def run() -> bool:
        extension = Collecting()
        old = _Closed()
        gc.collect()  # by now it counts among the oldest
        left = weakref.ref(old)
        del old
        gc.disable()
        extension.started()
        try:
            async with asyncio.timeout(10):
                while left() is not None:
                    await asyncio.sleep(0.01)
        finally:
            gc.enable()
            extension.stopped()
        return left() is None

    assert asyncio.run(run())
