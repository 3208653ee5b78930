"""The server over a real socket."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipelines.demo.server import SiteServer
from pipelines.demo.sites import Sites
from pipelines.errors import UsageError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SiteServer]:
    site = tmp_path / "one.example"
    site.mkdir()
    (site / "index.html").write_text("<h1>One</h1>", "utf-8")
    with SiteServer(Sites.in_folder(tmp_path)) as running:
        yield running


def ask(server: SiteServer, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(server.address, timeout=5)
    try:
        connection.request(method, path, headers={"Host": "one.example", **headers})
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


def test_a_page_is_served_by_host_header(server: SiteServer) -> None:
    status, headers, body = ask(server, "/")
    assert (status, headers["Content-Type"], body) == (200, "text/html", b"<h1>One</h1>")
    assert ask(server, "/", Host="two.example")[0] == 421
    assert server.hits == {("one.example", "/"): 1, ("two.example", "/"): 1}


def test_head_sends_no_body_and_304_no_length(server: SiteServer) -> None:
    status, headers, body = ask(server, "/", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "12", b"")
    status, again, body = ask(server, "/", **{"If-None-Match": headers["ETag"]})
    assert (status, "Content-Length" in again, body) == (304, False, b"")


def test_more_clients_than_places_are_all_served(server: SiteServer) -> None:
    with ThreadPoolExecutor(48) as pool:
        answers = list(pool.map(lambda number: ask(server, f"/?{number}")[0], range(96)))
    assert answers == [200] * 96


def test_leaving_does_not_wait_for_an_idle_connection(tmp_path: Path) -> None:
    (tmp_path / "one.example").mkdir()
    (tmp_path / "one.example" / "index.html").write_text("x", "utf-8")
    with SiteServer(Sites.in_folder(tmp_path)) as server:
        host, _, port = server.address.partition(":")
        idle = socket.create_connection((host, int(port)), timeout=5)
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


def test_a_port_in_use_is_said(server: SiteServer) -> None:
    with pytest.raises(UsageError, match="cannot be used"):
        SiteServer(server.sites, int(server.address.partition(":")[2]))
