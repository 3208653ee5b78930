"""The people gate: who is named on a page without being anybody's business contact."""

from __future__ import annotations

import re
from functools import cache

from crawler.extraction.records import Record, Row
from crawler.items import Mention, Method, Property
from crawler.lexicon import GIVEN, fold, name_class, words

_LIFESPAN = re.compile(r"[(\[]?\s*(?:\*\s*)?1[89]\d\d\s*[-–—†]\s*(?:†\s*)?(?:19|20)\d\d\s*[)\]]?|†")
_LONG_AGO = re.compile(r"\b1(?:[0-8]\d\d|9[0-6]\d)s?\b")


@cache
def _others() -> frozenset[str]:
    return frozenset(fold(word) for word in words("cues", "others"))


@cache
def _dead() -> re.Pattern[str]:
    found = sorted((re.escape(word) for word in words("cues", "dead") if len(word) > 3), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE)


def under_others(row: Row) -> bool:
    """Tell whether a line stands under a heading over people who are cited, thanked, commenting or dead."""
    for heading in row.headings:
        text = fold(heading.line.text).strip(" :：.")
        if text in _others() or any(
            text.startswith(f"{word} ") or text.endswith(f" {word}") for word in _others() if len(word) > 9
        ):
            return True
    return False


def excluded(record: Record, rows: list[Row], owner: str) -> str:
    """Return the rule that keeps a record out (the dead, cited, thanked, long ago, a brand), or an empty string."""
    line = record.row.line
    if under_others(record.row):
        return "others-heading"
    if _LIFESPAN.search(line.text) or _dead().search(line.text[:200]):
        return "deceased"
    crowd = sum(part.kind == "name" for part in record.row.parts) > 1
    if crowd or line.tag == "figcaption":
        near = [line.text] + [one.line.text for one in rows[max(0, line.index - 3) : line.index]]
        if any(_LONG_AGO.search(text) for text in near):
            return "long-ago"
    words_of = fold(record.part.name.text).split()
    if owner and set(words_of) <= set(fold(owner).split()) and not name_class(words_of[0]) & GIVEN:
        return "the-page-owner"
    return ""


def in_business(mention: Mention) -> bool:
    """Tell whether a mention has a business context of its own: a title, an employer or a contact beside the name."""
    if any(mention.all(prop) for prop in (Property.JOB_TITLE, Property.EMAIL, Property.TELEPHONE)):
        return True
    return any(value.method is not Method.META for value in mention.all(Property.WORKS_FOR))
