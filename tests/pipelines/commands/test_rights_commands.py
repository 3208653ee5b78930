"""`scrapy notice` and `scrapy export`, run the way Scrapy runs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler import clock
from crawler.items import Property
from tests.support import commands
from tests.support.mail import mailbox
from tests.support.reported import EARLY, Seen, store
from tests.support.rights import written

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    engine = store(
        f"sqlite:///{tmp_path / 'cardfile.db'}",
        [
            Seen({Property.NAME: "Ada Noord", Property.JOB_TITLE: "Head", Property.EMAIL: "ada@noord.example"}),
            Seen({Property.NAME: "Bo Zuid", Property.JOB_TITLE: "Clerk"}, url="http://one.example/b"),
        ],
    )
    engine.dispose()
    written(tmp_path)
    monkeypatch.setattr(clock, "now", lambda: EARLY + timedelta(days=2))

    def call(*arguments: str, **overrides: Any) -> int:
        own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml")}
        return commands.call(*arguments, **{**own, **overrides})

    return call


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_people_are_told_before_they_leave(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = ("export", "--recipient", "acme", "--purpose", "business-directory", "--json")
    assert run(*export, "--dry-run") == 0
    assert told(capsys) == {"disclosure": "", "people": 0, "withheld": {"not-notified": 2}, "blocked": {}}
    assert run("notice", "--json") == 0
    assert told(capsys) == {"owed": 2, "overdue": 0, "due-this-week": 0, "no-address": 1}
    assert run("notice", "--into", str(tmp_path / "outbox"), "--json") == 0
    assert told(capsys) == {"sent": 1, "no-address": 1}
    assert run(*export, "-o", str(tmp_path / "acme.jsonl")) == 0
    assert told(capsys)["people"] == 1
    assert json.loads((tmp_path / "acme.jsonl").read_text("utf-8"))["name"] == ["Ada Noord"]


def test_a_mail_server_takes_the_notices(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with mailbox() as box:
        assert run("notice", "--smtp", f"127.0.0.1:{box.port}") == 0
        assert "1 notices sent, 1 people have no address" in capsys.readouterr().out
        (letter,) = box.letters
        assert letter["To"] == "ada@noord.example"
        assert run("notice", "--smtp", f"127.0.0.1:{box.port}") == 0
        assert len(box.letters) == 1


def test_what_is_overdue_is_told_by_the_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clock, "now", lambda: EARLY + timedelta(days=31))
    assert run("notice") == 3
    assert "2 overdue" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["export"], 2, "--recipient"),
        (["export", "--recipient", "acme", "--purpose", "business-directory"], 2, "-o FILE"),
        (["export", "--recipient", "acme", "--purpose", "business-directory", "-o", "x.txt"], 2, "--format"),
        (["export", "--recipient", "nobody", "--purpose", "business-directory", "--dry-run"], 4, "not registered"),
        (["export", "--recipient", "acme", "--purpose", "fun", "--dry-run"], 4, "not for 'fun'"),
        (["notice", "--into", "a", "--smtp", "b"], 2, "not both"),
        (["notice", "--smtp", "host:port"], 2, "--smtp is HOST"),
        (["notice", "--smtp", "127.0.0.1:1"], 1, "cannot be used"),
        (["notice", "--limit", "0"], 2, "at least 1"),
    ],
)
def test_wrong_use_is_told(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    assert run(*arguments) == code
    assert says in capsys.readouterr().err


def test_without_a_rights_register_nothing_leaves(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("notice", CARDFILE_RIGHTS="") == 2
    assert "CARDFILE_RIGHTS" in capsys.readouterr().err
