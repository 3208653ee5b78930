"""`scrapy register` writes the records of processing activities."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.items import Property
from tests.support import commands
from tests.support.reported import Seen, store
from tests.support.rights import RIGHTS, written

SECURITY = '\n[security]\nmeasures = ["the server room is locked"]\n'


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> None:
    seen = [Seen({Property.NAME: "Ada Noord", Property.EMAIL: "ada@noord.example"})]
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", seen).dispose()
    written(tmp_path, RIGHTS + SECURITY)


def call(tmp_path: Path, *arguments: str, rights: str = "rights.toml") -> int:
    where = str(tmp_path / rights) if rights else ""
    return commands.call("register", *arguments, CARDFILE_HOME=str(tmp_path), CARDFILE_RIGHTS=where)


def test_it_says_what_article_30_wants(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (purpose,) = found["purposes"]
    assert (purpose["purpose"], purpose["legal_basis"], purpose["readings"]) == (
        "business-directory", "legitimate-interest", 1,
    )  # fmt: skip
    (recipient,) = found["recipients"]
    assert (recipient["transfer"], recipient["transfer_until"]) == ("standard-contractual-clauses", "2027-06-30")
    assert [row["property"] for row in found["data"]] == [prop.value for prop in Property]
    assert found["measures"][-1]["measure"] == "the server room is locked"
    tables = {row["table"]: row for row in found["columns"]}
    assert "normalised" in tables["statement"]["personal"]
    assert "noord.example" not in json.dumps(found)


@pytest.mark.parametrize(("form", "begins"), [("html", "<!DOCTYPE html>"), ("md", "# Records"), ("csv", "section,")])
def test_it_comes_in_every_form(tmp_path: Path, form: str, begins: str) -> None:
    file = tmp_path / f"records.{form}"
    assert call(tmp_path, "-o", str(file)) == 0
    assert file.read_text("utf-8").lstrip().startswith(begins)
    assert "Contacts BV" in file.read_text("utf-8")


def test_it_needs_a_rights_register(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path, rights="") == 2
    assert "CARDFILE_RIGHTS" in capsys.readouterr().err
