"""Size, time, redirects, headers: what is too much ends the request, not the crawl."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, DownloadTimeoutError, IgnoreRequest

from tests.crawler.middlewares.conftest import Crawl
from tests.support.web import Answer, Web

PAGE, NEXT = "http://site.example/team", "http://site.example/next"
GZIP = {"Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("answer", "settings", "error"),
    [
        pytest.param(Answer(b"x" * 20_000), {"DOWNLOAD_MAXSIZE": 10_000}, DownloadCancelledError, id="announced-size"),
        pytest.param(
            Answer(gzip.compress(b"x" * 5_000_000), headers=GZIP),
            {"DOWNLOAD_MAXSIZE": 100_000},
            IgnoreRequest,
            id="decompression-bomb",
        ),
        pytest.param(Answer(hang=3), {"DOWNLOAD_TIMEOUT": 0.3, "RETRY_TIMES": 0}, DownloadTimeoutError, id="no-answer"),
        pytest.param(
            Answer("x", drip=0.05),
            {"DOWNLOAD_TIMEOUT": 0.5, "RETRY_TIMES": 0},
            DownloadTimeoutError,
            id="dripping-body",
        ),
        pytest.param(
            Answer(b"x" * 5_000, drip=0.0),
            {"DOWNLOAD_MAXSIZE": 100_000},
            DownloadCancelledError,
            id="endless-body",
        ),
        pytest.param(
            Answer("x", headers={"X-Long": "y" * 70_000}), {"RETRY_TIMES": 0}, DownloadFailedError, id="header"
        ),
        pytest.param(
            Answer("x", headers={f"X-{number}": "y" * 8_000 for number in range(99)}),
            {"RETRY_TIMES": 0},
            DownloadFailedError,
            id="headers",
        ),
        pytest.param(
            Answer("x", headers={f"X-{number}": "y" for number in range(250)}),
            {"RETRY_TIMES": 0},
            DownloadFailedError,
            id="many-headers",
        ),
        pytest.param(Answer(reset=True), {"RETRY_TIMES": 0}, DownloadFailedError, id="reset"),
        pytest.param(
            Answer("short", headers={"Content-Length": "500", "Connection": "close"}),
            {"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 2},
            Exception,
            id="cut-short",
        ),
    ],
)
def test_too_much_ends_one_request(
    web: Web, crawl: Crawl, answer: Answer, settings: dict[str, Any], error: type[Exception]
) -> None:
    web.pages |= {"site.example/team": answer, "site.example/next": "people"}
    outcome = crawl(PAGE, NEXT, **settings)
    assert outcome.urls == [NEXT]
    assert [type(failure) for failure in outcome.failures if isinstance(failure, error)] != []


def test_redirects_end(web: Web, crawl: Crawl) -> None:
    web.pages["site.example/team"] = lambda visit: Answer(status=302, headers={"Location": f"{visit.path}"})
    web.pages["site.example/next"] = "people"
    outcome = crawl(PAGE, NEXT)
    assert outcome.urls == [NEXT]
    assert web.paths().count("/team") == 6  # the page and five redirects
    assert "max redirections" in str(outcome.failures[0])


@pytest.mark.parametrize("count", [1, 150])
def test_as_many_headers_as_servers_send_are_read(web: Web, crawl: Crawl, count: int) -> None:
    body = "line\n\r\n" * 5_000  # the lines of the body are no headers
    web.pages["site.example/team"] = Answer(body, headers={f"X-{number}": "y" for number in range(count)})
    outcome = crawl(PAGE, RETRY_TIMES=0)
    assert [response.text for response in outcome.responses] == [body]
