"""Which value of several stands in the master row. Pure: claims in, claims out, best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.items import Property

#: The kind of what people have set right; it outranks every source.
CORRECTION = "correction"
#: How far a kind of source is to be trusted about a person, most first: who keeps a register answers for it, who writes
#: about others may be wrong or late.
KIND_RANK = (
    CORRECTION,
    "import",
    "register",
    "company-site",
    "annual-report",
    "profile",
    "association",
    "press-release",
    "publication",
    "conference",
    "trade-fair",
    "journal",
    "directory",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One live statement, as far as choosing needs it; `first_seen` is UTC, `confidence` a probability."""

    statement_id: str
    mention_id: str
    property: Property
    value: str
    source_id: str
    kind: str
    confidence: float
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Survivor:
    """A value with the claim that carries it best and the number of sources that agree on it."""

    value: str
    claim: Claim
    support: int


def survivors(claims: Iterable[Claim], origins: Mapping[str, str] | None = None) -> list[Survivor]:
    """Return the distinct values of one property, best first.

    Order: kind of source, then the day on which the value first appeared (a change shows as a new value, so the newest
    is right), then agreement of sources, completeness, confidence; the value itself breaks ties. Days and not moments,
    because the order of pages within a crawl means nothing. For a name recency means nothing either: there the fullest
    form with most agreement is best. `origins` gives by mention the source that counts for it, where that is not its
    own (see `pipelines.resolution.origins`).
    """
    by_value: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_value[claim.value].append(claim)
    found = [_survivor(value, group, origins or {}) for value, group in by_value.items()]
    return sorted(found, key=_rank)


def _survivor(value: str, claims: Sequence[Claim], origins: Mapping[str, str]) -> Survivor:
    best = min(
        claims, key=lambda claim: (kind_rank(claim.kind), -claim.confidence, claim.first_seen, claim.statement_id)
    )
    return Survivor(value, best, len({origins.get(claim.mention_id, claim.source_id) for claim in claims}))


def _rank(survivor: Survivor) -> tuple[float | str, ...]:
    claim = survivor.claim
    if claim.property is Property.NAME:
        return (
            claim.kind != CORRECTION,
            _initials(survivor.value),
            -survivor.support,
            -len(survivor.value.split()),
            kind_rank(claim.kind),
            survivor.value,
        )
    return (
        kind_rank(claim.kind),
        -claim.first_seen.toordinal(),
        -survivor.support,
        -len(survivor.value),
        -claim.confidence,
        survivor.value,
    )


def kind_rank(kind: str) -> int:
    """Return how far a kind of source is to be trusted, 0 for most."""
    return KIND_RANK.index(kind) if kind in KIND_RANK else len(KIND_RANK)


def _initials(name: str) -> int:
    """Return 1 when no given name is written out, else 0."""
    words = [word.strip(".") for word in name.split()]
    return int(sum(len(word) > 1 for word in words) < 2)
