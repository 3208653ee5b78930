"""No personal value in a log line."""

from __future__ import annotations

import io
import logging

import pytest

from crawler.items import Mention, MentionType, Method, Property, Value
from crawler.logformatter import ScrubbingFilter, ValueFreeLogFormatter, scrub


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("<GET https://noord.example/team/jane-roe>", "https://noord.example/…", "jane"),
        ("<GET https://noord.example/>", "https://noord.example/", "…"),
        ("<GET https://noord.example/robots.txt>", "https://noord.example/robots.txt", "…"),
        ("http://user:pass@noord.example/?q=jane", "http://noord.example/…", "jane"),
        ("no such mailbox: jane.roe@noord.example", "…@…", "roe"),
    ],
)
def test_scrub(text: str, kept: str, gone: str) -> None:
    assert kept in scrub(text)
    assert gone not in scrub(text)


def test_one_page_has_one_fingerprint() -> None:
    assert scrub("http://a.example/x") == scrub("http://a.example/x") != scrub("http://a.example/y")


def test_the_filter_cleans_arguments_and_tracebacks() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(ScrubbingFilter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        int("http://noord.example/jane-roe")
    except ValueError:
        logger.exception("Failed on %s", "http://noord.example/jane-roe")
    assert "jane" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_an_item_is_never_printed() -> None:
    mention = Mention(MentionType.PERSON)
    mention.add(Property.NAME, Value("Jane Roe", Method.CARD, "/html"))
    formatter = ValueFreeLogFormatter()
    spider = None
    error = ValueError("Jane Roe")
    results = [
        formatter.scraped(mention, None, spider),  # type: ignore[arg-type]
        formatter.dropped(mention, RuntimeError("opted out"), None, spider),  # type: ignore[arg-type]
        formatter.item_error(mention, error, None, spider),  # type: ignore[arg-type]
    ]
    lines = [result["msg"] % result["args"] for result in results]
    assert not any("Jane" in line for line in lines)
