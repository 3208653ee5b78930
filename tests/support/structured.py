"""A site of invented people for measuring crawls, served from a process of its own so that its CPU counts nowhere."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from tests.support.filled import word

#: People of one page.
PEOPLE = 10
#: Pages of one firm, which has a host of its own, unless said otherwise.
FIRM = 4
_GIVEN = (
    "Jane", "Robert", "Ines", "Lars", "Tess", "Otto", "Mila", "Hugo", "Vera", "Sven", "Nora", "Karl", "Anna", "Peter",
    "Laura", "Simon", "Clara", "Martin", "Julia", "Thomas", "Emma", "Daniel", "Sophie", "Philip", "Helen", "Marcus",
    "Eva", "Oscar", "Alice", "Victor", "Irene", "Felix", "Maria", "Adam", "Linda", "Paul", "Ruth", "George", "Diana",
)  # fmt: skip
_SYLLABLES = ("ba", "der", "kel", "mor", "sten", "vig", "lund", "ro")
_TITLES = ("Director", "Head of Sales", "Engineer", "Press Officer", "Controller", "Counsel")
_BALANCING = """---
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


def path(page: int, people: int = PEOPLE, firm: int = FIRM) -> str:
    """Return the path of a page with so many people, of a firm with so many pages."""
    return f"/team/{people}/{firm}/{page}"


def url(page: int, people: int = PEOPLE, firm: int = FIRM) -> str:
    """Return the address of a page at its firm's host."""
    return f"http://www.firm{page // firm}.example{path(page, people, firm)}"


def body(page: int, count: int = PEOPLE, pages: int = FIRM) -> bytes:
    """Return a page as a content management system lays it out: JSON-LD in its head, the same people as cards."""
    people = list(_people(page, count, pages))
    firm = f"{word(page // pages * 37, _SYLLABLES)} Holding NV"
    described = json.dumps({
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Person", "name": name, "jobTitle": title, "email": mail, "telephone": number,
             "worksFor": {"@type": "Organization", "name": firm}}
            for name, title, mail, number in people
        ],
    })  # fmt: skip
    cards = "".join(
        f'<li class="card"><h3 class="name">{name}</h3><p class="title">{title}</p>'
        f'<a class="mail" href="mailto:{mail}">{mail}</a> <a class="tel" href="tel:{number}">{number}</a></li>\n'
        for name, title, mail, number in people
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>Team | {firm}</title>'
        f'<script type="application/ld+json">{described}</script></head><body>'
        f'<header><a href="/">{firm}</a><nav><ul><li><a href="/products">Products</a></li>'
        f'<li><a href="/about">About</a></li><li><a href="/contact">Contact</a></li></ul></nav></header>'
        f"<main><h1>Our team</h1><p>These are the people you will meet at {firm}.</p>"
        f'<ul class="team">{cards}</ul></main>'
        f"<footer><p>{firm}, 12 Example Street</p></footer></body></html>"
    ).encode()


def _people(page: int, count: int, pages: int) -> Iterator[tuple[str, str, str, str]]:
    for place in range(count):
        number = page * count + place
        given, family = _GIVEN[number % len(_GIVEN)], word(number * 1237 + 5, _SYLLABLES)
        mail = f"{given}.{family}.{number}@firm{page // pages}.example".lower()
        yield (
            f"{given} {family}",
            _TITLES[number % len(_TITLES)],
            mail,
            f"+1{201 + number // 100 % 700}555{100 + number % 100:04}",
        )


@contextmanager
def served() -> Iterator[int]:
    """Serve every page of the site on a loopback port for as long as the block runs; yields the port."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection) -> None:
    asyncio.run(_run(pipe))


async def _run(pipe: Connection) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


async def _head(reader: asyncio.StreamReader) -> bytes | None:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None  # the crawl is done with this connection


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while (head := await _head(reader)) is not None:
        asked = head.split(b" ", 2)[1].decode()
        if asked.startswith("/team/"):
            people, firm, page = map(int, asked.split("/")[2:5])
            content, status = body(page, people, firm), "200 OK"
        else:
            content, status = b"", "404 Not Found"
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
        )
        writer.write(content)
        with suppress(ConnectionError):  # the crawl may be done with it by now
            await writer.drain()


def register(folder: Path, pages: int, people: int = PEOPLE, firm: int = FIRM) -> Path:
    """Write a source register with the pages as start URLs, as a sitemap would list them; returns its path."""
    (folder / "balancing.md").write_text(_BALANCING, "utf-8")
    addresses = json.dumps([url(page, people, firm) for page in range(pages)])
    file = folder / "sources.toml"
    file.write_text(
        '[[source]]\nid = "bench"\nkind = "company-site"\npublisher = "Bench NV"\nspider = "company_site"\n'
        'purpose = "directory"\nlegal_basis = "legitimate-interest"\nbalancing_test = "balancing.md"\n'
        f'retention_days = 30\ncountry = "US"\nlanguage = "en"\nstart_urls = {addresses}\n'
        f"budget = {{ pages = {2 * pages}, depth = 0, seconds = 3600 }}\n",
        "utf-8",
    )
    return file
