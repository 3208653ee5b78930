"""One page through extraction, validation and minimisation: exactly what a crawl would keep, and what it would not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crawler import extraction
from crawler.items import Disposal, Mention, Property
from crawler.page import Page
from pipelines.sensitive import minimise_mention
from pipelines.values import MentionRejected, validate_mention

_LISTED = (
    Property.JOB_TITLE,
    Property.WORKS_FOR,
    Property.EMAIL,
    Property.TELEPHONE,
    Property.WORK_LOCATION,
    Property.URL,
    Property.SAME_AS,
)


@dataclass
class Reading:
    """What one document gave: minimised mentions, and the counts of what was not kept."""

    document: str
    kind: str
    size: int
    truncated: bool = False
    mentions: list[Mention] = field(default_factory=list)
    rejected: Counter[Disposal] = field(default_factory=Counter)


def read(page: Page, document: str) -> Reading:
    """Read a page; raises DocumentError when it is damaged beyond reading."""
    disposals: list[Disposal] = []
    found = extraction.mentions(page, disposals=disposals)
    kept = []
    for mention in found:
        try:
            disposals += validate_mention(mention, page.country)
        except MentionRejected as rejected:
            disposals += rejected.disposals
            disposals.append(Disposal("validate", "invalid", "mention", rejected.rule))
            continue
        disposals += minimise_mention(mention)
        kept.append(mention)
    return Reading(document, page.kind.value, len(page.body), page.truncated, kept, Counter(disposals))


def as_json(mention: Mention, document: str) -> dict[str, Any]:
    """Return a minimised mention as the object that `scrapy extract --json` prints: one a line."""
    return {
        "document": document,
        "type": mention.type.value,
        "name": mention.text(Property.NAME),
        **{prop.value: texts(mention, prop) for prop in _LISTED},
        "confidence": round(mention.confidence, 3),
        "evidence": [
            {
                "property": prop.value,
                "value": value.normalised or value.text,
                "method": value.method.value,
                "locator": value.locator,
                "confidence": round(value.confidence, 3),
                "snippet": value.evidence,
            }
            for prop, value in mention
        ],
    }


def texts(mention: Mention, prop: Property) -> list[str]:
    """Return the values of a property as they would be stored, each once."""
    return list(dict.fromkeys(value.normalised or value.text for value in mention.all(prop)))
