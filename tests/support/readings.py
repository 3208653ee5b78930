"""Invented readings for tests of the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from crawler.items import Capture, Mention, MentionType, Method, Permission, Property, Source, Value
from pipelines.master.statements import Reading

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PERMISSION = Permission("Cardfile", "http://www.noord.example/robots.txt", 200, "0" * 64, "Allow: /")


def source(identifier: str = "noord", **changes: object) -> Source:
    """A registered source."""
    facts: dict[str, object] = {
        "id": identifier,
        "kind": "company-site",
        "publisher": "Noord NV",
        "purpose": "business-directory",
        "legal_basis": "contract",
        "spider": "company_site",
        "start_urls": ("http://www.noord.example/",),
        "retention_days": 365,
    }
    return Source(**{**facts, **changes})  # type: ignore[arg-type]


def reading(
    name: str,
    values: Mapping[str, str] | None = None,
    *,
    url: str = "http://www.noord.example/team",
    day: int = 0,
    source_id: str = "noord",
    **more: str,
) -> Reading:
    """A person read on a page on a day; the keys of `values` are property names with underscores for camel case."""
    capture = Capture(source_id, url, START + timedelta(days=day), f"{day:064d}", PERMISSION)
    mention = Mention(MentionType.PERSON, capture=capture, locator="/html/body/ul/li")
    for prop, text in {"name": name, **(values or {}), **more}.items():
        mention.add(Property(_camel(prop)), Value(text, Method.CARD, "/html/body/ul/li/p", 0.9, normalised=text))
    return Reading(mention)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
