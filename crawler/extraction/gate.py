"""The people gate: who is named on a page without being anybody's business contact."""

from __future__ import annotations

import re
from functools import cache

from crawler.extraction.records import Record
from crawler.items import Mention, Method, Property
from crawler.lexicon import fold, words

_LIFESPAN = re.compile(r"[(\[]?\s*(?:\*\s*)?1[89]\d\d\s*[-–—†]\s*(?:†\s*)?(?:19|20)\d\d\s*[)\]]?|†")
_LONG_AGO = re.compile(r"\b1(?:[0-8]\d\d|9[0-6]\d)s?\b")


@cache
def _others() -> frozenset[str]:
    return frozenset(fold(word) for word in words("cues", "others"))


@cache
def _dead() -> re.Pattern[str]:
    found = sorted((re.escape(word) for word in words("cues", "dead") if len(word) > 3), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE)


def excluded(record: Record) -> str:
    """Return the rule that keeps a record out (the dead, cited, thanked, long ago), or an empty string."""
    for heading in record.headings[:4]:
        text = fold(heading.line.text).strip(" :：.")
        if text in _others() or any(
            text.startswith(f"{word} ") or text.endswith(f" {word}") for word in _others() if len(word) > 9
        ):
            return "others-heading"
    text = record.row.line.text
    if _LIFESPAN.search(text) or _dead().search(text[:200]):
        return "deceased"
    if record.row.line.tag == "figcaption" and _LONG_AGO.search(text):
        return "long-ago"
    return ""


def in_business(mention: Mention) -> bool:
    """Tell whether a mention has a business context of its own: a title, an employer or a contact beside the name."""
    if any(mention.all(prop) for prop in (Property.JOB_TITLE, Property.EMAIL, Property.TELEPHONE)):
        return True
    return any(value.method is not Method.META for value in mention.all(Property.WORKS_FOR))
