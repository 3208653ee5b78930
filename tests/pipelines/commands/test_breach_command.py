"""Breaches: the 72 hours, whom they concern, and the texts for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler import clock
from crawler.items import Property
from pipelines.errors import RightsError
from pipelines.rights.letters import ITEMS, letter
from pipelines.rights.notices import LANGUAGES
from pipelines.rights.register import Controller
from tests.support import commands
from tests.support.reported import EARLY, RUN, Seen, store
from tests.support.rights import written

NOW = EARLY + timedelta(days=10)
Run = Callable[..., tuple[int, Any]]
PEOPLE = (
    Seen({Property.NAME: "Ada Noord", Property.EMAIL: "ada@noord.example"}),
    Seen({Property.NAME: "Bo Zuid", Property.JOB_TITLE: "Clerk"}, source="press", url="http://press.example/b",
         at=EARLY + timedelta(days=5)),
)  # fmt: skip
ADD = ("breach", "add", "--facts", "A laptop was stolen", "--everything")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", PEOPLE).dispose()
    written(tmp_path)
    own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml")}

    def call(*arguments: str, now: datetime = NOW) -> tuple[int, Any]:
        monkeypatch.setattr(clock, "now", lambda: now)
        code = commands.call(*arguments, "--json", **own)
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines() if line.startswith("{")] or said.err + said.out

    return call


def test_the_72_hours(run: Run) -> None:
    code, (breach,) = run(*ADD, "--risk", "risk")
    assert (code, breach["people"], breach["overdue"]) == (0, 2, False)
    assert run("breach", "list", now=NOW + timedelta(hours=72))[0] == 0
    code, (late,) = run("breach", "list", now=NOW + timedelta(hours=72, seconds=1))
    assert (code, late["overdue"]) == (3, True)
    after = (NOW + timedelta(hours=80)).isoformat()
    code, said = run("breach", "update", breach["id"], "--reported", after, now=NOW + timedelta(hours=81))
    assert code == 2
    assert "--delay" in said
    delayed = ("--reported", after, "--delay", "it was found on a holiday", "--reference", "AP-1")
    assert run("breach", "update", breach["id"][:8], *delayed, now=NOW + timedelta(hours=81))[0] == 0
    assert run("breach", "list", now=NOW + timedelta(days=30))[0] == 0


@pytest.mark.parametrize(("risk", "code"), [("none", 0), ("risk", 3), ("high", 3)])
def test_no_risk_need_not_be_reported(run: Run, risk: str, code: int) -> None:
    run(*ADD, "--risk", risk)
    assert run("breach", "list", now=NOW + timedelta(days=5))[0] == code


def test_a_high_risk_wants_people_told(run: Run) -> None:
    _, (breach,) = run(*ADD, "--risk", "high")
    reported = ("--reported", (NOW + timedelta(hours=1)).isoformat())
    run("breach", "update", breach["id"], *reported)
    code, (untold,) = run("breach", "list")
    assert (code, untold["untold"]) == (3, True)
    run("breach", "update", breach["id"], "--told", (NOW + timedelta(hours=2)).isoformat())
    assert run("breach", "list")[0] == 0


@pytest.mark.parametrize(
    ("scope", "people"),
    [
        (["--everything"], 2),
        (["--source", "one"], 1),
        (["--run", RUN], 2),
        (["--source", "press", "--run", RUN], 1),
        (["--until", (EARLY + timedelta(days=1)).isoformat()], 1),
        (["--since", (EARLY + timedelta(days=1)).isoformat()], 2),
    ],
)
def test_who_is_affected(run: Run, scope: list[str], people: int) -> None:
    code, (found,) = run("breach", "affected", "--ids", *scope)
    assert (code, found["people"], len(found["ids"])) == (0, people, people)
    assert "noord" not in json.dumps(found)


def test_whose_data_left_with_an_export(run: Run, tmp_path: Path) -> None:
    run("notice", "--into", str(tmp_path / "outbox"))
    export = ("export", "--recipient", "acme", "--purpose", "business-directory", "-o", str(tmp_path / "a.csv"))
    _, (done,) = run(*export)
    _, (found,) = run("breach", "affected", "--disclosure", done["disclosure"])
    assert (found["people"], found["statements"]) == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["breach", "add", "--facts", "x", "--risk", "risk"], "Say whose data"),
        (["breach", "add", "--everything"], "say what happened"),
        (["breach", "affected", "--source", "nowhere"], "knows no source"),
        (["breach", "show", "ffff"], "0 breaches answer"),
        (["breach", "show"], "needs a breach"),
        ([*ADD, "--risk", "risk", "--noticed", "soon"], "--noticed is a time"),
        ([*ADD, "--risk", "risk", "--noticed", "2031-01-01"], "in the future"),
    ],
)
def test_wrong_use_is_told(run: Run, arguments: list[str], says: str) -> None:
    code, said = run(*arguments)
    assert code == 2
    assert says in said


def test_a_dry_run_records_nothing(run: Run) -> None:
    run(*ADD, "--risk", "risk", "--dry-run")
    assert run("breach", "list")[1] == ""


def test_the_letter(run: Run) -> None:
    _, (breach,) = run(*ADD, "--risk", "high", "--effects", "Unwanted calls", "--measures", "The disk was encrypted")
    code, said = run("breach", "letter", breach["id"], "--language", "nl")
    assert code == 0
    assert all(
        text in said for text in ("A laptop was stolen", "Unwanted calls", "encrypted", "privacy@contacts.example")
    )


CONTROLLER = Controller("Contacts BV", "Kade 1", "privacy@contacts.example", "the authority")
FACTS = {
    "controller": CONTROLLER, "facts": "a", "effects": "b", "measures": "c", "on": "2027-01-01",
    "successor": {"name": "New BV", "address": "Kade 2", "email": "new@contacts.example"},
}  # fmt: skip


@pytest.mark.parametrize("kind", ITEMS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_says_every_item_in_every_language(kind: str, language: str) -> None:
    found = letter(kind, language, FACTS, date(2026, 11, 22))
    assert "Contacts BV" in found.subject
    assert "{" not in found.body
    if kind != "breach":
        assert "2027-01-01" in found.body
    with pytest.raises(RightsError, match="review ran out"):
        letter(kind, language, FACTS, date(2027, 11, 22))


@pytest.mark.parametrize("lacking", ["facts", "effects", "measures"])
def test_a_text_that_is_silent_on_an_item_is_not_used(lacking: str) -> None:
    with pytest.raises(RightsError, match="says nothing on"):
        letter("breach", "en", {**FACTS, lacking: ""}, date(2026, 11, 22))
