"""robots.txt by table: RFC 9309, and which line decided."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from crawler.middlewares.robots import MAX_BYTES, Robots, read

URL = "http://site.example/robots.txt"


def robots(text: str) -> Robots:
    return read(URL, 200, text.encode())


@pytest.mark.parametrize(
    ("status", "body", "content_type", "unreachable"),
    [
        (200, b"", "", ""),
        (204, b"", "", ""),
        (301, b"", "", "status 301"),
        (206, b"User-agent: *", "", "status 206"),
        (400, b"", "", ""),
        (401, b"", "", ""),
        (403, b"", "", ""),
        (404, b"", "", ""),
        (408, b"", "", "status 408"),
        (410, b"", "", ""),
        (425, b"", "", "status 425"),
        (429, b"", "", "status 429"),
        (451, b"", "", ""),
        (500, b"", "", "status 500"),
        (503, b"", "", "status 503"),
        (599, b"", "", "status 599"),
        (200, b"#" * MAX_BYTES, "", ""),
        (200, b"#" * (MAX_BYTES + 1), "", "too long"),
        (200, b"# caf\xe9", "text/plain", "undecodable"),
        (200, b"# caf\xe9", "text/plain; charset=iso-8859-1", ""),
        (200, b"# caf\xe9", "text/plain; charset=klingon", "undecodable"),
        (200, "User-agent: *".encode("utf-16"), "", "undecodable"),
        (200, b"User-agent: *\x00", "", "undecodable"),
    ],
)
def test_a_status_and_a_body_mean(status: int, body: bytes, content_type: str, unreachable: str) -> None:
    found = read(URL, status, body, content_type)
    assert found.unreachable == unreachable
    assert found.verdict("http://site.example/a").allowed is (not unreachable)
    assert found.digest == (sha256(body).hexdigest() if 200 <= status < 300 and not unreachable else "")


@pytest.mark.parametrize(
    ("text", "path", "allowed", "rule"),
    [
        pytest.param("User-agent: *\nDisallow: /a", "/a/b", False, "line 2: Disallow: /a", id="prefix"),
        pytest.param("User-agent: *\nDisallow: /a", "/A", True, "no rule applies", id="case"),
        pytest.param("User-agent: *\nDisallow: /a$", "/a/b", True, "no rule applies", id="end"),
        pytest.param("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False, "line 2: Disallow: /*.pdf$", id="wildcard"),
        pytest.param("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True, "line 3: Allow: /a", id="tie-allows"),
        pytest.param("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b", False, "line 3: Disallow: /a/b", id="longer"),
        pytest.param("User-agent: CardFile\nDisallow: /", "/", False, "line 2: Disallow: /", id="case-of-names"),
        pytest.param("User-agent: Cardfile/2.0\nDisallow: /", "/", False, "line 2: Disallow: /", id="with-version"),
        pytest.param("User-agent: card\nDisallow: /", "/", True, "no rule applies", id="a-part-of-our-name"),
        pytest.param(
            "User-agent: c\nAllow: /\n\nUser-agent: *\nDisallow: /", "/", False, "line 5: Disallow: /", id="c"
        ),
        pytest.param(
            "User-agent: a\nUser-agent: cardfile\nDisallow: /", "/", False, "line 3: Disallow: /", id="shared"
        ),
        pytest.param(
            "User-agent: cardfile\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: cardfile\nDisallow: /b",
            "/b",
            False,
            "line 8: Disallow: /b",
            id="groups-are-joined",
        ),
        pytest.param(
            "User-agent: cardfile\nSitemap: http://site.example/s.xml\nUser-agent: x\nDisallow: /",
            "/",
            False,
            "line 4: Disallow: /",
            id="a-sitemap-ends-no-list-of-agents",
        ),
        # RFC 9309, 2.1 and 2.2.4: a group is user-agent lines followed by rules, and other records end none. The
        # reference parser (google/robotstxt) reads these three as we do.
        pytest.param(
            "User-agent: *\nCrawl-delay: 10\n\nUser-agent: other\nDisallow: /",
            "/",
            False,
            "line 5: Disallow: /",
            id="a-crawl-delay-ends-no-list-of-agents",
        ),
        pytest.param(
            "User-agent: *\nCrawl-delay: 10\nAllow: /\n\nUser-agent: other\nDisallow: /",
            "/",
            True,
            "line 3: Allow: /",
            id="a-rule-does",
        ),
        pytest.param(
            "User-agent: *\nDisallow: /\n\nUser-agent: cardfile\nCrawl-delay: 10",
            "/",
            True,
            "no rule applies",
            id="the-last-group-may-have-no-rules",
        ),
        pytest.param("Disallow: /", "/", True, "no rule applies", id="a-rule-without-a-group"),
        pytest.param("\ufeffUser-agent: *\r\nDisallow: /a\r", "/a", False, "line 2: Disallow: /a", id="bom-and-crlf"),
        pytest.param("User-agent: * # all\nDisallow: /a # no", "/a", False, "line 2: Disallow: /a", id="comments"),
        pytest.param("useragent *\ndissallow /a", "/a", False, "line 2: dissallow /a", id="misspelt"),
        pytest.param(
            "User-agent: *\nDisallow: /caf%C3%A9", "/café", False, "line 2: Disallow: /caf%C3%A9", id="escaped"
        ),
        pytest.param("User-agent: *\nDisallow: /robots.txt", "/robots.txt", True, "no rule applies", id="itself"),
    ],
)
def test_a_rule_decides(text: str, path: str, allowed: bool, rule: str) -> None:
    verdict = robots(text).verdict(f"http://site.example{path}")
    assert (verdict.allowed, verdict.rule) == (allowed, rule)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10.0),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nCrawl-delay: soon", 0.0),
        ("User-agent: *\nCrawl-delay: -4", 0.0),
        ("User-agent: *\nRequest-rate: 1/20", 20.0),
        ("User-agent: *\nRequest-rate: 2/1m", 30.0),
        ("User-agent: *\nCrawl-delay: 5\nRequest-rate: 1/20", 20.0),
        ("User-agent: other\nCrawl-delay: 10\n\nUser-agent: *\nDisallow:", 0.0),
        ("User-agent: cardfile\nDisallow:\nCrawl-delay: 3\n\nUser-agent: *\nCrawl-delay: 9", 3.0),
        # RFC 9309, 2.2.4: Crawl-delay is no rule of the standard and ends no list of agents, so both are one group.
        ("User-agent: cardfile\nCrawl-delay: 3\n\nUser-agent: *\nDisallow: /x\nCrawl-delay: 9", 9.0),
        ("User-agent: *\nDisallow: /x\n\nUser-agent: cardfile\nCrawl-delay: 7", 7.0),
        ("User-agent: *\nCrawl-delay: 5\n\nUser-agent: other\nDisallow: /", 5.0),
        ("", 0.0),
    ],
)
def test_a_host_may_ask_for_a_pace(text: str, seconds: float) -> None:
    assert robots(text).delay == seconds


_PATHS = st.text(alphabet="abc/*$.%", min_size=1, max_size=8).map(lambda path: f"/{path}")
_RULES = st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), _PATHS), max_size=6)


@given(rules=_RULES, path=st.text(alphabet="abc/.", max_size=8))
def test_the_verdict_is_protegos_and_its_line_stands_in_the_file(rules: list[tuple[str, str]], path: str) -> None:
    text = "\n".join(["User-agent: *", *(f"{kind}: {pattern}" for kind, pattern in rules)])
    url = f"http://site.example/{path}"
    verdict = robots(text).verdict(url)
    assert verdict.allowed is Protego.parse(text).can_fetch(url, "cardfile")
    if verdict.rule.startswith("line "):
        number, _, line = verdict.rule.removeprefix("line ").partition(": ")
        assert text.split("\n")[int(number) - 1] == line
        assert line.startswith("Allow" if verdict.allowed else "Disallow")
    else:
        assert verdict.allowed


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    found = read(URL, 200, body)
    assert isinstance(found.verdict("http://site.example/a").allowed, bool)
    assert found.delay >= 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Sitemap: http://site.example/a.xml\nUser-agent: *\nDisallow: /\nsitemap:/b.xml",
            ("http://site.example/a.xml", "/b.xml"),
        ),
        ("Sitemap: /a.xml\r\nSITEMAP : /a.xml", ("/a.xml",)),
        ("User-agent: *\nDisallow: /sitemap", ()),
        ("", ()),
    ],
)
def test_the_sitemaps_that_it_names(text: str, found: tuple[str, ...]) -> None:
    assert robots(text).sitemaps == found
