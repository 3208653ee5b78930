"""Whole crawls inside the test process: a registered source, every stage, a real store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

from tests.support.crawling import Reactor
from tests.support.web import Web

BALANCING = """---
purpose: directory
necessity: no other way
balancing: business cards only
safeguards: [notice]
fields: [name, jobTitle, worksFor, email, telephone, faxNumber, workLocation, url, sameAs]
reviewer: A. Reviewer
reviewed_on: 2026-01-01
expires_on: 2099-01-01
---
"""


@dataclass
class Crawls:
    """Crawls sources of a loopback web into the store of one folder."""

    reactor: Reactor
    web: Web
    home: Path
    database_url: str = ""

    def register(self, text: str) -> Path:
        """Write the source register with some defaults above these tables."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "balancing.md").write_text(BALANCING, "utf-8")
        file = self.home / "sources.toml"
        defaults = (
            '[defaults]\nkind = "company-site"\npublisher = "Noord NV"\nspider = "company_site"\npurpose = "test"\n'
            'legal_basis = "legitimate-interest"\nbalancing_test = "balancing.md"\n'
            'retention_days = 30\ncountry = "GB"\n'
        )
        file.write_text(f"{defaults}\n{text}", "utf-8")
        return file

    def source(self, identifier: str, url: str, more: str = "") -> None:
        """Register one source."""
        self.register(f'[[source]]\nid = "{identifier}"\nstart_urls = ["{url}"]\n{more}\n')

    def settings(self, **overrides: Any) -> Settings:
        """The settings of the test run, with this store, this register and this web."""
        settings = Settings()
        settings.setmodule("settings.test", priority="project")
        own = {
            "CARDFILE_HOME": str(self.home),
            "CARDFILE_DATABASE_URL": self.database_url,
            "CARDFILE_SOURCES": str(self.home / "sources.toml"),
            "CARDFILE_ALLOWED_PRIVATE_HOSTS": [".example"],
            "CARDFILE_HOSTS": {".example": f"127.0.0.1:{self.web.port}"},
            "RETRY_TIMES": 0,
        }
        settings.setdict({**own, **overrides}, priority="cmdline")
        return settings

    def crawl(self, identifier: str, spider: str = "company_site", **settings: Any) -> Mapping[str, Any]:
        """Crawl one source and return its statistics; raises what kept it from starting."""
        return self.run(spider, {"source": identifier}, **settings)

    def run(self, spider: str, arguments: Mapping[str, Any], **settings: Any) -> Mapping[str, Any]:
        """Run a spider with these arguments and return its statistics."""

        async def run() -> Mapping[str, Any]:
            runner = AsyncCrawlerRunner(self.settings(**settings))
            crawler = runner.create_crawler(spider)
            await runner.crawl(crawler, **arguments)
            return crawler.stats.get_stats() if crawler.stats else {}

        return self.reactor.run(run())
