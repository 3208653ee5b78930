"""A small store to report on: readings of invented people, written and resolved as a crawl would."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Engine, insert

from crawler.items import Capture, Mention, MentionType, Method, Permission, Property, Source, Value
from pipelines.master.database import open_store
from pipelines.master.models import DisposalRow, RunRow
from pipelines.master.statements import Reading, declare_source, write_readings
from pipelines.resolution.resolver import resolve_pending
from tests.support import fresh

EARLY = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
RUN = "00000000000000000000000000000001"
PERMISSION = Permission(
    "Cardfile/0 (+no contact given)", "http://one.example/robots.txt", 200, "ab" * 32, "Allow: /team", ("no meta tag",)
)


@dataclass(frozen=True)
class Seen:
    """One person or organisation on one page."""

    values: Mapping[Property, str]
    source: str = "one"
    url: str = "http://one.example/team"
    at: datetime = EARLY
    type: MentionType = MentionType.PERSON
    evidence: str = ""
    texts: Mapping[Property, str] = field(default_factory=dict)


def source(identifier: str) -> Source:
    return Source(
        id=identifier,
        kind="company-site",
        publisher=f"Publisher of {identifier}",
        purpose="business-directory",
        legal_basis="legitimate-interest",
        spider="company_site",
        start_urls=(f"http://{identifier}.example/",),
        retention_days=730,
        balancing_test="balancing/business-directory.md",
        balancing_hash="cd" * 32,
    )


def store(url: str, seen: Iterable[Seen] = (), not_kept: Iterable[tuple[str, str, str, str, str, int]] = ()) -> Engine:
    """Return a store at that URL; `not_kept` are (stage, category, location, rule, action, count) of its one run."""
    engine = open_store(fresh.put(url))
    readings = list(seen)
    with engine.begin() as connection:
        for identifier in sorted({"one", *(reading.source for reading in readings)}):
            declare_source(connection, source(identifier))
        connection.execute(
            insert(RunRow),
            [{"id": RUN, "source_id": "one", "spider": "company_site", "started_at": EARLY, "ended_at": EARLY,
              "outcome": "finished", "counts": {}}],
        )  # fmt: skip
        write_readings(connection, [Reading(mention(reading), RUN) for reading in readings])
        resolve_pending(connection)
        keys = ("stage", "category", "location", "rule", "action", "count")
        rows = [{"run_id": RUN, "host": "one.example", **dict(zip(keys, row, strict=True))} for row in not_kept]
        if rows:
            connection.execute(insert(DisposalRow), rows)
    return engine


def mention(seen: Seen) -> Mention:
    capture = Capture(
        seen.source, seen.url, seen.at, hashlib.sha256(f"{seen.url} {seen.values}".encode()).hexdigest(), PERMISSION
    )
    mention = Mention(seen.type, locator="/html/body/ul/li[1]", language="en", country="GB", capture=capture)
    for prop, normalised in seen.values.items():
        value = Value(seen.texts.get(prop, normalised), Method.CARD, "/html/body/ul/li[1]/h3", 0.9, normalised)
        value.evidence = seen.evidence
        mention.add(prop, value)
    return mention
