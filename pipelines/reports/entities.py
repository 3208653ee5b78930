"""What a provenance report says about one person or organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.items import MentionType


@dataclass(frozen=True, slots=True)
class Receipt:
    """The fetch that showed a value last: page, time, and the permission and the legal ground it stands on."""

    number: int
    url: str
    fetched_at: datetime
    status: int
    media_type: str
    rendered: bool
    content_hash: str
    source: str
    robots_url: str
    robots_status: int
    robots_hash: str
    rule: str
    signals: Sequence[str]
    user_agent: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One reading of a value; `receipt` is the number of its receipt within the entity."""

    id: str
    receipt: int
    original: str
    evidence: str
    method: str
    locator: str
    confidence: float
    first_seen: datetime
    last_seen: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportedValue:
    """A value of an entity, with every statement of it.

    Rank 0 stands in the master row, higher ranks are alternatives, None is what no page shows any more.
    """

    property: str
    value: str
    rank: int | None
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class Job:
    """One employment; `end` is None while a page still shows it, `organisation` its employer's id or ""."""

    job_title: str
    works_for: str
    start: datetime
    end: datetime | None
    current: bool
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule saw, and how many bits it adds to the evidence."""

    sentence: str
    bits: float
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A live judgement about two readings of which at least one belongs to the entity.

    `verdict` is "same", "different" or "review"; `joined` tells whether both readings stand in this entity, which the
    guarded clustering decides. `pages` are their two pages, `other` the entity of the one outside, empty when joined.
    `id` is that of the judgement.
    """

    verdict: str
    joined: bool
    probability: float
    bits: float
    reasons: Sequence[Reason]
    by: str
    human: bool
    made_at: datetime
    pages: tuple[str, str]
    other: str = ""
    id: str = ""
    mentions: tuple[str, str] = ("", "")

    @property
    def prior(self) -> float:
        """The bits that the odds stood at before any rule had looked."""
        return self.bits - sum(reason.bits for reason in self.reasons)

    @property
    def sentences(self) -> list[str]:
        """What the rules saw, in words."""
        return [reason.sentence for reason in self.reasons]


@dataclass(slots=True)
class Entity:
    """A person or an organisation of the master and all that is known about where it came from."""

    id: str
    type: MentionType
    name: str
    mentions: int
    first_seen: datetime
    job_title: str = ""
    works_for: str = ""
    values: list[ReportedValue] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        """The ids of the sources that support it, in order."""
        return sorted({receipt.source for receipt in self.receipts})

    @property
    def merges(self) -> list[Decision]:
        """The judgements that hold its readings together."""
        return [decision for decision in self.decisions if decision.joined]
