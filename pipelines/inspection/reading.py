"""One page through extraction, validation and minimisation: what a crawl would keep, and what it would not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crawler import extraction
from crawler.errors import UNFORESEEN
from crawler.items import Disposal, Mention, Property, Value
from crawler.page import Page
from pipelines.inspection.withheld import NAMELESS, Withheld, nameless, withheld
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


@dataclass(slots=True)
class Found:
    """A minimised mention, and the contacts of it that would not be stored because they are private."""

    mention: Mention
    withheld: list[Withheld] = field(default_factory=list)

    def values(self) -> Iterator[tuple[Property, Value, str]]:
        """Yield each property, value, and the rule by which it would not be stored (empty where it would be)."""
        for prop, value in self.mention:
            yield prop, value, ""
        for one in self.withheld:
            yield one.prop, one.value, one.rule


@dataclass
class Reading:
    """What one document gave: minimised mentions, and the counts of what was not kept."""

    document: str
    kind: str
    size: int
    truncated: bool = False
    found: list[Found] = field(default_factory=list)
    rejected: Counter[Disposal] = field(default_factory=Counter)


def read(page: Page, document: str) -> Reading:
    """Read a page; raises DocumentError when it is damaged beyond reading.

    Like the minimising stage this fails closed: a mention on which the rules themselves fail is dropped and counted.
    """
    disposals: list[Disposal] = []
    found = extraction.mentions(page, disposals=disposals)
    kept = []
    for mention in found:
        try:
            kept += _kept(mention, page, disposals)
        except UNFORESEEN as error:
            disposals.append(Disposal("minimise", "error", "mention", type(error).__name__))
    return Reading(document, page.kind.value, len(page.body), page.truncated, kept, Counter(disposals))


def _kept(mention: Mention, page: Page, disposals: list[Disposal]) -> list[Found]:
    """Validate and minimise one mention; nothing is returned of one that has nothing to show."""
    try:
        disposals += validate_mention(mention, page.country)
    except MentionRejected as rejected:
        disposals += rejected.disposals
        disposals.append(Disposal("validate", "invalid", "mention", rejected.rule))
        contacts = nameless(mention, page.country) if rejected.rule == NAMELESS else []
        return [Found(_emptied(mention), contacts)] if contacts else []
    private = withheld(mention)
    disposals += minimise_mention(mention)
    return [Found(mention, private)] if mention.values else []


def _emptied(mention: Mention) -> Mention:
    """Return a mention of the same kind and place without values and without the text around it."""
    return Mention(mention.type, locator=mention.locator, confidence=mention.confidence)


def as_json(found: Found, document: str) -> dict[str, Any]:
    """Return a mention as the object that `scrapy extract --json` prints: one a line.

    `email` and `telephone` list private contacts too. The evidence says of each value whether it would be stored, and
    by which `rule` it would not.
    """
    mention = found.mention
    return {
        "document": document,
        "type": mention.type.value,
        "name": mention.text(Property.NAME),
        **{prop.value: texts(found, prop) for prop in _LISTED},
        "confidence": round(mention.confidence, 3),
        "evidence": [
            {
                "property": prop.value,
                "value": value.normalised or value.text,
                "method": value.method.value,
                "locator": value.locator,
                "confidence": round(value.confidence, 3),
                "snippet": value.evidence,
                "stored": not rule,
            }
            | ({"rule": rule} if rule else {})
            for prop, value, rule in found.values()
        ],
    }


def texts(found: Found, prop: Property) -> list[str]:
    """Return the values of a property, each once, those that would be stored first."""
    return list(dict.fromkeys(value.normalised or value.text for one, value, _ in found.values() if one is prop))
