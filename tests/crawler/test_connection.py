"""No way inside: no name, number, redirect or resolver that changes its mind reaches a private address."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request
from twisted.internet import address as addresses
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from tests.support import crawling
from tests.support.web import Answer, Web, serve

#: Ways to write loopback and other insides, of which a parser may know only some.
LITERALS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "0",
    "0.0.0.0",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
]


@implementer(IHostnameResolver)
class Resolver:
    """A DNS that answers as told, a list for each look-up in turn, and counts how often it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *args: Any) -> Any:  # noqa: N802, N803
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        receiver.resolutionBegan(self)
        for text in found:
            kind = addresses.IPv6Address if ":" in text else addresses.IPv4Address
            receiver.addressResolved(kind("TCP", text, portNumber))
        receiver.resolutionComplete()
        return self


@pytest.fixture
def resolver(reactor: crawling.Reactor) -> Iterator[Resolver]:
    """Stands in for DNS for as long as a test runs."""
    from twisted.internet import reactor as module

    installed: Any = module
    ours = Resolver([])
    before = installed.installNameResolver(ours)
    yield ours
    installed.installNameResolver(before)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """These hosts are taken for anybody's; nothing of theirs is there to be disturbed."""
    monkeypatch.setattr("crawler.middlewares.hosts.MIN_DELAY", 0.0)


def run(reactor: crawling.Reactor, *requests: str | Request, **settings: Any) -> crawling.Outcome:
    home = {"CARDFILE_HOME": tempfile.mkdtemp(dir=Path.home())}
    return reactor.run(crawling.crawl(requests, {**home, **settings}))


@pytest.mark.parametrize("host", LITERALS)
def test_loopback_cannot_be_reached_however_it_is_written(reactor: crawling.Reactor, host: str) -> None:
    with serve("0.0.0.0") as web:
        outcome = run(reactor, f"http://{host}:{web.port}/")
        assert web.connections == 0
    assert outcome.responses == []
    assert len(outcome.failures) == 1


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param(["127.0.0.1"], id="loopback"),
        pytest.param(["10.0.0.5"], id="private"),
        pytest.param(["169.254.169.254"], id="metadata"),
        pytest.param(["::1"], id="loopback-6"),
        pytest.param(["::ffff:127.0.0.1"], id="mapped"),
        pytest.param(["fd00:ec2::254"], id="metadata-6"),
        pytest.param(["100.100.100.200"], id="metadata-behind-carrier-grade-nat"),
        pytest.param(["192.168.1.1"], id="home"),
        pytest.param(["172.16.0.1"], id="office"),
        pytest.param(["0.0.0.0"], id="this-host"),
        pytest.param(["fe80::1"], id="link-local-6"),
        pytest.param(["fc00::1"], id="unique-local-6"),
        pytest.param(["224.0.0.1"], id="multicast"),
        pytest.param(["64:ff9b::7f00:1"], id="nat64-of-loopback"),
        pytest.param(["64:ff9b::a9fe:a9fe"], id="nat64-of-metadata"),
        pytest.param(["64:ff9b:1::7f00:1"], id="local-nat64"),
        pytest.param(["2002:7f00:1::1"], id="6to4-of-loopback"),
        pytest.param(["2001:0:7f00:1::"], id="teredo"),
        pytest.param(["::7f00:1"], id="compatible"),
        pytest.param(["93.184.216.34", "127.0.0.1"], id="public-and-loopback"),
        pytest.param(["2606:2800:220:1::1", "::1"], id="public-and-loopback-6"),
    ],
)
def test_a_name_that_leads_inside_is_refused(
    reactor: crawling.Reactor, resolver: Resolver, web: Web, answers: list[str]
) -> None:
    resolver.answers = [answers]
    outcome = run(reactor, f"http://innocent.example:{web.port}/")
    assert web.connections == 0
    assert outcome.stats["cardfile/rights/private"] == 1
    assert "CARDFILE_ALLOWED_PRIVATE_HOSTS" in str(outcome.failures[0])


def test_a_name_that_turns_inside_after_its_robots_txt_is_refused(
    reactor: crawling.Reactor, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: the address that is checked is the one that is connected to, at each connection anew."""
    # 127.0.0.2 stands for a public address: a test may connect to no other.
    monkeypatch.setattr("crawler.network.address_refusal", lambda text: "" if text == "127.0.0.2" else "loopback")
    resolver.answers = [["127.0.0.2"], ["127.0.0.2"], ["127.0.0.1"]]
    with serve("127.0.0.2") as front:
        host = f"rebind.example:{front.port}"
        gone = Answer(status=404, headers={"Connection": "close"})
        front.pages = {f"{host}/robots.txt": gone, f"{host}/.well-known/tdmrep.json": gone, f"{host}/": "page"}
        outcome = run(reactor, f"http://{host}/")
        assert [visit.path for visit in front.visits] == ["/robots.txt", "/.well-known/tdmrep.json"]
    assert outcome.stats["cardfile/rights/private"] == 1
    assert resolver.asked == 3


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:{port}/", "http://2130706433:{port}/", "http://inside.test:{port}/", "file:///etc/hostname"],
)
def test_a_redirect_does_not_lead_inside(reactor: crawling.Reactor, web: Web, target: str) -> None:
    with serve() as inside:
        location = target.format(port=inside.port)
        web.pages["site.example/"] = Answer(status=302, headers={"Location": location})
        mapped = {
            "CARDFILE_ALLOWED_PRIVATE_HOSTS": ["site.example"],
            "CARDFILE_HOSTS": {"site.example": f"127.0.0.1:{web.port}", "inside.test": f"127.0.0.1:{inside.port}"},
        }
        outcome = run(reactor, "http://site.example/", **mapped)
        assert inside.connections == 0
    assert web.paths() == ["/"]
    assert not [response for response in outcome.responses if response.status == 200]


def test_a_mapping_alone_does_not_open_a_host(reactor: crawling.Reactor, web: Web) -> None:
    outcome = run(reactor, "http://site.example/", CARDFILE_HOSTS={"site.example": f"127.0.0.1:{web.port}"})
    assert web.connections == 0
    assert outcome.stats["cardfile/rights/private"] == 1


def test_a_named_host_may_be_private(reactor: crawling.Reactor, web: Web) -> None:
    web.pages[f"127.0.0.1:{web.port}/"] = "mine"
    outcome = run(reactor, f"http://127.0.0.1:{web.port}/", CARDFILE_ALLOWED_PRIVATE_HOSTS=["127.0.0.1"])
    assert [response.text for response in outcome.responses] == ["mine"]


def test_the_resolver_double_is_a_resolver() -> None:
    assert IHostnameResolver.implementedBy(Resolver)
    assert IResolutionReceiver is not None
