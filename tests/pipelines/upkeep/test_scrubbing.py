"""The search for what was deleted: every byte of a file once, a piece at a time."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pipelines.master.database import open_store
from pipelines.upkeep import scrubbing
from pipelines.upkeep.scrubbing import holding, scrub, traces

VALUE, OTHER = "jane.roe@noord.example", "somebody.else.altogether@zuid.example"
MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    "before", [0, 1, scrubbing._PIECE - len(VALUE), scrubbing._PIECE - 1, scrubbing._PIECE, 900_000]
)
def test_a_value_is_found_wherever_it_stands(tmp_path: Path, before: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\0" * before + VALUE.encode() + b"\0" * 100)
    assert holding([file], [OTHER, VALUE]) == [file]
    assert holding([file], [OTHER]) == []


def test_a_piece_of_a_file_is_held_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\0" * 8 * MEGABYTE)
    tracemalloc.start()
    assert holding([file], [VALUE]) == []
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < MEGABYTE


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert holding([tmp_path / "file", tmp_path / "missing"], [VALUE]) == []


def test_a_store_without_the_values_is_searched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_store(make_url(f"sqlite:///{tmp_path / 'cardfile.db'}"))
    searched: list[Path] = []
    monkeypatch.setattr(scrubbing, "_holds", lambda path, _: searched.append(path))
    assert not scrub(engine, [VALUE]).rewritten
    assert traces(tmp_path, [VALUE]) == []
    assert [path.name for path in searched].count("cardfile.db") == 1
    engine.dispose()
