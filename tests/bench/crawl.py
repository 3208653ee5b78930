"""The full pipeline beside bare Scrapy: pages a second of CPU, the same pages, ten people each, from loopback.

Bare is Scrapy as `scrapy startproject` leaves it, with a spider of css selectors that yields dicts and stores nothing.
Full is `scrapy crawl company_site` in the settings of the tests: gate, extraction, all stages, resolution, a SQLite
file. Each runs in a process of its own; the start of the interpreter, the imports of this module, the words of the
lexicon and making the empty tables count for neither. What Scrapy imports and builds when it sets a crawl up counts
for both: half a second for bare, one for full. `python -m tests.bench.crawl --profile` says where the full one spends
its time, by samples of the processor's time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import psutil
from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from sqlalchemy.engine import make_url

from crawler.extraction import mentions
from crawler.page import Page
from pipelines.master.database import open_store
from pipelines.sensitive import minimise_mention
from pipelines.values import validate_mention
from tests.support import tree
from tests.support.sampling import Sampler
from tests.support.structured import FIRM, PEOPLE, body, path, register, served, url

#: Pages a crawl reads, and what the full one shall reach of the bare one's pages a second of CPU.
PAGES, TARGET, GOAL = 400, 0.45, 0.6
#: What a sample counts for, by the beginning of its innermost module of ours.
ROOMS = {
    "crawler.extraction": "extraction",
    "crawler.page": "extraction: parsing and text",
    "crawler.lexicon": "extraction: words",
    "crawler.links": "finding links",
    "crawler.navigation": "finding links",
    "crawler.middlewares": "gate, pace, budget and other middlewares",
    "crawler.connection": "guarded connection",
    "crawler": "spider, ledger and other extensions",
    "pipelines.validate": "validate",
    "pipelines.values": "validate",
    "pipelines.minimise": "minimise",
    "pipelines.sensitive": "minimise",
    "pipelines.suppress": "suppress",
    "pipelines.rights": "suppress",
    "pipelines.resolution": "resolve (merge)",
    "pipelines.merge": "resolve (merge)",
    "pipelines.master": "write (provenance)",
    "pipelines": "other",
    "": "Scrapy and Twisted",
}


class Bare(Spider):
    """What somebody writes in ten minutes."""

    name = "bare"
    port: int
    pages: int

    async def start(self) -> AsyncIterator[Request]:
        """Yield every page."""
        for page in range(self.pages):
            yield Request(f"http://127.0.0.1:{self.port}{path(page)}")

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, str | None]]:
        """Yield ten items."""
        for card in response.css("li.card"):
            yield {
                "name": card.css(".name::text").get(),
                "title": card.css(".title::text").get(),
                "email": card.css("a.mail::attr(href)").get(),
                "telephone": card.css("a.tel::attr(href)").get(),
                "employer": response.css("header > a::text").get(),
            }


def crawl(kind: str, port: int, pages: int, folder: Path, *, profile: bool = False) -> dict[str, Any]:
    """Crawl in this process; returns seconds of CPU, people, memory by responses and, if asked, where time went."""
    if kind == "bare":
        settings = Settings({"LOG_LEVEL": "WARNING", "ROBOTSTXT_OBEY": False, "TELNETCONSOLE_ENABLED": False})
        spider: Any = Bare
        arguments: dict[str, Any] = {"port": port, "pages": pages}
    else:
        settings = Settings()
        settings.setmodule("settings.test", priority="project")
        own: dict[str, Any] = {
            "CARDFILE_HOME": str(folder),
            "CARDFILE_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
            "CARDFILE_SOURCES": str(folder / "sources.toml"),
            "CARDFILE_ALLOWED_PRIVATE_HOSTS": [".example"],
            "CARDFILE_HOSTS": {".example": f"127.0.0.1:{port}"},
        }
        settings.setdict(own, priority="cmdline")
        _warm(own["CARDFILE_DATABASE_URL"])
        spider, arguments = "company_site", {"source": "bench"}
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(spider)
    marks = Marks()
    crawler.signals.connect(marks.count, signals.response_received)
    process.crawl(crawler, **arguments)
    with Sampler() if profile else nullcontext() as sampler:
        start = time.process_time()
        process.start()
        spent = time.process_time() - start
    stats = crawler.stats.get_stats() if crawler.stats else {}
    table = sampler.shares(ROOMS) if sampler else {}
    return {"seconds": spent, "items": stats.get("item_scraped_count", 0), "marks": marks.found, "shares": table}


def _warm(store: str) -> None:
    open_store(make_url(store)).dispose()
    for mention in mentions(Page(url(0), body(0))):
        validate_mention(mention)
        minimise_mention(mention)


class Marks:
    """Memory in megabytes by the number of responses so far (robots.txt counts too), each thousand of them."""

    def __init__(self) -> None:
        self.found: dict[int, float] = {}
        self._seen = 0
        self._process = psutil.Process()

    def count(self) -> None:
        """Count a response."""
        self._seen += 1
        if self._seen % 1_000 == 0:
            self.found[self._seen] = self._process.memory_info().rss / 1e6


def measured(
    kind: str, pages: int, *, people: int = PEOPLE, firm: int = FIRM, profile: bool = False
) -> Mapping[str, Any]:
    """Crawl in a process of its own, `firm` pages a host, and return what `crawl` does."""
    with tempfile.TemporaryDirectory() as name, served() as port:
        folder = Path(name)
        register(folder, pages, people, firm)
        command = [sys.executable, "-m", "tests.bench.crawl", "--child", kind, str(port), str(pages), name]
        done = subprocess.run(
            [*command, *(["--profile"] if profile else [])], cwd=tree.ROOT, stdout=subprocess.PIPE, check=True
        )
        found: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if found["items"] < pages * people:  # the full one reads the organisation too
        raise RuntimeError(f"the {kind} crawl kept {found['items']} of {pages * people} people")
    return found


def main() -> Mapping[str, float]:
    """Crawl both ways, print and return the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--profile", action="store_true", help="say where the full one spends its time")
    parser.add_argument("--child", nargs=4, metavar=("KIND", "PORT", "PAGES", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        kind, port, pages, folder = given.child
        sys.stdout.write(json.dumps(crawl(kind, int(port), int(pages), Path(folder), profile=given.profile)) + "\n")
        return {}
    bare = given.pages / measured("bare", given.pages)["seconds"]
    found = measured("full", given.pages)
    full = given.pages / found["seconds"]
    sys.stdout.write(
        f"pages a second of CPU, {PEOPLE} people each: bare {bare:.0f}, full {full:.0f}; "
        f"ratio {full / bare:.2f} (target {TARGET}, goal {GOAL})\n"
    )
    if given.profile:
        for room, share in measured("full", given.pages, profile=True)["shares"].items():
            sys.stdout.write(f"  {room:<52}{share:6.1%}\n")
    return {"full / bare": round(full / bare, 2), "target": TARGET, "goal": GOAL}


if __name__ == "__main__":
    main()
