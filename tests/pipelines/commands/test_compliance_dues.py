"""The compliance report says what is due, told, asked, disclosed, deleted and broken; and nobody's value."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert

from crawler import clock
from crawler.items import Property
from pipelines.master.choices import ScreeningRow
from pipelines.master.requests import RequestRow
from tests.support import commands
from tests.support.reported import EARLY, Seen, store
from tests.support.rights import RIGHTS, written

MORE = """
[[text]]
name = "privacy statement"
reviewed_on = 2025-11-01
review_by = 2026-11-10

[[change]]
purpose = "invitations"
from_purpose = "business-directory"
begins_on = 2026-12-24
assessment = "compatible"
"""
PEOPLE = [
    Seen({Property.NAME: f"Ada Noord{n}", Property.EMAIL: f"ada{n}@noord.example"}, url=f"http://one.example/{n}")
    for n in range(6)
]
Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", PEOPLE).dispose()
    written(tmp_path, RIGHTS + MORE)
    own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml")}

    def call(*arguments: str | Path, now: datetime) -> int:
        monkeypatch.setattr(clock, "now", lambda: now)
        return commands.call(*arguments, **own)

    return call


@pytest.fixture
def report(run: Run, tmp_path: Path) -> dict[str, Any]:
    """The report of a store with a bit of everything in it."""
    early, late = EARLY + timedelta(days=20), EARLY + timedelta(days=40)
    run("notice", "--into", tmp_path / "outbox", now=early)
    run("export", "--recipient", "acme", "--purpose", "business-directory", "-o", tmp_path / "acme.csv", now=early)
    run("breach", "add", "--facts", "A laptop was stolen", "--risk", "risk", "--everything", now=early)
    run("event", "withdrawal", "--on", "2027-12-31", now=early)
    run("db", "rescreen", now=early)
    engine = create_engine(f"sqlite:///{tmp_path / 'cardfile.db'}")
    request = {
        "kind": "access", "extended_on": "", "extension": "", "identity": "verified", "outcome": "", "counts": {},
        "recorded_at": early, "closed_at": None, "proof": "", "by": "Op", "received_on": "2026-11-02",
    }  # fmt: skip
    screening = {
        "register": "nl", "screened_on": "2026-11-02", "file_hash": "", "whole": True, "listed": 3,
        "recorded_at": early, "by": "Op",
    }  # fmt: skip
    with engine.begin() as connection:
        closed = {**request, "id": "b" * 32, "outcome": "done", "closed_at": late, "due_on": "2026-12-02"}
        connection.execute(insert(RequestRow), [{**request, "id": "a" * 32, "due_on": "2026-12-02"}, closed])
        connection.execute(insert(ScreeningRow), [{**screening, "id": "c" * 32}])
    engine.dispose()
    for form in ("json", "html", "csv"):
        assert run("report", "compliance", "-o", tmp_path / f"report.{form}", now=late) == 0
    found: dict[str, Any] = json.loads((tmp_path / "report.json").read_text("utf-8"))
    return found


def test_it_says_all_of_it(report: dict[str, Any], tmp_path: Path) -> None:
    due = {row["what"]: (row["state"], row["how_many"]) for row in report["due"]}
    assert due["Requests of people"] == ("overdue", 1)
    assert due["Breaches to report or tell"] == ("overdue", 1)
    assert due["Read again: privacy statement"] == ("overdue", 1)
    assert due["Tell people: data for invitations"] == ("due soon", 1)
    assert due["Contract of acme"] == ("in order", 1)
    assert [row["state"] for row in report["due"]] == sorted(
        (row["state"] for row in report["due"]), key=["overdue", "due soon", "in order"].index
    )
    assert [row["sent"] for row in report["notices"]] == [6, 6]
    (request,) = report["requests"]
    assert request == {"request": "access", "open": 1, "overdue": 1, "closed": 1, "late": 1}
    (disclosed,) = report["disclosures"]
    assert (disclosed["recipient"], disclosed["exports"]) == ("acme", 1)
    assert report["breaches"][0]["state"] == "overdue"
    assert (report["screenings"][0]["holds_until"], report["screenings"][0]["state"]) == ("2026-11-30", "overdue")
    assert report["deletions"][0]["act"] == "rescreen"
    assert report["totals"]["overdue"] == sum(row["state"] == "overdue" for row in report["due"])
    for form in ("json", "html", "csv"):
        text = (tmp_path / f"report.{form}").read_text("utf-8")
        assert "Noord" not in text
        assert "noord.example" not in text
    html = (tmp_path / "report.html").read_text("utf-8")
    assert 'id="due"' in html
    assert '<span class="state bad">overdue</span>' in html
    lines = (tmp_path / "report.csv").read_text("utf-8").splitlines()
    sections = {row[0] for row in csv.reader(lines)}
    assert {"due", "notices", "requests", "disclosures", "deletions", "breaches", "screenings"} <= sections


def test_without_a_rights_register_the_rest_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", PEOPLE[:1]).dispose()
    assert commands.call("report", "compliance", "--json", CARDFILE_HOME=str(tmp_path), CARDFILE_RIGHTS="") == 0
    unknown, *rest = json.loads(capsys.readouterr().out)["due"]
    assert (unknown["state"], unknown["where"]) == ("not counted", "set CARDFILE_RIGHTS")
    assert {row["state"] for row in rest} == {"in order"}
