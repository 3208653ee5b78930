"""A web server for a folder of sites, on loopback only.

Any free port will do: the crawler maps host names to it (`CARDFILE_HOSTS`), so URLs stay as they are on the pages.
"""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import BoundedSemaphore, Lock, Thread
from types import TracebackType
from typing import Any, Self

from pipelines.demo.sites import Reply, Sites
from pipelines.errors import UsageError

#: More connections at once than a polite crawler and its browser open; further ones wait.
_CONNECTIONS = 32
#: Seconds after which a silent connection is closed.
_PATIENCE = 10


class SiteServer:
    """Serves sites from entering the block until leaving it; `address` is `127.0.0.1:PORT`.

    `hits` counts the requests by host and path, so that a test can prove what was not asked for.
    """

    def __init__(self, sites: Sites, port: int = 0) -> None:
        self.sites = sites
        self.hits: Counter[tuple[str, str]] = Counter()
        try:
            self._server = _Server(self, port)
        except OSError as error:
            raise UsageError(f"Port {port} on 127.0.0.1 cannot be used ({error.strerror}); name another.") from None
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="demo-sites", daemon=True)

    @property
    def address(self) -> str:
        """The server's address and port, as CARDFILE_HOSTS wants it."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # an idle kept-alive connection must not hold up the end

    def __init__(self, owner: SiteServer, port: int) -> None:
        self.owner = owner
        self.lock = Lock()
        self._free = BoundedSemaphore(_CONNECTIONS)
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        self._free.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        """Stay quiet: a client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sites"
    sys_version = ""
    timeout = _PATIENCE
    server: _Server

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        host, owner = self.headers.get("Host", ""), self.server.owner
        with self.server.lock:
            owner.hits[host.partition(":")[0].lower(), self.path] += 1
        self._send(owner.sites.reply(host, self.path, dict(self.headers)), with_body=with_body)

    def _send(self, reply: Reply, *, with_body: bool) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by http.server
        """Stay quiet: what was asked for is in `hits`."""
