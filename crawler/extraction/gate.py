"""The people gate: who is named on a page without being anybody's business contact."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from urllib.parse import urlsplit

from crawler.extraction.lines import Line, squeeze
from crawler.extraction.meaning import title_score
from crawler.extraction.records import Record, Row
from crawler.items import Mention, Method, Property
from crawler.lexicon import GIVEN, fold, name_class, words
from crawler.page import Page
from crawler.remembering import REPEATS

_LIFESPAN = re.compile(r"[(\[]?\s*(?:\*\s*)?1[89]\d\d\s*[-–—†]\s*(?:†\s*)?(?:19|20)\d\d\s*[)\]]?|†")
_CITATION = re.compile(
    r"\b(?:vol|pp|issn|isbn|doi)\b[.:\s]*[\d.]|\bet al\b|\((?:19|20)\d\d[a-z]?\)[.:,]|\bv\.\s?\d+,|"
    r"\bp\.\s?\d+\s?[-–]\s?\d+|\bIn:\s",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(r"\b1(?:[0-8]\d\d|9[0-6]\d)s?\b")


# What stands behind the name of a building in an address: "…, Suite 4".
_INSIDE = re.compile(
    r"^\W{0,3}(?:suite|floor|unit|level|apt|stock|etage|étage|piso|planta|andar|sala|int|lok|local|офис|кв)\.?\s*\d",
    re.IGNORECASE,
)


@lru_cache(maxsize=REPEATS)
def _over_others(heading: str) -> bool:
    text, others = fold(heading).strip(" :：."), {fold(word) for word in words("cues", "others")}
    long = [word for word in others if len(word) > 9]
    return text in others or any(text.startswith(f"{word} ") or text.endswith(f" {word}") for word in long)


@cache
def _dead() -> re.Pattern[str]:
    found = sorted((re.escape(word) for word in words("cues", "dead") if len(word) > 3), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE)


def speaks_of_the_dead(text: str, start: int, end: int) -> bool:
    """Tell whether a sentence says of the person whose name stands from `start` to `end` that they have died."""
    return bool(_dead().search(text[max(0, start - 40) : end + 80]))


def under_others(row: Row) -> bool:
    """Tell whether a line stands under a heading over people who are cited, thanked, commenting or dead."""
    return any(_over_others(heading.line.text) for heading in row.headings)


def _sentence(row: Row) -> bool:
    return row.prose or (len(row.line.text) > 30 and row.line.text.endswith("."))


def excluded(record: Record, rows: list[Row], owner: str) -> str:
    """Return the rule that keeps a record out (the dead, cited, thanked, long ago, a brand), or an empty string."""
    line = record.row.line
    if under_others(record.row):
        return "others-heading"
    if _LIFESPAN.search(line.text) or _dead().search(line.text[:200]):
        return "deceased"
    if (
        _INSIDE.match(line.text[record.part.end :])
        or _CITATION.search(line.text)
        or record.part.name.text.casefold() in words("placeholders", "name")
    ):
        return "citation-address-or-placeholder"
    crowd = sum(part.kind == "name" for part in record.row.parts) > 1
    if crowd or line.tag == "figcaption":
        near = [line.text] + [one.line.text for one in rows[max(0, line.index - 3) : line.index] if _sentence(one)]
        if any(_LONG_AGO.search(text) for text in near):
            return "long-ago"
    words_of = fold(record.part.name.text).split()
    if owner and set(words_of) <= set(fold(owner).split()) and not name_class(words_of[0]) & GIVEN:
        return "the-page-owner"
    return ""


def is_people_page(page: Page, read: list[Line]) -> bool:
    """Tell whether title, address or first heading say that the page lists people: "Our team", /vorstand."""
    title = page.root.find(".//title") if page.root is not None else None
    path = re.sub(r"\.\w+$", "", urlsplit(page.url).path.rsplit("/", 1)[-1] or urlsplit(page.url).path.strip("/"))
    claims = [line.text for line in read if line.level == 1][:2]
    claims += re.split(r"\s[|–—-]\s", title.text or "") if title is not None else []
    claims.append(re.sub(r"[-_+%]", " ", path))
    return any(title_score(squeeze(claim)) >= 0.5 for claim in claims if claim and len(claim) < 60)


def in_business(mention: Mention) -> bool:
    """Tell whether a mention has a business context of its own: a title, an employer or a contact beside the name."""
    if any(mention.all(prop) for prop in (Property.JOB_TITLE, Property.EMAIL, Property.TELEPHONE)):
        return True
    stated = mention.all(Property.WORKS_FOR)
    # Metadata name the publisher as everybody's employer, but an author's own affiliation is the author's.
    employers = [value for value in stated if value.method is not Method.META or "citation_author" in value.locator]
    return any(value.confidence >= 0.6 for value in employers) and mention.confidence >= 0.6
