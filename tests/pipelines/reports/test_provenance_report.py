"""The provenance report in its four forms."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from sqlalchemy import Connection, update

from crawler.items import MentionType, Property
from pipelines.errors import StoreError, UsageError
from pipelines.master.models import PermissionRow
from pipelines.reports import overview, provenance
from pipelines.reports.entities import Entity
from pipelines.reports.output import write_report
from pipelines.reports.overview import Scope
from pipelines.reports.render import FORMATS
from tests.support.reported import EARLY, Seen, store

ATTACK = '<script>alert("x")</script><img src=x onerror=alert(1)>'
FORMULAS = ["=1+1", "+cmd|calc", "-2+3", "@SUM(A1)"]
SEEN = [
    Seen(
        {
            Property.NAME: "Marijke van der Zwaan",
            Property.EMAIL: "m.zwaan@one.example",
            Property.TELEPHONE: "+442079460110",
            Property.JOB_TITLE: "Director",
            Property.WORKS_FOR: "Noordlicht Energie BV",
        }
    ),
    Seen(
        {
            Property.NAME: "Marijke van der Zwaan",
            Property.EMAIL: "m.zwaan@one.example",
            Property.JOB_TITLE: "CEO",
            Property.WORKS_FOR: "Noordlicht Energie",
        },
        source="two",
        url="http://two.example/speakers",
    ),
    Seen({Property.NAME: "Tomas Falk", Property.EMAIL: "t.falk@one.example", Property.WORKS_FOR: "Harbourline"}),
    Seen(
        {Property.NAME: "Tomas Falk", Property.EMAIL: "t.falk@two.example", Property.WORKS_FOR: "Weber GmbH"},
        source="two",
        url="http://two.example/speakers",
    ),
    Seen({Property.NAME: ATTACK, Property.JOB_TITLE: f"Clerk {ATTACK}", Property.WORKS_FOR: FORMULAS[0]}),
    *(
        Seen({Property.NAME: f"Person Number{number}", Property.JOB_TITLE: text, Property.WORKS_FOR: "Harbourline"})
        for number, text in enumerate(FORMULAS)
    ),
]
NOT_KEPT = [
    ("minimise", "religion", "json-ld", "unknown-key", "drop", 3),
    ("suppress", "opted-out", "person", "list", "drop", 1),
]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = store(database_url, SEEN, NOT_KEPT)
    with engine.connect() as found:
        yield found
    engine.dispose()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Connection]:
    engine = store(f"sqlite:///{tmp_path / 'empty.db'}")
    with engine.connect() as found:
        yield found
    engine.dispose()


def text(connection: Connection, form: str, scope: Scope = Scope()) -> str:  # noqa: B008 - frozen
    return "".join(FORMATS[form](overview.report(connection, scope, EARLY)))


def parsed(page: str) -> Any:
    return lxml_html.document_fromstring(page)


def person(connection: Connection, name: str) -> Entity:
    return next(entity for entity in provenance.entities(connection) if entity.name == name)


def test_every_value_of_the_master_leads_to_a_receipt(connection: Connection) -> None:
    found = list(provenance.entities(connection))
    assert [entity.type for entity in found] == sorted((entity.type for entity in found), reverse=True)
    for entity in found:
        numbers = {receipt.number for receipt in entity.receipts}
        assert entity.values
        assert numbers == set(range(1, len(numbers) + 1))
        for value in entity.values:
            assert value.statements
            assert {statement.receipt for statement in value.statements} <= numbers


@pytest.mark.parametrize(
    ("form", "told"), [("html", "Not crawled; what allowed it: <code>licensed"), ("md", "what allowed it: licensed")]
)
def test_what_was_not_crawled_was_not_allowed_by_robots_txt(connection: Connection, form: str, told: str) -> None:
    assert "what allowed it" not in text(connection, form)
    connection.execute(update(PermissionRow).values(robots_url="", robots_status=0, rule="licensed, contract 14"))
    shown = text(connection, form)
    assert told in shown
    assert not re.search(r"Allowed by robots|allowed by|HTTP 0|Asked as|Fetched <time", shown)


def test_groups_make_no_difference(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = list(provenance.entities(connection))
    monkeypatch.setattr(provenance, "_GROUP", 2)
    assert list(provenance.entities(connection)) == at_once
    assert len(at_once) > 4


def test_a_merge_says_why_and_alternatives_come_after(connection: Connection) -> None:
    entity = person(connection, "Marijke van der Zwaan")
    assert entity.sources == ["one", "two"]
    assert [decision.joined for decision in entity.decisions] == [True]
    assert all(reason.sentence.endswith(".") for reason in entity.decisions[0].reasons)
    assert set(entity.decisions[0].pages) == {"http://one.example/team", "http://two.example/speakers"}
    titles = [value for value in entity.values if value.property == Property.JOB_TITLE]
    assert [value.rank == 0 for value in titles] == [True, False]
    assert titles[0].value == entity.job_title == next(job.job_title for job in entity.jobs if job.current)
    assert {value.value for value in titles} == {"Director", "CEO"}
    assert {job.job_title for job in entity.jobs} == {"Director", "CEO"}


def test_namesakes_stay_two(connection: Connection) -> None:
    assert sum(entity.name == "Tomas Falk" for entity in provenance.entities(connection)) == 2


def test_a_value_that_no_page_shows_any_more_is_marked(tmp_path: Path) -> None:
    name = {Property.NAME: "Jane Roe"}
    before = Seen({**name, Property.JOB_TITLE: "Buyer"})
    after = Seen({**name, Property.JOB_TITLE: "Director"}, at=EARLY + timedelta(days=9))
    engine = store(f"sqlite:///{tmp_path / 'store.db'}", [before, after])
    with engine.connect() as connection:
        values = {value.value: value for value in person(connection, "Jane Roe").values}
        page = text(connection, "html")
    engine.dispose()
    assert (values["Buyer"].rank, values["Director"].rank) == (None, 0)
    assert values["Buyer"].statements[0].retired_at is not None
    assert "withdrawn</span></th>" in page


@pytest.mark.parametrize(
    ("scope", "people"),
    [
        (Scope(), 8),
        (Scope(source_id="two"), 2),
        (Scope(limit=3), 3),
        (Scope(source_id="two", limit=1), 1),
    ],
)
def test_the_scope_chooses(connection: Connection, scope: Scope, people: int) -> None:
    found = list(overview.report(connection, scope, EARLY).all)
    assert sum(entity.type is MentionType.PERSON for entity in found) == people


def test_one_entity_can_be_chosen_and_no_other(connection: Connection) -> None:
    wanted = person(connection, "Marijke van der Zwaan")
    report = overview.report(connection, Scope(entity_id=wanted.id), EARLY)
    assert [entity.id for entity in report.all] == [wanted.id]
    for scope in (Scope(entity_id="nobody"), Scope(source_id="nowhere")):
        with pytest.raises(UsageError, match=r"nobody|nowhere"):
            overview.report(connection, scope, EARLY)


@pytest.mark.parametrize("form", ["html", "md"])
def test_a_bound_is_said(connection: Connection, form: str) -> None:
    assert "Only the first 2 of " in text(connection, form, Scope(limit=2))
    assert "Only the first" not in text(connection, form)


def test_html_loads_nothing_and_runs_nothing_of_a_page(connection: Connection) -> None:
    page = text(connection, "html")
    root = parsed(page)
    assert not root.xpath("//link | //img | //iframe | //object | //embed | //base | //script[@src] | //*[@style]")
    assert not [name for name in root.xpath("//@*") if name.attrname.startswith("on")]
    loading = root.xpath("//@src | //@srcset | //@poster | //@background | //@data | //@action")
    assert not loading
    assert not re.search(r"url\(|@import", "".join(root.xpath("//style/text()")))
    assert len(root.xpath("//script")) == 1
    assert ATTACK not in page
    assert root.xpath("//h3[text()=$name]", name=ATTACK)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x"])
def test_only_web_addresses_become_links(tmp_path: Path, url: str) -> None:
    engine = store(f"sqlite:///{tmp_path / 'store.db'}", [Seen({Property.NAME: "Jane Roe"}, url=url)])
    with engine.connect() as connection:
        root = parsed(text(connection, "html"))
    engine.dispose()
    assert url in root.text_content()
    assert all(href.startswith("#") for href in root.xpath("//a/@href"))


def test_html_can_be_walked_by_landmark_heading_and_anchor(connection: Connection) -> None:
    root = parsed(text(connection, "html"))
    assert root.get("lang") == "en"
    assert [len(root.xpath(f"//{tag}")) for tag in ("main", "h1", "footer")] == [1, 1, 1]
    levels = [int(heading.tag[1]) for heading in root.xpath("//h1 | //h2 | //h3 | //h4")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in root.xpath("//a/@href") if href.startswith("#")} <= set(ids)
    unlabelled = root.xpath("//*[self::input or self::select][not(ancestor::label) and not(@aria-label)]")
    assert not unlabelled
    assert all(cell.get("scope") for cell in root.xpath("//th"))


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_store_gives_a_report_too(empty: Connection, form: str) -> None:
    found = text(empty, form)
    expected = {"html": "scrapy demo", "md": "Nothing here yet", "csv": "type,id,name", "json": '"entities": []'}
    assert expected[form] in found


def test_csv_has_a_line_for_each_statement_and_no_formula(connection: Connection) -> None:
    rows = list(csv.DictReader(io.StringIO(text(connection, "csv"))))
    statements = sum(len(value.statements) for entity in provenance.entities(connection) for value in entity.values)
    assert len(rows) == statements
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "-", "@"))
            assert not cell.startswith("+") or re.fullmatch(r"\+\d+", cell)
    values = {row["value"] for row in rows}
    assert {f"'{formula}" for formula in FORMULAS} <= values
    assert "+442079460110" in values
    assert {row["legal_basis"] for row in rows} == {"legitimate-interest"}


def test_json_holds_it_all(connection: Connection) -> None:
    found: dict[str, Any] = json.loads(text(connection, "json"))
    assert found["totals"]["people"] == sum(entity["type"] == "person" for entity in found["entities"]) == 8
    assert found["not_kept"][0] == dict(
        zip(("stage", "category", "location", "rule", "action", "count"), NOT_KEPT[0], strict=True)
    )
    marijke = next(entity for entity in found["entities"] if entity["name"] == "Marijke van der Zwaan")
    assert marijke["sources"] == ["one", "two"]
    assert marijke["decisions"][0]["reasons"][0].keys() == {"sentence", "bits", "rule"}


def test_markdown_acts_on_no_value(connection: Connection) -> None:
    found = text(connection, "md")
    assert "### Marijke van der Zwaan" in found
    assert "<script" not in found
    lines = [line for line in found.splitlines() if line.startswith("| name ")]
    assert lines
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 7 for line in lines)


def test_a_file_is_replaced_whole_and_kept_to_its_owner(tmp_path: Path) -> None:
    engine = store(f"sqlite:///{tmp_path / 'store.db'}", SEEN[:1])
    target = tmp_path / "report.html"
    target.write_text("old", "utf-8")
    write_report(engine, "html", Scope(), target)
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert target.stat().st_mode & 0o077 == 0
    with pytest.raises(StoreError, match="cannot be written"):
        write_report(engine, "html", Scope(), tmp_path / "missing" / "report.html")
    with pytest.raises(UsageError):
        write_report(engine, "html", Scope(entity_id="nobody"), target)
    assert "Marijke" in target.read_text("utf-8")
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(".report")} == set()
    engine.dispose()
