"""Crawls over a loopback web."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scrapy import Request

from tests.support import crawling
from tests.support.web import Web

Crawl = Callable[..., crawling.Outcome]


@pytest.fixture
def crawl(reactor: crawling.Reactor, web: Web) -> Crawl:
    """Crawl URLs of the loopback web, which answers for every `.example` name."""

    def run(*requests: Request | str, spider: type[crawling.Visitor] = crawling.Visitor, **settings: Any) -> Any:
        mapped = {
            "CARDFILE_ALLOWED_PRIVATE_HOSTS": [".example"],
            "CARDFILE_HOSTS": {".example": f"127.0.0.1:{web.port}"},
        }
        return reactor.run(crawling.crawl(requests, {**mapped, **settings}, spider))

    return run
