"""Crawls over a loopback web."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request

from tests.support import crawling
from tests.support.web import Web

Crawl = Callable[..., crawling.Outcome]


def settings_for(web: Web, home: Path) -> dict[str, Any]:
    """The settings that send every `.example` name to a loopback web."""
    return {
        "CARDFILE_HOME": str(home),
        "CARDFILE_ALLOWED_PRIVATE_HOSTS": [".example"],
        "CARDFILE_HOSTS": {".example": f"127.0.0.1:{web.port}"},
    }


@pytest.fixture
def crawl(reactor: crawling.Reactor, web: Web, tmp_path: Path) -> Crawl:
    """Crawl URLs of the loopback web, which answers for every `.example` name."""

    def run(*requests: Request | str, spider: type[crawling.Visitor] = crawling.Visitor, **settings: Any) -> Any:
        return reactor.run(crawling.crawl(requests, {**settings_for(web, tmp_path), **settings}, spider))

    return run
