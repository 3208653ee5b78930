"""The source register: every mistake names its line, every fact arrives."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from crawler import acquisition
from crawler.errors import RightsError, SourceError, UnknownSource
from crawler.items import Budget, Property, Revisit, Source
from crawler.schedule import VERIFY_DAYS
from crawler.sources import KINDS, load, require_covered, require_current

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
        ("retention_days = 730", "retention_days = 0", 5, "retention_days"),
        ("depth = 1", "dept = 1", 6, "budget is"),
        ("pages = 9", 'pages = "9"', 6, "whole numbers"),
        ('country = "NL"', 'country = "Nederland"', 14, "ISO 3166-1"),
        ('country = "NL"', 'country = "UK"', 14, "did you mean GB?"),
        ('country = "NL"', 'country = "nl"', 14, "did you mean NL?"),
        ('country = "NL"', 'country = "XX"', 14, "use two capitals"),
        ('language = "nl"', 'language = "dutch"', 15, "such as nl or pt-BR"),
        ("2026-11-01, review_by = 2027-11-01", "2027-11-01, review_by = 2026-11-01", 17, "a day after"),
        ("people = [5, 60]", "people = [60, 5]", 16, "the least comes first"),
        ("people = [5, 60]", "persons = [5, 60]", 16, "expects is"),
        ("review_by = 2027-11-01", 'review_by = "later"', 17, "dates such as"),
        ('language = "nl"', 'langauge = "nl"', 15, "did you mean 'language'?"),
        ('balancing_test = "balancing.md"', 'balancing_test = "gone.md"', 4, "cannot be read"),
        ('balancing_test = "balancing.md"\n', "", 7, "needs a balancing_test"),
        ("budget = { pages", "revisit = { days = 3 }\nbudget = { pages", 6, "revisit is a table with some of"),
        ("budget = { pages", "revisit = 3\nbudget = { pages", 6, "revisit is a table"),
        ("budget = { pages", 'revisit = { grace_days = "3" }\nbudget = { pages', 6, "revisit.grace_days is a whole"),
        ("budget = { pages", "revisit = { verify_days = 0 }\nbudget = { pages", 6, "revisit.verify_days is a whole"),
        ("[defaults]", "[default]", 1, "unknown table or key 'default'"),
        ("depth = 1", "browser_pages = -1", 6, "0 for browser_pages and depth"),
        ('language = "nl"', 'paging = "next"', 15, "paging is"),
        ('language = "nl"', "paging = { nxt = 1 }", 15, "paging is"),
        ('language = "nl"', 'paging = { parameter = "page", step = "1" }', 15, "whole numbers"),
        ('language = "nl"', "paging = { next = 1 }", 15, "are texts"),
        ("https://www.noord.example/team", "https://www.linkedin.com/company/noord", 13, "logged in"),
        ("https://www.noord.example/team", "https://www.google.nl/search?q=noord", 13, "compilation"),
        ('kind = "association"', 'kind = "profile"', 21, "whether the site's terms allow it"),
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


def test_every_kind_has_a_schedule_and_a_source_may_state_another(register: Path) -> None:
    assert set(VERIFY_DAYS) | {"import"} == KINDS
    sources = load(register)
    assert (sources.get("noord").revisit, sources.get("zuid").revisit) == (Revisit(14), Revisit(30))
    stated = (
        'kind = "association"\nrevisit = { verify_days = 3, grace_days = 0, missing_days = 1, unreachable_days = 9 }'
    )
    register.write_text(REGISTER.replace('kind = "association"', stated), "utf-8")
    assert load(register).get("zuid").revisit == Revisit(3, 0, 1, 9)


def test_an_unknown_source_brings_the_nearest_ones(register: Path) -> None:
    with pytest.raises(UnknownSource, match="Did you mean noord"):
        load(register).get("nord")


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("", "no front matter"),
        ("# Why\n", "no front matter"),
        ("---\n: [\n---\n", "no front matter"),
        ("---\npurpose: x\n---\n", r"lacks .*expires_on"),
    ],
)
def test_a_balancing_test_states_all_its_parts(register: Path, front: str, says: str) -> None:
    (register.parent / "balancing.md").write_text(front, "utf-8")
    with pytest.raises(SourceError, match=rf"line 4: .*{says}"):
        load(register)


@pytest.mark.parametrize(("start", "end"), [("", "\n"), ("\ufeff", "\n"), ("\ufeff", "\r\n")])
def test_editors_of_windows_are_understood(register: Path, start: str, end: str) -> None:
    for file in (register, register.parent / "balancing.md"):
        file.write_text(start + file.read_text("utf-8"), "utf-8", newline=end)
    assert len(load(register).sources) == 2


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


FILED = """
[[source]]
id = "members"
kind = "import"
publisher = "Noord"
spider = "import_file"
purpose = "business-directory"
legal_basis = "contract"
retention_days = 30
mapping = "members.toml"
acquisition = { ACQUISITION }
"""


def filed(folder: Path, text: str) -> Source:
    file = folder / "sources.toml"
    file.write_text(FILED.replace("ACQUISITION", text), "utf-8")
    return load(file).get("members")


def test_a_source_that_comes_as_a_file_says_how(tmp_path: Path) -> None:
    (tmp_path / "letter.md").write_text("Yes, you may.", "utf-8")
    source = filed(
        tmp_path,
        'method = "upload", licence = "contract 12", article = 14, received_on = 2026-11-01, permission = "letter.md"',
    )
    assert source.mapping == str(tmp_path / "members.toml")
    assert source.start_urls == ()
    receipt = acquisition.receipt(acquisition.require(source, date(2026, 11, 22)))
    assert receipt.rule == "upload, contract 12"
    assert receipt.signals[:2] == ("received-on: 2026-11-01", "gdpr-article: 14")
    assert len(receipt.signals[2]) == len("permission-sha256: ") + 64


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('method = "licensed", licence = "C 1"', "acquisition has method, licence, article, received_on"),
        ('method = "found", licence = "C 1", article = 14, received_on = 2026-11-01', "unknown acquisition method"),
        ('method = "licensed", licence = "C 1", article = 13, received_on = 2026-11-01', "article 14 GDPR"),
        ('method = "interview", licence = "C 1", article = 14, received_on = 2026-11-01', "article 13 GDPR"),
        ('method = "licensed", licence = "", article = 14, received_on = 2026-11-01', "names a licence"),
        ('method = "licensed", licence = "C 1", article = 14, received_on = "today"', "are dates such as"),
        (
            'method = "upload", licence = "C", article = 14, received_on = 2026-11-01, permission = "x"',
            "cannot be read",
        ),
    ],
)
def test_a_wrong_acquisition_says_what_is_missing(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SourceError, match=rf"line 11: .*{says}"):
        filed(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            'method = "licensed", licence = "C 1", article = 14, received_on = 2026-11-01, expires_on = 2026-11-22',
            "ran out on 2026-11-22",
        ),
    ],
)
def test_what_may_not_enter_the_master_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RightsError, match=says):
        acquisition.require(filed(tmp_path, text), date(2026, 11, 22))


FIELDED = """
[[source]]
id = "noord"
kind = "company-site"
publisher = "Noord"
spider = "company_site"
start_urls = ["http://noord.example/"]
purpose = "test"
legal_basis = "legitimate-interest"
balancing_test = "test.md"
retention_days = 30
fields = FIELDS
"""


def fielded(folder: Path, covered: str, asked: str) -> Source:
    (folder / "test.md").write_text(BALANCING.replace("fields: [name]", f"fields: {covered}"), "utf-8")
    file = folder / "sources.toml"
    file.write_text(FIELDED.replace("FIELDS", asked), "utf-8")
    return load(file).get("noord")


def test_a_source_reads_what_its_test_covers(tmp_path: Path) -> None:
    source = fielded(tmp_path, "[name, email]", "[]")
    assert source.covers(Property.EMAIL)
    assert source.covers(Property.FAMILY_NAME)
    assert not source.covers(Property.TELEPHONE)
    assert not fielded(tmp_path, "[name, email]", '["name"]').covers(Property.EMAIL)
    with pytest.raises(RightsError, match="would read telephone"):
        require_covered(source, [Property.EMAIL, Property.TELEPHONE])


@pytest.mark.parametrize(
    ("covered", "asked", "says"),
    [
        ("[name]", '["name", "email"]', "does not cover email"),
        ("[name, birthday]", "[]", "birthday is no property"),
        ("[name]", '["shoeSize"]', "shoeSize is no property"),
        ("name", "[]", "name is no property; fields is a list"),
    ],
)
def test_a_source_for_other_fields_does_not_run(tmp_path: Path, covered: str, asked: str, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        fielded(tmp_path, covered, asked)


def test_an_upload_stays_apart_until_a_document_permits_more(tmp_path: Path) -> None:
    upload = 'method = "upload", licence = "C 1", article = 14, received_on = 2026-11-01'
    (tmp_path / "letter.txt").write_text("They may.", "utf-8")
    assert acquisition.stays_apart(filed(tmp_path, upload))
    assert not acquisition.stays_apart(filed(tmp_path, f'{upload}, permission = "letter.txt"'))


def test_a_crawled_source_has_no_acquisition(register: Path) -> None:
    with pytest.raises(RightsError, match="does not say how its file came in"):
        acquisition.require(load(register).get("noord"), date(2026, 11, 22))
