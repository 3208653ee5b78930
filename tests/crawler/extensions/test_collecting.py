"""The collector's pace during a crawl, and afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

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
