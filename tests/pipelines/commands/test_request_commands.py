"""The commands that answer requests: refusals, dry runs, receipts, the book and files of many."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from crawler import clock
from tests.support import commands
from tests.support.asked import NOW, SEEN
from tests.support.reported import store
from tests.support.rights import written

Run = Callable[..., int]
JANE = ("--email", "jane.roe@noord.example", "--identity", "email-loop")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", SEEN).dispose()
    written(tmp_path)
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def call(*arguments: str | Path) -> int:
        own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml")}
        return commands.call(*arguments, **own)

    return call


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["erase"], 2, "say who is meant"),
        (["erase", *JANE, "--received", "2027-01-01"], 4, "still to come"),
        (["erase", "--telephone", "+442079460100"], 4, "not certain"),
        (["access", *JANE], 2, "-o FILE"),
        (["access", *JANE, "-o", "answer.txt"], 2, "--format"),
        (["rectify", *JANE], 2, "say what is right"),
        (["rectify", *JANE, "--set", "shoes=42"], 2, "PROPERTY=VALUE"),
        (["rectify", *JANE, "--wrong", "email=x@noord.example"], 4, "No such email"),
        (["restrict", *JANE], 2, "--ground"),
        (["restrict", *JANE, "--lift"], 4, "Article 18(3)"),
        (["object", *JANE, "--purpose", "a", "--channel", "email"], 2, "object twice"),
        (["request", "show"], 2, "needs an id"),
        (["request", "close", "abcdef", "--outcome", "refused-unfounded"], 2, "No request has"),
    ],
)
def test_wrong_use_and_refusals_are_told(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    assert run(*arguments) == code
    assert says in capsys.readouterr().err


def test_a_dry_run_changes_nothing_and_shows_nobody(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["erase"], ["object"], ["restrict", "--ground", "claims"], ["access"], ["port"]):
        assert run(*command, *JANE, "--dry-run") == 0
    assert run("request", "list", "--all") == 0
    said = capsys.readouterr().out
    assert "0 open" in said
    assert not any(value in said for value in ("Jane", "Roe", "jane.roe", "Director"))


def test_the_book_keeps_clocks(run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        run("request", "add", "access", "--email", "jane.roe@noord.example", "--received", "2026-11-20", "--json") == 0
    )
    request = json.loads(capsys.readouterr().out)["request"]
    assert run("request", "list") == 0
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=29))
    assert run("request", "list", "--json") == 3
    assert run("request", "extend", request, "--reason", "number") == 4
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=28))
    assert run("request", "extend", request, "--reason", "number") == 0
    assert run("request", "list") == 0
    assert run("request", "close", request, "--outcome", "withdrawn") == 0
    assert run("request", "extend", request, "--reason", "number") == 4


@pytest.mark.parametrize("form", ["html", "md", "json"])
@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_an_answer_holds_what_is_held_in_every_form(run: Run, tmp_path: Path, form: str, language: str) -> None:
    answer = tmp_path / f"answer.{form}"
    assert run("access", *JANE, "-o", answer, "--language", language) == 0
    text = answer.read_text("utf-8")
    assert all(
        value in text for value in ("jane.roe@noord.example", "Director", "one.example/team", "Publisher of press")
    )
    assert run("access", *JANE, "-o", answer) == 2


def test_it_is_told_where_the_answer_is(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("access", *JANE, "-o", tmp_path / "answer.html") == 0
    assert capsys.readouterr().out.rstrip().endswith(f"; the answer is {tmp_path / 'answer.html'}.")
    assert run("access", *JANE, "--dry-run") == 0
    assert "the answer is" not in capsys.readouterr().out


def test_many_requests_come_in_one_file_and_one_mistake_leaves_the_others(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "requests.csv"
    rows = [
        "email,identity,name",
        "bo.zuid@noord.example,known,",
        "no address,known,",
        "jane.roe@noord.example,none,",
        ",,Nobody",
    ]
    file.write_text("\n".join(rows), "utf-8")
    assert run("erase", "--requests", file, "--json") == 4
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted((one["line"], one["outcome"]) for one in told) == [
        (2, "done"),
        (3, "unread"),
        (4, "open"),
        (5, "open"),
    ]
    file.write_text("e-mail\nbo.zuid@noord.example\n", "utf-8")
    assert run("erase", "--requests", file) == 2
