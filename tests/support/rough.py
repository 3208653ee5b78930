"""A small site that is crawled in processes of their own, under whatever a test does to them or to their store."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from pipelines.master.check import check
from pipelines.master.database import open_store, reading
from pipelines.resolution.rebuild import rebuild
from tests.support import forking
from tests.support.contents import Contents, contents
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.planned import team
from tests.support.web import Answer, Visit, Web

PAGES = 12
#: The same moment in every run: what was read when is then no difference between two runs.
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def site(web: Web, folder: Path, host: str = "noord") -> Crawls:
    """Serve and register a site of a dozen pages that answer a little late, each with four people of its own."""
    links = "".join(f'<a href="/team/{page}">Our team {page}</a>' for page in range(PAGES))
    web.pages[f"{host}.example/"] = f"<html>{links}"
    for page in range(PAGES):
        web.pages[f"{host}.example/team/{page}"] = Answer(team(f"{host}.example", page), hang=0.02)
    crawls = Crawls(Reactor.__new__(Reactor), web, folder)
    crawls.source(host, f"http://{host}.example/")
    return crawls


def when(web: Web, page: int, happens: Callable[[], None], host: str = "noord") -> None:
    """Let something happen once, right before a page is answered."""
    answer = web.pages[f"{host}.example/team/{page}"]
    assert isinstance(answer, Answer)

    def ask(_visit: Visit) -> Answer:
        web.pages[f"{host}.example/team/{page}"] = answer
        happens()
        return answer

    web.pages[f"{host}.example/team/{page}"] = ask


def start(
    server: forking.Server, site: Crawls, home: Path, url: str, *options: str, source: str = "noord"
) -> forking.Job:
    """Start `scrapy crawl` of the site into a store."""
    hosts = json.dumps({".example": f"127.0.0.1:{site.web.port}"})
    return server.scrapy(
        *("crawl", "company_site", "-a", f"source={source}", "-s", f"CARDFILE_HOSTS={hosts}", "-s", "RETRY_TIMES=0"),
        *options,
        clock=NOON,
        SCRAPY_SETTINGS_MODULE="settings.test",
        CARDFILE_HOME=str(home),
        DATABASE_URL=url,
        CARDFILE_SOURCES=str(site.home / "sources.toml"),
        CARDFILE_ALLOWED_PRIVATE_HOSTS=".example",
    )


def sound(url: str) -> Contents:
    """Return the contents of a store, which keeps its promises and is what its statements make of it."""
    engine = open_store(make_url(url))
    with reading(engine) as connection:
        assert [finding for finding in check(connection) if finding.broken] == []
    found = contents(engine)
    with engine.begin() as connection:
        before, after = rebuild(connection)
    assert before == after
    engine.dispose()
    return found
