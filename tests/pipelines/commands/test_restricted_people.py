"""Whose processing is restricted is in no report and no export; only the privacy officer sees what is held."""

from __future__ import annotations

import csv
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from crawler import clock
from crawler.items import MentionType, Property
from pipelines.master.database import open_store
from pipelines.master.models import MentionRow
from pipelines.reports.restricted import LINE
from tests.support import commands
from tests.support.asked import JANE, NOW, SEEN
from tests.support.reported import Seen, store
from tests.support.rights import written

Run = Callable[..., int]
NOORD = Seen(
    {Property.NAME: "Noord NV"}, type=MentionType.ORGANISATION, evidence="Jane Roe, Director, Noord NV"
)  # fmt: skip
#: What a report, an answer or an export would say of Jane and of nobody else; the page is named by her.
HERS = ("jane.roe@", "J. Roe", "Director", "jane-roe")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'cardfile.db'}"


@pytest.fixture
def run(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A store in which Jane of Noord is restricted, and her namesake of Zuid is not."""
    store(url, [*SEEN, NOORD]).dispose()
    written(tmp_path)
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def call(*arguments: str | Path) -> int:
        own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml")}
        return commands.call(*arguments, **own)

    assert call("restrict", "--email", JANE[Property.EMAIL], "--ground", "accuracy") == 0
    capsys.readouterr()
    return call


def jane(url: str) -> str:
    engine = open_store(make_url(url))
    with engine.connect() as connection:
        at_press = select(MentionRow.entity_id).where(MentionRow.url.contains("press"), MentionRow.type == "person")
        found = connection.scalar(at_press)
    engine.dispose()
    assert found
    return found


@pytest.mark.parametrize("form", ["html", "md", "csv", "json"])
@pytest.mark.parametrize("role", ["", "operator", "analyst", "privacy-officer"])
def test_a_report_shows_that_somebody_is_restricted_and_no_more(
    run: Run, capsys: pytest.CaptureFixture[str], form: str, role: str
) -> None:
    assert run("report", "provenance", "--format", form, *(("--role", role) if role else ())) == 0
    said = capsys.readouterr().out
    seen = [value for value in HERS if value in said]
    assert bool(seen) == (role == "privacy-officer")
    assert (LINE in said) == (role != "privacy-officer" and form != "csv")
    assert "@zuid.example" in said


@pytest.mark.parametrize(
    "arguments", [(JANE[Property.EMAIL],), ("--allowed", JANE[Property.EMAIL]), ("J. Roe",), ("id",), ("id", "bo.zuid")]
)
def test_nobody_but_the_officer_is_told_why(
    run: Run, url: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    asked = [{"id": jane(url), "bo.zuid": "bo.zuid@noord.example"}.get(one, one) for one in arguments]
    for role in ("operator", *(() if "--allowed" in asked else ("analyst",))):
        assert run("why", *asked, "--role", role) == 4
        out, err = capsys.readouterr()
        assert "Article 18" in err
        assert [value for value in HERS if value in out + err] == []
    assert run("why", *asked, "--role", "privacy-officer") == 0


def test_a_list_to_choose_from_holds_no_name_of_theirs(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("why", "Jane Roe") == 2
    said = capsys.readouterr().out.splitlines()
    assert sorted(" ".join(line.split()[2:]) for line in said) == ["Jane Roe", LINE]


def test_an_export_leaves_them_out_and_a_notice_is_owed_all_the_same(run: Run, tmp_path: Path) -> None:
    """Article 14 owes the person the notice whatever we may do with the data; nothing else is sent to anybody."""
    assert run("notice", "--into", tmp_path / "outbox") == 0
    messages = [
        message_from_bytes(file.read_bytes(), policy=policy.default) for file in (tmp_path / "outbox").iterdir()
    ]
    assert [one["To"] for one in messages].count(JANE[Property.EMAIL]) == 1
    to = ("--recipient", "acme", "--purpose", "business-directory", "-o")
    assert run("export", *to, tmp_path / "out.csv") == 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert {row["email"] for row in csv.DictReader(file)} == {"bo.zuid@noord.example", "jane@zuid.example"}
    who = ("restrict", "--email", JANE[Property.EMAIL], "--lift", "--told-on", "2026-11-22")
    assert run(*who) == 0
    assert run("export", *to, tmp_path / "again.csv") == 0
    assert JANE[Property.EMAIL] in (tmp_path / "again.csv").read_text("utf-8")
