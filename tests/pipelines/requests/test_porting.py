"""What the person gave on consent or a contract goes along, in each form; what was read or licensed stays."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from crawler import clock
from crawler.acquisition import receipt
from crawler.items import Acquisition, Mention, Property
from pipelines.master.statements import Reading, declare_source, write_readings
from pipelines.resolution.resolver import resolve_pending
from tests.support import commands
from tests.support.asked import JANE, NOW, SEEN
from tests.support.reported import Seen, mention, source, store
from tests.support.rights import written

#: What she wrote on a form: a title and a number that no page shows.
FORM = Seen(
    {**JANE, Property.JOB_TITLE: "Buyer", Property.TELEPHONE: "+442079460188"},
    source="form",
    url="http://form.example/17",
)
Port = Callable[[str, int, str], tuple[int, dict[str, int], str]]


def given(article: int) -> Mention:
    """Return what came in by a file, of which the people are told under an article."""
    found = mention(FORM)
    assert found.capture is not None
    how = Acquisition("contribution", "contract 4", article, date(2026, 11, 1))
    found.capture = replace(found.capture, permission=receipt(how))
    return found


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Port:
    """Fill a store with pages and one file on a legal basis, and hand over Jane's copy in a form."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    written(tmp_path)

    def call(basis: str, article: int, form: str) -> tuple[int, dict[str, int], str]:
        engine = store(f"sqlite:///{tmp_path / 'cardfile.db'}", SEEN)
        with engine.begin() as connection:
            declare_source(connection, replace(source("form"), legal_basis=basis))
            write_readings(connection, [Reading(given(article))])
            resolve_pending(connection)
        engine.dispose()
        file = tmp_path / f"copy.{form}"
        own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml")}
        who = ("--email", JANE[Property.EMAIL], "--identity", "known")
        code = commands.call("port", *who, "-o", file, "--json", **own)
        counts = json.loads(capsys.readouterr().out)["counts"]
        return code, counts, file.read_text("utf-8") if file.exists() else ""

    return call


@pytest.mark.parametrize(
    ("basis", "article", "goes"),
    [
        ("consent", 13, True),
        ("contract", 13, True),
        ("legitimate-interest", 13, False),
        ("consent", 14, False),
        ("contract", 14, False),
    ],
)
def test_only_what_the_person_gave_on_consent_or_a_contract_goes(
    port: Port, basis: str, article: int, goes: bool
) -> None:
    code, counts, said = port(basis, article, "json")
    assert code == 0
    assert (counts["statements"], bool(said)) == ((5, True) if goes else (0, False))
    assert ("other-legal-basis" in counts) == (article == 13 and not goes)
    assert counts["not-provided-by-the-person"] >= 9


def test_a_copy_is_a_person_of_schema_org(port: Port) -> None:
    _, _, said = port("consent", 13, "json")
    assert json.loads(said) == {
        "@context": "https://schema.org",
        "@type": "Person",
        "name": "Jane Roe",
        "jobTitle": "Buyer",
        "worksFor": {"@type": "Organization", "name": "Noord NV"},
        "email": "jane.roe@noord.example",
        "telephone": "+442079460188",
    }


def test_a_copy_is_a_table(port: Port) -> None:
    _, _, said = port("contract", 13, "csv")
    rows = {row["property"]: row["value"] for row in csv.DictReader(io.StringIO(said))}
    assert (rows["jobTitle"], rows["telephone"]) == ("Buyer", "+442079460188")
    assert "Director" not in said


def test_a_copy_is_a_card(port: Port) -> None:
    _, _, said = port("consent", 13, "vcf")
    assert said.startswith("BEGIN:VCARD\n")
    assert "Jane Roe" in said
    assert "+442079460188" in said
    assert "Director" not in said
