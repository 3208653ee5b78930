"""A crawl is an entry in the activity log: what ran, on which grounds, and how it ended."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from pipelines.master.database import database_url as store_url
from pipelines.master.database import open_store
from pipelines.master.models import RunRow
from pipelines.rights.activity import entries
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.web import Web

TEAM = """<!DOCTYPE html><html lang="en"><title>Team</title><h1>Our team</h1><ul>
<li><h3>Bronwen Achterberg</h3><p>Managing Director</p><a href="mailto:b.achterberg@noord.example">Mail</a></li>
<li><h3>Alasdair Pemberly</h3><p>Sales Manager</p><a href="mailto:a.pemberly@noord.example">Mail</a></li></ul>"""


def test_a_crawl_is_recorded(reactor: Reactor, web: Web, tmp_path: Path) -> None:
    crawls = Crawls(reactor, web, tmp_path / "home")
    web.pages["noord.example/"] = TEAM
    crawls.source("noord", "http://noord.example/")
    crawls.crawl("noord")
    engine = open_store(make_url(store_url("", crawls.home)))
    with engine.connect() as connection:
        (entry,) = entries(connection)
        run = connection.execute(RunRow.__table__.select()).one()
    engine.dispose()
    assert entry is not None
    assert (entry.action, entry.reference) == ("crawl", run.id)
    assert entry.details["balancing"] == run.balancing_hash != ""
    assert (entry.details["source"], entry.details["outcome"], entry.details["people"]) == ("noord", run.outcome, 2)
    assert "Achterberg" not in str(entry)
