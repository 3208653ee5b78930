"""A registered source, every stage, a real store: from pages to the master table and back to the receipts."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from crawler import clock
from pipelines.master.check import check, digest
from pipelines.master.database import database_url as store_url
from pipelines.master.database import open_store
from pipelines.master.models import CaptureRow, MentionRow, PersonRow, RunRow, StatementRow
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.web import Answer, Web

TEAM = """<!DOCTYPE html><html lang="en"><title>Our team</title><h1>Our team</h1>
<ul><li><h3>Dr Bronwen Achterberg</h3><p>Managing Director</p>
<a href="mailto:Bronwen.Achterberg@Noord.example">Mail</a> <a href="tel:+442079460141">020 7946 0141</a></li>
<li><h3>Alasdair Pemberly</h3><p>Sales Manager</p><a href="mailto:alasdair.pemberly@noord.example">Mail</a></li>
<li><h3>Philippa Ashworth</h3><p>Head of Customs</p><a href="mailto:philippa.ashworth@noord.example">Mail</a></li>
</ul>"""
HOME = '<!DOCTYPE html><html lang="en"><title>Noord</title><p><a href="/team">Our team</a> <a href="/news">News</a>'


def people(crawls: Crawls) -> dict[str, Any]:
    engine = open_store(make_url(crawls.database_url) if crawls.database_url else store_url("", crawls.home))
    with engine.connect() as connection:
        found = {row.name: row for row in connection.execute(select(PersonRow))}
        assert not any(finding.broken for finding in check(connection))
    engine.dispose()
    return found


def test_from_a_page_to_the_master(reactor: Reactor, web: Web, tmp_path: Path, database_url: str) -> None:
    crawls = Crawls(reactor, web, tmp_path / "home", database_url)
    web.pages |= {"noord.example/": HOME, "noord.example/team": Answer(TEAM, headers={"ETag": '"1"'})}
    crawls.source("noord", "http://noord.example/", "expects = { people = [3, 3] }")
    stats = crawls.crawl("noord")
    assert stats["cardfile/outcome"] == "finished"
    found = people(crawls)
    assert set(found) == {"Bronwen Achterberg", "Alasdair Pemberly", "Philippa Ashworth"}
    director = found["Bronwen Achterberg"]
    assert (director.email, director.telephone) == ("bronwen.achterberg@noord.example", "+442079460141")
    assert (director.job_title, director.works_for) == ("Managing Director", "Noord NV")
    engine = open_store(make_url(database_url))
    with engine.connect() as connection:
        shown = select(StatementRow.shown_by()).join(MentionRow).where(StatementRow.property == "telephone").limit(1)
        capture = connection.execute(select(CaptureRow).where(CaptureRow.id.in_(shown))).one()
        assert (capture.url, capture.etag, capture.status) == ("http://noord.example/team", '"1"', 200)
        run = connection.execute(select(RunRow)).one()
        assert (run.outcome, run.counts["people/found"]) == ("finished", 3)
        before = digest(connection)
    assert crawls.crawl("noord")["cardfile/outcome"] == "unchanged"
    with engine.connect() as connection:
        assert digest(connection) == before
    engine.dispose()


def test_a_changed_page_changes_the_master(crawls: Crawls, web: Web) -> None:
    web.pages |= {"noord.example/": HOME, "noord.example/team": TEAM}
    crawls.source("noord", "http://noord.example/")
    crawls.crawl("noord")
    web.pages["noord.example/team"] = TEAM.replace("Sales Manager", "Sales Director")
    assert crawls.crawl("noord")["cardfile/outcome"] == "finished"
    assert people(crawls)["Alasdair Pemberly"].job_title == "Sales Director"


def test_the_budget_cuts_off_the_least_promising_pages(crawls: Crawls, web: Web) -> None:
    links = "".join(f'<a href="/p{number}">Product {number}</a>' for number in range(20))
    web.pages |= {"noord.example/": f"<html>{links}<a href='/team'>Our team</a>", "noord.example/team": TEAM}
    crawls.source("noord", "http://noord.example/", "budget = { pages = 4, depth = 2, seconds = 30 }")
    stats = crawls.crawl("noord")
    assert "/team" in web.paths("noord.example")
    assert len(web.paths("noord.example")) == 4
    assert stats["cardfile/budget/spent"] > 0
    assert len(people(crawls)) == 3


@pytest.mark.parametrize(
    ("people_expected", "outcome"),
    [("[3, 9]", "finished"), ("[4, 9]", "expectation-missed"), ("[0, 2]", "expectation-missed")],
)
def test_expectations(crawls: Crawls, web: Web, people_expected: str, outcome: str) -> None:
    web.pages["noord.example/"] = TEAM
    crawls.source("noord", "http://noord.example/", f"expects = {{ people = {people_expected} }}")
    assert crawls.crawl("noord")["cardfile/outcome"] == outcome


def test_directives_of_a_page_are_kept(crawls: Crawls, web: Web) -> None:
    web.pages |= {
        "noord.example/": f'<html><meta name="robots" content="noindex">{TEAM}<a href="/team">Team</a>',
        "noord.example/team": f'<html><meta name="robots" content="nofollow">{TEAM}<a href="/staff">Staff</a>',
    }
    crawls.source("noord", "http://noord.example/")
    crawls.crawl("noord")
    assert web.paths("noord.example").count("/staff") == 0
    engine = open_store(store_url("", crawls.home))
    with engine.connect() as connection:
        assert set(connection.scalars(select(CaptureRow.url))) == {"http://noord.example/team"}
    engine.dispose()


def test_no_personal_value_reaches_the_log(crawls: Crawls, web: Web, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    web.pages |= {"noord.example/": HOME.replace("/news", "/team/philippa-ashworth"), "noord.example/team": TEAM}
    crawls.source("noord", "http://noord.example/")
    stats = crawls.crawl("noord", LOG_LEVEL="INFO")
    assert "Run of source noord" in caplog.text
    assert not re.search("ashworth|pemberly|achterberg|7946", f"{stats}", re.IGNORECASE)


def test_a_feed_shows_what_passed_the_stages_and_nothing_else(crawls: Crawls, web: Web, tmp_path: Path) -> None:
    planted = TEAM.replace(
        "<p>Sales Manager</p>", "<p>Sales Manager</p><p>She is a devout Qzmarker, mother of two.</p>"
    )
    web.pages["noord.example/"] = planted
    crawls.source("noord", "http://noord.example/")
    file = tmp_path / "mentions.jsonl"
    crawls.crawl("noord", FEEDS={str(file): {"format": "jsonlines"}})
    text = file.read_text("utf-8")
    mentions = [json.loads(line) for line in text.splitlines()]
    names = {mention["values"]["name"][0]["normalised"] for mention in mentions if mention["type"] == "person"}
    assert names == {"Bronwen Achterberg", "Alasdair Pemberly", "Philippa Ashworth"}
    assert all(mention["capture"]["permission"]["rule"] for mention in mentions)
    assert "Qzmarker" not in text
    assert "mother" not in text


@pytest.mark.parametrize("hours", [3, 24 * 365])
def test_a_clock_that_was_set_back_loses_nothing(
    crawls: Crawls, web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, hours: int
) -> None:
    web.pages |= {"noord.example/": HOME, "noord.example/team": TEAM}
    crawls.source("noord", "http://noord.example/")
    crawls.crawl("noord")
    web.pages["noord.example/team"] = TEAM.replace("Sales Manager", "Sales Director")
    monkeypatch.setattr(clock, "_system", lambda: datetime.now(UTC) - timedelta(hours=hours))
    crawls.crawl("noord")
    assert "The clock of this machine is" in caplog.text
    assert people(crawls)["Alasdair Pemberly"].job_title == "Sales Director"
    engine = open_store(store_url("", crawls.home))
    with engine.connect() as connection:
        titles = select(StatementRow.normalised, StatementRow.first_seen).where(StatementRow.property == "jobTitle")
        seen = {row.normalised: row.first_seen for row in connection.execute(titles)}
    assert seen["Sales Director"] > seen["Sales Manager"]
    engine.dispose()
