"""Bad pages, sources, options and databases: one clear sentence, the right outcome, and nothing stored is harmed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crawler.errors import UnknownSource, UsageError
from pipelines.errors import StoreLocked
from pipelines.master.database import database_url as store_url
from pipelines.master.database import open_store
from pipelines.master.models import PersonRow
from tests.support import forking
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.web import Answer, Visit, Web

TEAM = """<!DOCTYPE html><html lang="en"><title>Our team</title><ul>
<li><h3>Bronwen Achterberg</h3><p>Managing Director</p><a href="mailto:bronwen.achterberg@noord.example">Mail</a></li>
<li><h3>Alasdair Pemberly</h3><p>Sales Manager</p><a href="mailto:alasdair.pemberly@noord.example">Mail</a></li></ul>"""


def count(crawls: Crawls) -> int:
    engine = open_store(store_url(crawls.database_url, crawls.home))
    with engine.connect() as connection:
        found = connection.scalar(select(func.count()).select_from(PersonRow)) or 0
    engine.dispose()
    return found


def endless(visit: object) -> Answer:
    path = getattr(visit, "path", "/")
    return Answer(status=302, headers={"Location": f"http://noord.example{path}x"})


@pytest.mark.parametrize(
    "page",
    [
        Answer(reset=True),
        Answer("gone", 404),
        Answer("broken", 500),
        Answer(b"\x89PNG\r\n\x1a\n" + bytes(200), content_type="image/png"),
        Answer(b"%PDF-1.7\n1 0 obj\n<</Type/Cat", content_type="application/pdf"),
        Answer(b""),
        Answer("x" * 20_000_000),
        endless,
    ],
    ids=["reset", "404", "500", "image", "truncated-pdf", "empty", "20-MB", "endless-redirect"],
)
def test_a_start_url_that_is_no_page(crawls: Crawls, web: Web, page: Answer) -> None:
    crawls.source("noord", "http://noord.example/")
    web.pages["noord.example/"] = TEAM
    assert crawls.crawl("noord")["cardfile/outcome"] == "finished"
    web.pages |= {"noord.example/": page, **{f"noord.example/{'x' * n}": page for n in range(1, 9)}}
    assert crawls.crawl("noord")["cardfile/outcome"] in {"failed", "empty"}
    assert count(crawls) == 2


@pytest.mark.parametrize(
    "page",
    [
        Answer(b"%PDF-1.7\n1 0 obj\n<</Type/Cat", content_type="application/pdf"),
        Answer(TEAM.encode("utf-16"), content_type="text/html; charset=utf-8"),
        Answer(b"\xff\xfe\x00\x01" * 500),
        Answer("<li>" * 200_000),
        Answer('<script type="application/ld+json">{"@type": "Person", "name": </script>'),
        Answer(b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:", content_type="text/vcard"),
        Answer(b"<rss><channel><item>", content_type="application/rss+xml"),
        Answer(TEAM, content_type="application/x-nothing"),
        Answer(TEAM.replace("Managing", "Man\x00aging"), content_type="text/html; charset=klingon"),
    ],
    ids=["truncated-pdf", "wrong-charset", "noise", "nested", "json", "vcard", "feed", "unknown-type", "null-bytes"],
)
def test_a_bad_page_does_not_stop_the_run(
    crawls: Crawls, web: Web, page: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    web.pages |= {
        "noord.example/": '<html><a href="/bad">About us</a><a href="/team">Our team</a>',
        "noord.example/bad": page,
        "noord.example/team": TEAM,
    }
    crawls.source("noord", "http://noord.example/")
    assert crawls.crawl("noord")["cardfile/outcome"] == "finished"
    assert count(crawls) == 2
    assert "Traceback" not in caplog.text


def test_an_unknown_source_or_argument(crawls: Crawls) -> None:
    crawls.source("noord", "http://noord.example/")
    with pytest.raises(UnknownSource, match="Did you mean noord"):
        crawls.crawl("nord")
    crawls.source("noord", "http://noord.example/", 'spider = "another"')
    with pytest.raises(UsageError, match="is read by spider 'another'"):
        crawls.crawl("noord")


def newer(home: Path) -> None:
    engine = open_store(store_url("", home))
    engine.dispose()
    with sqlite3.connect(home / "cardfile.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def foreign(home: Path) -> None:
    with sqlite3.connect(home / "cardfile.db") as connection:
        connection.execute("CREATE TABLE orders (id INTEGER)")
    connection.close()


def no_database(home: Path) -> None:
    (home / "cardfile.db").write_bytes(b"this is a letter, not a database" * 99)


def malformed(home: Path) -> None:
    (home / "sources.toml").write_text('[[source]]\nid = "noord"\nkind = "shop"\n', "utf-8")


def test_an_address_that_no_index_takes_does_not_stop_the_run(
    reactor: Reactor, web: Web, tmp_path: Path, postgresql_url: str
) -> None:
    crawls = Crawls(reactor, web, tmp_path / "home", postgresql_url)
    crawls.source("noord", "http://noord.example/")
    long = "/" + "".join(f"{number:x}" for number in range(20_000, 21_500))
    profile = (
        f'</h3><a href="https://profiles.example{long}">Profile</a><script type="application/ld+json">'
        + json.dumps({"@type": "Person", "name": "Bronwen Achterberg", "sameAs": f"https://profiles.example{long}"})
    )
    web.pages |= {
        "noord.example/": '<html><a href="/bad">About us</a><a href="/team">Our team</a>',
        "noord.example/bad": Answer(status=302, headers={"Location": f"http://noord.example{long}"}),
        f"noord.example{long}": TEAM,
        "noord.example/team": TEAM.replace("</h3>", f"{profile}</script>", 1),
    }
    stats = crawls.crawl("noord")
    assert stats["cardfile/outcome"] == "finished"
    assert stats["cardfile/rights/length"] == 1
    assert stats["cardfile/validate/url-length"] >= 1
    assert count(crawls) == 2


CRAWL = ("crawl", "company_site", "-a", "source=noord")


@pytest.mark.parametrize(
    ("prepare", "arguments", "environment", "code", "sentence"),
    [
        (None, ("crawl", "company_sight"), {}, 2, "did you mean company_site"),
        (None, ("crawl", "company_site"), {}, 2, "needs a registered source"),
        (None, (*CRAWL, "-a", "sauce=1"), {}, 2, "does not know the argument sauce"),
        (None, (*CRAWL, "-s", "ROBOTSTXT_OBAY=0"), {}, 2, "did you mean ROBOTSTXT_OBEY"),
        (None, (*CRAWL, "--dry-run"), {}, 2, "unknown option --dry-run"),
        (None, CRAWL, {"CARDFILE_SOURCES": ""}, 4, "set CARDFILE_SOURCES"),
        (None, ("crawl", "company_site", "-a", "source=nord"), {}, 4, "Did you mean noord"),
        (malformed, CRAWL, {}, 4, "line 1: 'publisher' is missing"),
        (None, CRAWL, {"DATABASE_URL": "mysql://x/y"}, 2, "SQLite or PostgreSQL"),
        (None, CRAWL, {"DATABASE_URL": "nonsense"}, 2, "not a database URL"),
        (None, CRAWL, {"DATABASE_URL": "sqlite:////dev/null/x.db"}, 1, "cannot be written"),
        (None, CRAWL, {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, 1, "cannot be used"),
        (newer, CRAWL, {}, 1, "newer than this program"),
        (foreign, CRAWL, {}, 1, "not Cardfile's"),
        (no_database, CRAWL, {}, 1, "cannot be used"),
        (newer, ("db", "upgrade"), {}, 1, "newer than this program"),
        (None, CRAWL, {"SCRAPY_PROJECT": "prod", "CARDFILE_SECRET": "x" * 32}, 2, "CARDFILE_CONTACT"),
        (None, CRAWL, {"SCRAPY_PROJECT": "prod", "CARDFILE_CONTACT": "a@noord.example"}, 2, "CARDFILE_SECRET"),
        (None, CRAWL, {"CARDFILE_SECRET": "short"}, 2, "CARDFILE_SECRET is shorter"),
        (None, ("why", "Nobody Known"), {}, 2, "is empty; check DATABASE_URL"),
    ],
)
def test_a_bad_start_gets_one_sentence(
    crawls: Crawls, forks: forking.Server, prepare: object, arguments: tuple[str, ...], environment: dict[str, str],
    code: int, sentence: str,
) -> None:  # fmt: skip
    crawls.source("noord", "http://noord.example/")
    if callable(prepare):
        prepare(crawls.home)
    ours = {"CARDFILE_HOME": str(crawls.home), "CARDFILE_SOURCES": str(crawls.home / "sources.toml")}
    ended = forks.scrapy(*arguments, clock=None, **{"SCRAPY_PROJECT": "test", **ours, **environment}).end()
    assert sentence in ended.said
    assert ended.code == code
    assert "Traceback" not in ended.said


def test_a_store_that_is_locked_from_the_start_keeps_the_crawl_from_starting(crawls: Crawls, web: Web) -> None:
    crawls.source("noord", "http://noord.example/")
    web.pages["noord.example/"] = TEAM
    assert crawls.crawl("noord")["cardfile/outcome"] == "finished"
    visits = len(web.visits)
    crawls.database_url = f"sqlite:///{crawls.home / 'cardfile.db'}?timeout=0.1"
    other = sqlite3.connect(crawls.home / "cardfile.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreLocked, match="locked by another process"):
        crawls.crawl("noord")
    other.execute("ROLLBACK")
    other.close()
    assert len(web.visits) == visits
    assert count(crawls) == 2


def test_a_store_that_gets_locked_ends_the_crawl_and_keeps_what_it_has(
    crawls: Crawls, web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    crawls.source("noord", "http://noord.example/")
    web.pages["noord.example/"] = TEAM
    assert crawls.crawl("noord")["cardfile/outcome"] == "finished"
    crawls.database_url = f"sqlite:///{crawls.home / 'cardfile.db'}?timeout=0.1"
    other = sqlite3.connect(crawls.home / "cardfile.db", isolation_level=None, check_same_thread=False)

    def lock(visit: Visit) -> Answer:
        other.execute("BEGIN IMMEDIATE")
        return Answer(TEAM.replace("Sales Manager", "Sales Director"))

    web.pages["noord.example/"] = lock
    assert crawls.crawl("noord", CARDFILE_STORE_PATIENCE=1.0)["cardfile/outcome"] == "failed"
    other.execute("ROLLBACK")
    other.close()
    assert "locked by another process" in caplog.text
    assert "Traceback" not in caplog.text
    assert count(crawls) == 2
