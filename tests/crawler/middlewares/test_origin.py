"""The rules of an origin are fetched once, kept for a day, and asked for again with back-off."""

from __future__ import annotations

import asyncio

import pytest
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response

from crawler.middlewares.origin import BACK_OFF, KEEP, LONGEST_BACK_OFF, Origins
from crawler.refusal import Refused

ORIGIN = "http://site.example"


class Site:
    """Answers by path, counts what is asked, and keeps the time."""

    def __init__(self, **answers: Response | Exception) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.heard: list[tuple[str, float]] = []
        self.now = 0.0
        self.origins = Origins(self.fetch, lambda host, delay: self.heard.append((host, delay)), lambda: self.now)

    async def fetch(self, url: str) -> Response:
        name = "tdm" if url.endswith("tdmrep.json") else "robots"
        self.asked.append(name)
        await asyncio.sleep(0)
        answer = self.answers.get(name, Response(url, status=404))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def allowed(self, path: str = "/") -> bool:
        rules = await self.origins.rules(ORIGIN)
        return rules.robots.verdict(ORIGIN + path).allowed and not rules.reservations.signal(ORIGIN + path)


def answer(body: str = "", status: int = 200) -> Response:
    return Response(ORIGIN, status=status, body=body.encode())


def test_all_who_ask_at_once_share_one_fetch() -> None:
    site = Site(robots=answer("User-agent: *\nCrawl-delay: 4"))

    async def ask() -> list[bool]:
        return await asyncio.gather(*(site.allowed() for _ in range(5)))

    assert asyncio.run(ask()) == [True] * 5
    assert site.asked == ["robots", "tdm"]
    assert site.heard == [("site.example", 4.0)]


def test_rules_are_kept_for_a_day() -> None:
    site = Site(robots=answer("User-agent: *\nDisallow: /a"))

    async def ask() -> None:
        assert not await site.allowed("/a")
        site.now = KEEP - 1
        assert not await site.allowed("/a")
        assert site.asked.count("robots") == 1
        site.now = KEEP
        site.answers["robots"] = answer()
        assert await site.allowed("/a")
        assert site.asked.count("robots") == 2

    asyncio.run(ask())


def test_an_unreachable_file_is_asked_for_again_later_and_later() -> None:
    site = Site(robots=DownloadTimeoutError("no answer"))

    async def ask() -> None:
        for failures in range(9):
            assert not await site.allowed()
            assert site.asked.count("robots") == failures + 1
            wait = min(BACK_OFF * 2**failures, LONGEST_BACK_OFF)
            site.now += wait - 1
            assert not await site.allowed()
            assert site.asked.count("robots") == failures + 1
            site.now += 1
        site.answers["robots"] = answer()
        assert await site.allowed()

    asyncio.run(ask())


def test_a_refused_target_is_refused_for_all() -> None:
    site = Site(robots=Refused("private", "site.example", "leads to a loopback address"))

    async def ask() -> None:
        for _ in range(3):
            with pytest.raises(Refused, match="loopback"):
                await site.origins.rules(ORIGIN)

    asyncio.run(ask())
    assert site.asked == ["robots"]


RESERVED = '[{"location": "/", "tdm-reservation": 1}]'


@pytest.mark.parametrize(
    ("tdm", "path", "allowed"),
    [
        pytest.param(answer(RESERVED), "/team", False, id="all"),
        pytest.param(answer('[{"location": "/press/*", "tdm-reservation": 1}]'), "/team", True, id="another-part"),
        pytest.param(answer('[{"location": "/press/*", "tdm-reservation": 1}]'), "/press/a", False, id="this-part"),
        pytest.param(
            answer('[{"location": "/", "tdm-reservation": 1}, {"location": "/open", "tdm-reservation": 0}]'),
            "/open/a",
            True,
            id="longest-location",
        ),
        pytest.param(answer('[{"location": "team", "tdm-reservation": "1"}]'), "/team", False, id="relative-and-text"),
        pytest.param(answer('[{"location": "/a\\nAllow: /", "tdm-reservation": 1}]'), "/b", True, id="a-line-break"),
        pytest.param(answer("[]"), "/team", True, id="empty"),
        pytest.param(answer('{"tdm-reservation": 1}'), "/team", True, id="no-list"),
        pytest.param(answer('[1, {"location": "/"}]'), "/team", True, id="no-reservation"),
        pytest.param(answer("<html>Not found</html>"), "/team", True, id="a-page-instead"),
        pytest.param(answer("[" * 100_000), "/team", True, id="deep"),
        pytest.param(answer(status=404), "/team", True, id="404"),
        pytest.param(answer(status=429), "/team", False, id="429"),
        pytest.param(answer(status=500), "/team", False, id="500"),
        pytest.param(DownloadTimeoutError("no answer"), "/team", False, id="timeout"),
    ],
)
def test_a_reservation_of_mining_is_a_refusal(tdm: Response | Exception, path: str, allowed: bool) -> None:
    assert asyncio.run(Site(tdm=tdm).allowed(path)) is allowed


def test_a_forbidden_tdmrep_is_not_fetched() -> None:
    site = Site(robots=answer("User-agent: *\nDisallow: /.well-known/"), tdm=answer(RESERVED))
    assert asyncio.run(site.allowed())
    assert site.asked == ["robots"]
