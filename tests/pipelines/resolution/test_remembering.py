"""Caches of resolution: room for a collection, and little left between two groups of a crawl."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.resolution import remembering
from pipelines.resolution.remembering import ROOM, remembered, tidy

_ROOM = Path(remembering.__file__).parent


@pytest.mark.parametrize(("asked", "kept"), [(ROOM, ROOM), (ROOM + 1, 0), (3 * ROOM, 0)])
def test_a_cache_that_outgrew_its_room_is_emptied(monkeypatch: pytest.MonkeyPatch, asked: int, kept: int) -> None:
    monkeypatch.setattr(remembering, "_CACHES", [])
    worked_out: list[int] = []

    @remembered(2 * ROOM)
    def double(number: int) -> int:
        worked_out.append(number)
        return 2 * number

    assert [double(number) for number in range(asked)] == [2 * number for number in range(asked)]
    tidy()
    worked_out.clear()
    assert double(asked - 1) == 2 * (asked - 1)
    assert worked_out == ([] if kept else [asked - 1])


def test_no_cache_of_resolution_escapes() -> None:
    own = {"remembering.py"}
    assert [path.name for path in sorted(_ROOM.glob("*.py")) if "lru_cache" in path.read_text("utf-8")] == sorted(own)
