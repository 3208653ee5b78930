"""A small web on loopback that remembers who asked for what, and when."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What a page answers.

    `reset` drops the connection instead, `hang` waits that many seconds first, `drip` sends the body again and again,
    so many seconds apart, until nobody listens.
    """

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/html; charset=utf-8"
    reset: bool = False
    hang: float = 0.0
    drip: float | None = None


@dataclass(frozen=True)
class Visit:
    """One request as the server saw it; `at` is monotonic, in seconds."""

    host: str
    path: str
    headers: Mapping[str, str]
    at: float
    method: str = "GET"


Page = Answer | bytes | str | Callable[[Visit], Answer]


class Web:
    """Pages by URL without the scheme (`name.example/path`); what is not there answers 404."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, Page] = {}
        self.visits: list[Visit] = []
        self.most_at_once = 0
        self.connections = 0
        self.closing = threading.Event()
        self._active = 0
        self._lock = threading.Lock()

    def paths(self, host: str = "") -> list[str]:
        """What was asked for, without the rules that every crawl asks for first."""
        asked = [visit for visit in self.visits if not host or visit.host == host]
        return [visit.path for visit in asked if visit.path not in {"/robots.txt", "/.well-known/tdmrep.json"}]

    def gaps(self, host: str) -> list[float]:
        """The seconds between the requests to a host."""
        times = [visit.at for visit in self.visits if visit.host == host]
        return [later - earlier for earlier, later in pairwise(times)]

    @contextmanager
    def visit(self, visit: Visit) -> Iterator[Answer]:
        with self._lock:
            self.visits.append(visit)
            self._active += 1
            self.most_at_once = max(self.most_at_once, self._active)
        page = self.pages.get(visit.host + visit.path, Answer("not found", 404))
        answer = page(visit) if callable(page) else page if isinstance(page, Answer) else Answer(page)
        try:
            yield answer
        finally:
            with self._lock:
                self._active -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    web: Web

    def do_GET(self) -> None:
        visit = Visit(self.headers.get("Host", ""), self.path, dict(self.headers), time.monotonic(), self.command)
        with self.web.visit(visit) as answer:
            if answer.hang:
                self.web.closing.wait(answer.hang)
            if answer.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                return
            self._answer(answer)

    do_POST = do_HEAD = do_GET  # noqa: N815 - names of http.server

    def _answer(self, answer: Answer) -> None:
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        self.send_response(answer.status)
        length = {"Content-Length": str(len(body))} if answer.drip is None else {"Connection": "close"}
        for name, value in {"Content-Type": answer.content_type, **length}.items():
            if name not in answer.headers:
                self.send_header(name, value)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.status != 304 and self.command != "HEAD":
            self.wfile.write(body)
        while answer.drip is not None and not self.web.closing.wait(answer.drip):
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in http.server
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    web: Web

    def get_request(self) -> tuple[socket.socket, Any]:
        self.web.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of what is tested."""


@contextmanager
def serve(address: str = "127.0.0.1", certificate: Path | None = None) -> Iterator[Web]:
    """Serve a web on a free port of a loopback address for as long as the block runs.

    With a `certificate` (a PEM file with its key) it speaks HTTPS.
    """
    handler = type("Handler", (_Handler,), {})
    server = _Server((address, 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    web = Web(server.server_address[1])
    handler.web = server.web = web  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        web.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
