"""How an interface goes on."""

from __future__ import annotations

import pytest

from crawler.items import Paging
from crawler.navigation.paging import following

URL = "https://api.example/people?size=2"


@pytest.mark.parametrize(
    ("paging", "url", "body", "headers", "expected"),
    [
        (
            Paging(),
            URL,
            b"[]",
            ['<https://api.example/people?page=2>; rel="next"'],
            "https://api.example/people?page=2",
        ),
        (Paging(), URL, b"[]", ['<?p=1>; rel="prev", <?p=3>; rel=next; title="x"'], "https://api.example/people?p=3"),
        (Paging(), URL, b"[]", ['<?p=3>; rel="last nextish"'], ""),
        (
            Paging(next="links.next"),
            URL,
            b'{"links": {"next": "/people?page=2"}}',
            [],
            "https://api.example/people?page=2",
        ),
        (Paging(next="links.next"), URL, b'{"links": {"next": null}}', [], ""),
        (Paging(next="next"), URL, b'{"next": "https://elsewhere.example/people"}', [], ""),
        (Paging(next="next"), URL, b'{"next": "https://api.example/people?size=2"}', [], ""),
        (Paging(next="next"), URL, b'{"next": 7}', [], ""),
        (Paging(next="next["), URL, b'{"next": "x"}', [], ""),
        (Paging(next="next"), URL, b"<html>", [], ""),
        (Paging(parameter="page"), URL, b"[]", [], "https://api.example/people?size=2&page=2"),
        (Paging(parameter="page"), f"{URL}&page=9", b"[]", [], "https://api.example/people?size=2&page=10"),
        (Paging(parameter="from", first=0, step=50), URL, b"[]", [], "https://api.example/people?size=2&from=50"),
        (Paging(parameter="page"), f"{URL}&page=x", b"[]", [], ""),
        (Paging(), URL, b"[]", [], ""),
    ],
)
def test_the_following_answer(paging: Paging, url: str, body: bytes, headers: list[str], expected: str) -> None:
    assert following(paging, url, body, headers) == expected
