"""What a folder of sites answers, by table."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.demo.sites import Sites
from pipelines.errors import UsageError

FILES = {
    "one.example/index.html": "<h1>One</h1>",
    "one.example/team.html": "<h1>Team</h1>",
    "one.example/sub/index.html": "<h1>Sub</h1>",
    "one.example/feed.rss": "<rss/>",
    "one.example/card.vcf": "BEGIN:VCARD",
    "one.example/.hidden.html": "no",
    "one.example/_headers": "/team*\n  X-Robots-Tag: noindex\n\n/sub/\n  :status: 503\n  Retry-After: 60\n",
    "two.example/robots.txt": "User-agent: *",
    "notes/read.md": "not a site",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "sites"
    for name, text in FILES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (tmp_path / "secret.html").write_text("outside", "utf-8")
    return root


@pytest.fixture
def sites(folder: Path) -> Sites:
    return Sites.in_folder(folder)


def test_hosts_are_the_folders_that_hold_a_site(sites: Sites) -> None:
    assert set(sites.hosts) == {"one.example", "two.example"}


@pytest.mark.parametrize(
    ("host", "path", "status", "header"),
    [
        ("one.example", "/", 200, ("Content-Type", "text/html")),
        ("ONE.example:8080", "/?q=1", 200, ("Content-Type", "text/html")),
        ("www.one.example", "/team", 200, ("X-Robots-Tag", "noindex")),
        ("one.example", "/team", 200, ("X-Robots-Tag", "noindex")),
        ("one.example", "/team.html", 200, ("X-Robots-Tag", "noindex")),
        ("one.example", "/te%61m", 200, ("X-Robots-Tag", "noindex")),
        ("one.example", "/sub", 301, ("Location", "/sub/")),
        ("one.example", "/sub/", 503, ("Retry-After", "60")),
        ("one.example", "/feed.rss", 200, ("Content-Type", "application/rss+xml")),
        ("one.example", "/card.vcf", 200, ("Content-Type", "text/vcard; charset=utf-8")),
        ("two.example", "/robots.txt", 200, ("Content-Type", "text/plain; charset=utf-8")),
        ("two.example", "/", 404, None),
        ("one.example", "/none", 404, None),
        ("one.example", "/_headers", 404, None),
        ("one.example", "/.hidden.html", 404, None),
        ("one.example", "/../../secret.html", 404, None),
        ("one.example", "/%2e%2e/%2e%2e/secret", 404, None),
        ("one.example", "/%00", 404, None),
        ("other.example", "/", 421, None),
        ("", "/", 421, None),
    ],
)
def test_a_request_is_answered(sites: Sites, host: str, path: str, status: int, header: tuple[str, str] | None) -> None:
    reply = sites.reply(host, path, {})
    assert reply.status == status
    if header:
        assert reply.headers[header[0]] == header[1]


@pytest.mark.parametrize("validator", ["etag", "weak", "list", "any", "date"])
def test_an_unchanged_page_is_not_sent_again(sites: Sites, validator: str) -> None:
    fresh = sites.reply("one.example", "/", {})
    etag = fresh.headers["ETag"]
    asked = {
        "etag": {"If-None-Match": etag},
        "weak": {"If-None-Match": f"W/{etag}"},
        "list": {"If-None-Match": f'"x", {etag}'},
        "any": {"If-None-Match": "*"},
        "date": {"If-Modified-Since": fresh.headers["Last-Modified"]},
    }[validator]
    again = sites.reply("one.example", "/", asked)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize(
    "asked",
    [
        {"If-None-Match": '"other"'},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"},
        {"If-None-Match": '"other"', "If-Modified-Since": "Mon, 01 Jan 2190 00:00:00 GMT"},
    ],
)
def test_a_page_that_the_asker_does_not_hold_is_sent(sites: Sites, asked: dict[str, str]) -> None:
    assert sites.reply("one.example", "/", asked).status == 200


@given(path=st.text(max_size=40))
def test_any_path_gets_an_answer_from_inside_the_site(tmp_path_factory: pytest.TempPathFactory, path: str) -> None:
    root = tmp_path_factory.getbasetemp() / "any"
    (root / "one.example").mkdir(parents=True, exist_ok=True)
    (root / "one.example" / "index.html").write_text("inside", "utf-8")
    (root / "outside.html").write_text("outside", "utf-8")
    reply = Sites.in_folder(root).reply("one.example", f"/{path}", {})
    assert b"outside" not in reply.body
    assert reply.status in {200, 301, 404}


@pytest.mark.parametrize("missing", ["nothing", "empty"])
def test_a_folder_without_sites_is_wrong_usage(tmp_path: Path, missing: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=missing):
        Sites.in_folder(tmp_path / missing)


@pytest.mark.parametrize("text", ["/\n  nonsense\n", "/\n  :status: many\n"])
def test_a_malformed_headers_file_names_its_line(folder: Path, text: str) -> None:
    (folder / "two.example" / "_headers").write_text(text, "utf-8")
    with pytest.raises(UsageError, match="line 2"):
        Sites.in_folder(folder).reply("two.example", "/", {})
