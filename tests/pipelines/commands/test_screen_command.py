"""`scrapy screen`, run the way Scrapy runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import commands

Run = Callable[..., int]
ROWS = [
    {"id": "a", "lang": "en", "kind": "text", "text": "Ms Alex Sample is a widow and Head of IT at Corvid Ltd."},
    {"id": "b", "kind": "field", "field": "birthDate", "value": "1979-03-14"},
]


@pytest.fixture
def run() -> Run:
    def call(*arguments: str) -> int:
        return commands.call("screen", *arguments)

    return call


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS), "utf-8")
    return path


def test_it_writes_what_would_be_kept(run: Run, rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run(str(rows), "-o", str(out)) == 0
    assert [json.loads(line) for line in out.read_text("utf-8").splitlines()] == [
        {
            "id": "a",
            "redacted": "… Alex Sample … Head of IT at Corvid Ltd",
            "dropped": False,
            "categories": ["gender", "marital_family"],
        },
        {"id": "b", "redacted": None, "dropped": True, "categories": ["birth_date"]},
    ]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_without_a_file_it_prints(run: Run, rows: Path, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(rows), *options) == 0
    printed = capsys.readouterr().out
    assert "Head of IT at Corvid Ltd" in printed
    assert "widow" not in printed
    assert "1979" not in printed


def test_a_malformed_row_leaves_the_output_alone(
    run: Run, rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("earlier\n", "utf-8")
    with rows.open("a", encoding="utf-8") as more:
        more.write('{"id": "secretvalue"\n')
    assert run(str(rows), "-o", str(out)) == 1
    said = capsys.readouterr().err
    assert "rows.jsonl, line 3" in said
    assert "secretvalue" not in said
    assert out.read_text("utf-8") == "earlier\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "rows.jsonl"]


def test_a_missing_file_is_said(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path / "none.jsonl")) == 1
    assert "none.jsonl" in capsys.readouterr().err
