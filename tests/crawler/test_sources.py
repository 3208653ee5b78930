"""The source register: every mistake names its line, every fact arrives."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from crawler.errors import RightsError, SourceError, UnknownSource
from crawler.items import Budget
from crawler.sources import load, require_current

BALANCING = """---
purpose: directory
necessity: no other way
balancing: business cards only
safeguards: [notice]
fields: [name]
reviewer: A. Reviewer
reviewed_on: 2026-01-01
expires_on: 2027-01-01
---
"""
REGISTER = """[defaults]
purpose = "business-directory"
legal_basis = "legitimate-interest"
balancing_test = "balancing.md"
retention_days = 730
budget = { pages = 9, depth = 1, seconds = 60 }

[[source]]
id = "noord"
kind = "company-site"
publisher = "Noord NV"
spider = "company_site"
start_urls = ["https://www.noord.example/team"]
country = "NL"
language = "nl"
expects = { people = [5, 60] }
terms = { url = "https://www.noord.example/terms", reviewed_on = 2026-11-01, review_by = 2027-11-01 }

[[source]]
id = "zuid"
kind = "association"
publisher = "Zuid"
spider = "company_site"
start_urls = ["https://zuid.example/"]
legal_basis = "consent"
"""


@pytest.fixture
def register(tmp_path: Path) -> Path:
    (tmp_path / "balancing.md").write_text(BALANCING, "utf-8")
    (tmp_path / "sources.toml").write_text(REGISTER, "utf-8")
    return tmp_path / "sources.toml"


def test_a_declaration_arrives_whole(register: Path) -> None:
    source = load(register).get("noord")
    assert (source.publisher, source.country, source.retention_days) == ("Noord NV", "NL", 730)
    assert source.budget == Budget(9, 1, 60)
    assert source.expects_people == (5, 60)
    assert source.terms
    assert source.terms.review_by == date(2027, 11, 1)
    assert len(source.balancing_hash) == 64
    assert load(register).get("zuid").legal_basis == "consent"


@pytest.mark.parametrize(
    ("written", "instead", "line", "says"),
    [
        ('kind = "company-site"', 'kind = "shop"', 10, "unknown kind 'shop'"),
        ('id = "zuid"', 'id = "noord"', 20, "used twice"),
        ('id = "noord"', 'id = "No Rd"', 9, "an id is lower-case"),
        ('publisher = "Zuid"', "", 19, "'publisher' is missing"),
        ('start_urls = ["https://zuid.example/"]', 'start_urls = ["ftp://zuid.example/"]', 24, "not an http"),
        ('start_urls = ["https://zuid.example/"]', 'start_urls = "https://zuid.example/"', 24, "start_urls is a list"),
        ('legal_basis = "consent"', 'legal_basis = "because"', 25, "unknown legal basis"),
        ("retention_days = 730", "retention_days = 0", 8, "retention_days"),
        ("depth = 1", "dept = 1", 8, "budget is"),
        ("pages = 9", 'pages = "9"', 8, "whole numbers"),
        ('country = "NL"', 'country = "Nederland"', 14, "ISO 3166-1"),
        ("people = [5, 60]", "people = [60, 5]", 16, "the least comes first"),
        ("people = [5, 60]", "persons = [5, 60]", 16, "expects is"),
        ("review_by = 2027-11-01", 'review_by = "later"', 17, "dates such as"),
        ('language = "nl"', 'langauge = "nl"', 15, "did you mean 'language'?"),
        ('balancing_test = "balancing.md"', 'balancing_test = "gone.md"', 8, "cannot be read"),
        ('balancing_test = "balancing.md"\n', "", 7, "needs a balancing_test"),
        ("[defaults]", "[default]", 1, "unknown table or key 'default'"),
    ],
)
def test_a_mistake_names_its_line(register: Path, written: str, instead: str, line: int, says: str) -> None:
    register.write_text(REGISTER.replace(written, instead), "utf-8")
    with pytest.raises(SourceError, match=re.escape(says)) as caught:
        load(register)
    assert f"line {line}:" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"[[source]\n", "not valid TOML"), (b"\xff\xfe", "not UTF-8"), (b"", "Source 'noord' is not registered")],
)
def test_a_file_that_is_no_register(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "sources.toml"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=says):
        load(file).get("noord")


def test_no_register_and_a_missing_one() -> None:
    with pytest.raises(SourceError, match="set CARDFILE_SOURCES"):
        load("")
    with pytest.raises(SourceError, match="cannot be read"):
        load("/nowhere/sources.toml")


def test_an_unknown_source_brings_the_nearest_ones(register: Path) -> None:
    with pytest.raises(UnknownSource, match="Did you mean noord"):
        load(register).get("nord")


@pytest.mark.parametrize("front", ["", "---\npurpose: x\n---\n", "---\n: [\n---\n"])
def test_a_balancing_test_states_all_its_parts(register: Path, front: str) -> None:
    (register.parent / "balancing.md").write_text(front, "utf-8")
    with pytest.raises(SourceError, match=r"lacks .*expires_on"):
        load(register)


@pytest.mark.parametrize(
    ("today", "says"),
    [(date(2026, 12, 31), ""), (date(2027, 1, 1), "balancing test expired"), (date(2026, 10, 1), "")],
)
def test_paper_that_ran_out_stops_the_source(register: Path, today: date, says: str) -> None:
    source = load(register).get("noord")
    if not says:
        require_current(source, today)
        return
    with pytest.raises(RightsError, match=says):
        require_current(source, today)
