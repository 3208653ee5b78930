"""`scrapy retain` for cron: a dry run, a receipt, an entry in the log, and no way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler import clock
from crawler.items import Property
from tests.support import commands
from tests.support.reported import EARLY, Seen, store
from tests.support.rights import RIGHTS, written

END = EARLY + timedelta(days=730)
LATER = EARLY + timedelta(days=300)
PEOPLE = (
    Seen({Property.NAME: "Ada Noord", Property.EMAIL: "ada@noord.example"}),
    Seen({Property.NAME: "Bo Zuid", Property.EMAIL: "bo@zuid.example"}, source="press", url="http://press.example/b",
         at=LATER),
)  # fmt: skip
Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", PEOPLE).dispose()
    written(tmp_path, f"{RIGHTS}\n[retention]\nlost_support_days = 30\n")

    def call(*arguments: str | Path, now: datetime = END, rights: bool = True) -> tuple[int, Any]:
        monkeypatch.setattr(clock, "now", lambda: now)
        own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml") if rights else ""}
        code = commands.call(*arguments, "--json", **own)
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()]

    return call


def test_what_has_ended_goes_once(run: Run, tmp_path: Path) -> None:
    _, (dry,) = run("retain", "--dry-run")
    assert (dry["dry_run"], dry["statements"], dry["reasons"]) == (True, 2, {"retention-ended": 2})
    code, (receipt,) = run("retain")
    assert (code, receipt["statements"], receipt["mentions"]) == (0, 2, 1)
    assert receipt["sources"] == {"one": 2}
    assert run("retain")[1][0]["statements"] == 0
    *_, entry, _, _ = run("audit", "--since", "2026-01-01")[1]
    assert (entry["action"], entry["details"]["statements"]) == ("retain", 2)
    assert b"ada@noord" not in b"".join(file.read_bytes() for file in tmp_path.glob("cardfile.db*"))


def test_a_backup_does_not_bring_it_back(run: Run, tmp_path: Path) -> None:
    run("db", "backup", tmp_path / "backup")
    run("retain")
    code, (done,) = run("db", "restore", tmp_path / "backup")
    assert (code, done["ended_statements"]) == (0, 2)
    assert run("retain", "--dry-run")[1][0]["statements"] == 0
    assert run("why", "Ada Noord")[0] == 2


def test_it_runs_without_a_rights_register(run: Run) -> None:
    assert run("retain", "--dry-run", rights=False)[1][0]["statements"] == 2


def test_a_plain_sentence(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("retain", "--dry-run")
    assert commands.call("retain", "--dry-run", CARDFILE_HOME=str(tmp_path), CARDFILE_RIGHTS="") == 0
    assert "2 values would go, 1 readings whole: 2 retention-ended." in capsys.readouterr().out
