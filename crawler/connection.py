"""Connecting: the one place where bytes leave for a host, guarded by `crawler.network` and the site-rights gate.

The stock handler leaves the look-up of a name to Twisted's endpoint. Ours looks it up itself, checks every address that
came back, and connects to exactly those: there is no second look-up that could answer otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _ScrapyAgent,
)
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector
from scrapy.utils._download_handlers import normalize_bind_address, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.interfaces import (
    IAddress,
    IHostResolution,
    IProtocol,
    IProtocolFactory,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.web._newclient import HEADER, STATUS, HTTP11ClientProtocol
from twisted.web.client import URI, Agent
from twisted.web.iweb import IAgentEndpointFactory, IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.extensions.stopping import Stopping
from crawler.middlewares.gate import SiteRights
from crawler.network import Targets, host_of
from crawler.parts import stats_of
from crawler.refusal import refuse

if TYPE_CHECKING:
    from twisted.internet.base import ReactorBase

#: Bytes of status line and headers of one response; what arrives with them of the body counts too.
MAX_HEADER_BYTES = 256 * 1024
#: Headers of one response: common servers send and take about a hundred at most.
MAX_HEADERS = 200
#: Seconds for which a connection that nobody uses stays open; Twisted's are 240. A host that is being read is asked
#: every few seconds; each that had been left held a socket and some 30 kB, 1,750 of them in a crawl of small sites.
KEPT_IDLE = 30
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


def targets(crawler: Crawler) -> Targets:
    """Return what the settings say about hosts that are not public."""
    return Targets.from_settings(
        crawler.settings.getlist("CARDFILE_ALLOWED_PRIVATE_HOSTS"), crawler.settings.getdict("CARDFILE_HOSTS")
    )


@implementer(IResolutionReceiver)
class _Answers:
    """Collects what the resolver says about one name."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.done: Deferred[list[str]] = Deferred()

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:  # noqa: N802, N803 - Twisted's interface
        """Nothing to prepare."""

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802 - Twisted's interface
        self.found.append(str(address.host))

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's interface
        self.done.callback(self.found)


@dataclass(frozen=True)
class _Ground:
    """What every connection of a crawl stands on. `timeout` is in seconds."""

    reactor: ReactorBase
    known: Targets
    stats: StatsCollector
    timeout: float
    bind_address: tuple[str, int] | None = None


@implementer(IStreamClientEndpoint)
class GuardedEndpoint:
    """An endpoint that resolves a host, checks what came back, and connects to that and nothing else.

    If any address of a name is not public, the name is refused as a whole: honest names do not mix both.
    """

    def __init__(self, ground: _Ground, host: str, port: int) -> None:
        self._ground = ground
        self._host = host.lower().rstrip(".")
        self._port = port

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:  # noqa: N803 - Twisted's interface
        """Return a Deferred that fires with the connected protocol, or fails with Refused or a ConnectError."""
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: IProtocolFactory) -> IProtocol:
        failure: ConnectError | None = None
        for address, port in await self._endpoints():
            kind = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
            endpoint = kind(self._ground.reactor, address, port, self._ground.timeout, self._ground.bind_address)
            try:
                return cast("IProtocol", await endpoint.connect(factory))
            except ConnectError as error:
                failure = error
        raise failure or DNSLookupError("the name has no address")

    async def _endpoints(self) -> list[tuple[str, int]]:
        known = self._ground.known
        mapped = known.endpoint(self._host)
        addresses = [mapped[0]] if mapped else await self._resolve()
        for address in addresses:
            if kind := known.refusal(self._host, address):
                raise refuse(
                    self._ground.stats,
                    "private",
                    self._host,
                    f"leads to a {kind} address; if that is wanted, name the host in CARDFILE_ALLOWED_PRIVATE_HOSTS",
                )
        return [(address, mapped[1] if mapped else self._port) for address in addresses]

    async def _resolve(self) -> Sequence[str]:
        try:
            return [str(ip_address(self._host))]
        except ValueError:
            answers = _Answers()
            resolver = cast("Any", self._ground.reactor.nameResolver)  # its stub counts `self` as an argument
            resolver.resolveHostName(answers, self._host, self._port)
            found = await answers.done
            return sorted(dict.fromkeys(found), key=lambda address: ":" in address)  # IPv4 first, as Scrapy does


@implementer(IAgentEndpointFactory)
class _Endpoints:
    def __init__(self, ground: _Ground, tls: IPolicyForHTTPS) -> None:
        self._ground = ground
        self._tls = tls

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:  # noqa: N802 - Twisted's interface
        endpoint = cast(
            "IStreamClientEndpoint", GuardedEndpoint(self._ground, uri.host.decode("ascii").strip("[]"), uri.port)
        )
        if uri.scheme == b"https":
            connection = self._tls.creatorForNetloc(uri.host, uri.port)  # type: ignore[call-arg,misc]
            return wrapClientTLS(connection, endpoint)
        return endpoint


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """HTTP/1.1 that hangs up on headers without end: a line is bounded by Twisted, their number by nobody."""

    _received = 0
    _lines = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's interface
        reads_headers = self._parser is not None and self._parser.state in {STATUS, HEADER}
        self._received = self._received + len(data) if reads_headers else 0
        self._lines = self._lines + _END_OF_HEADERS.split(data, 1)[0].count(b"\n") if reads_headers else 0
        if self._received > MAX_HEADER_BYTES or self._lines > MAX_HEADERS:
            cast("Any", self.transport).abortConnection()
        else:
            super().dataReceived(data)  # type: ignore[no-untyped-call]


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: N802 - Twisted's interface
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class _GuardedAgent(_ScrapyAgent):
    """Scrapy's agent, connecting through guarded endpoints only."""

    def __init__(self, handler: GuardedDownloadHandler) -> None:
        super().__init__(
            contextFactory=handler._contextFactory,
            bindAddress=handler._bind_address,
            pool=handler._pool,
            maxsize=handler._default_maxsize,
            warnsize=handler._default_warnsize,
            fail_on_dataloss=handler._fail_on_dataloss,
            crawler=handler._crawler,
        )
        self._known = handler.known

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install one

        bind_address = normalize_bind_address(self._bindAddress)
        ground = _Ground(cast("ReactorBase", reactor), self._known, stats_of(self._crawler), timeout, bind_address)
        endpoints = _Endpoints(ground, self._contextFactory)
        return Agent.usingEndpointFactory(reactor, endpoints, pool=self._pool)  # type: ignore[no-untyped-call,no-any-return]


class GuardedDownloadHandler(HTTP11DownloadHandler):
    """The download handler for http and https.

    Every request needs a pass of the site-rights gate. Without that middleware no request has one, so taking it out of
    the settings stops a crawl instead of freeing it. A proxy is refused: it would connect where nobody checks.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory
        self._pool.cachedConnectionTimeout = KEPT_IDLE
        self.known = targets(crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch a request that the gate let through; raises Refused for any other, before a connection is made."""
        gate = self._crawler.get_downloader_middleware(SiteRights)
        host = host_of(request.url)
        if gate is None or not gate.passed(request):
            raise refuse(stats_of(self._crawler), "no-pass", host, "no pass of the site-rights gate")
        if request.meta.get("proxy"):
            raise refuse(stats_of(self._crawler), "proxy", host, "proxies are not used")
        stopping = self._crawler.get_extension(Stopping)
        exchange = self._exchange(gate, host, request)
        return await (stopping.unless(exchange) if stopping else exchange)

    async def _exchange(self, gate: SiteRights, host: str, request: Request) -> Response:
        async with gate.hosts.connected(host):
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(_GuardedAgent(self).download_request(request))
