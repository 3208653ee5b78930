"""Every act with personal data leaves an entry, and `scrapy audit` finds a log that was tampered with."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from crawler import clock
from crawler.items import Property
from tests.support import commands
from tests.support.reported import EARLY, Seen, store
from tests.support.rights import written

Run = Callable[..., int]
PEOPLE = (
    Seen({Property.NAME: "Ada Noord", Property.JOB_TITLE: "Head", Property.EMAIL: "ada@noord.example"}),
    Seen({Property.NAME: "Ada Noord", Property.JOB_TITLE: "Clerk"}, url="http://one.example/b"),
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", PEOPLE).dispose()
    written(tmp_path)
    monkeypatch.setattr(clock, "now", lambda: EARLY + timedelta(days=2))
    own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml"), "CARDFILE_REVIEWER": "Op"}

    def call(*arguments: str | Path) -> int:
        return commands.call(*arguments, **own)

    return call


def audited(run: Run, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    code = run("audit", "--json", *arguments)
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("acts", "recorded"),
    [
        ([["notice", "--into", "{dir}/outbox"]], ["notice"]),
        (
            [
                ["notice", "--into", "{dir}/outbox"],
                ["export", "--recipient", "acme", "--purpose", "business-directory", "-o", "{dir}/a.csv"],
            ],
            ["notice", "export"],
        ),
        ([["db", "backup", "{dir}/b"], ["db", "restore", "{dir}/b"]], ["backup", "restore"]),
        ([["db", "rebuild"], ["db", "rebuild", "--check"], ["db", "rescreen"]], ["rebuild", "rescreen"]),
        ([["resolve"], ["resolve", "--check"]], ["resolve"]),
        ([["judge", "{one}", "{other}", "--different", "--by", "Eve"]], ["judge"]),
        ([["notice"], ["db", "check"], ["report", "compliance", "-o", "{dir}/r.html"], ["why", "Ada Noord"]], []),
    ],
)
def test_acts_are_recorded(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    acts: list[list[str]], recorded: list[str],
) -> None:  # fmt: skip
    engine = create_engine(f"sqlite:///{tmp_path / 'cardfile.db'}")
    with engine.connect() as connection:
        one, other = connection.scalars(text("SELECT id FROM mention ORDER BY url")).all()
    engine.dispose()
    for act in acts:
        run(*(part.format(one=one, other=other, dir=tmp_path) for part in act))
    code, told = audited(run, capsys, "--since", "2026-11-01")
    *entries, verdict = told
    assert [entry["action"] for entry in entries] == recorded
    assert {entry["by"] for entry in entries} <= {"Op", "Eve"}
    assert (code, verdict["broken"], verdict["invariants"]) == (0, 0, {})
    assert "Noord" not in json.dumps(told)
    assert "noord" not in json.dumps(told)


def test_a_restore_keeps_the_log(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup = tmp_path / "backup"
    run("db", "backup", backup)
    run("db", "rebuild")
    _, (noted,) = audited(run, capsys)
    assert run("db", "restore", backup) == 0
    code, (verdict,) = audited(run, capsys, "--expect", noted["seal"])
    assert (code, verdict["entries"]) == (0, 3)


def test_an_empty_store_takes_the_log_of_the_backup(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("db", "rebuild")
    run("db", "backup", tmp_path / "backup")
    for file in tmp_path.glob("cardfile.db*"):
        file.unlink()
    assert run("db", "restore", tmp_path / "backup") == 0
    code, (verdict,) = audited(run, capsys)
    assert (code, verdict["entries"]) == (0, 2)


def test_tampering_ends_with_code_3(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("db", "rebuild")
    run("db", "rescreen")
    _, (noted,) = audited(run, capsys)
    engine = create_engine(f"sqlite:///{tmp_path / 'cardfile.db'}")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER activity_no_delete"))
        connection.execute(text("DELETE FROM activity WHERE sequence = 2"))
    assert audited(run, capsys)[0] == 0
    assert run("audit", "--expect", noted["seal"]) == 3
    assert "BROKEN at entry 2" in capsys.readouterr().err
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER activity_no_update"))
        connection.execute(text("UPDATE activity SET details = '{}' WHERE sequence = 1"))
    engine.dispose()
    assert run("audit") == 3
    assert "BROKEN at entry 1: it was changed" in capsys.readouterr().err


def test_a_value_without_a_receipt_ends_with_code_3(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'cardfile.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE statement SET retired_at = '2026-11-01' WHERE property = 'email'"))
    engine.dispose()
    assert run("audit") == 3
    assert "no receipt, no value" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--since", "yesterday"], "a day such as"), (["--expect", "abc"], "64 hex digits")],
)
def test_wrong_use_is_told(run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run("audit", *arguments) == 2
    assert says in capsys.readouterr().err
