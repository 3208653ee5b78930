"""What a quality report counts, as plain numbers. Pure: no store, no clock, no text of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crawler.extensions.outcome import EXIT_CODES

#: A share of fewer than this is none: one person more or less would turn it over, and it could tell of that person.
LEAST = 5
#: Upper bounds of the bands of days since a person was last seen, and of confidence; the last band is open.
DAYS = (30, 90, 180, 365)
CONFIDENCES = (0.5, 0.7, 0.9)


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole as a share between 0 and 1, None where the whole is too small to have one."""
    return part / whole if whole >= LEAST else None


@dataclass(frozen=True, slots=True)
class Held:
    """How many people (or organisations) of the master have a property.

    `backed`: the value that is shown is said by two or more independent sources. `several`: there is more than one.
    """

    property: str
    type: str
    entities: int
    held: int
    backed: int
    several: int


@dataclass(frozen=True, slots=True)
class Stated:
    """How many of a source's people it states a property of.

    `backed`: another independent source says the same value. `overruled`: the master ranks another value first.
    """

    property: str
    people: int
    backed: int
    overruled: int


@dataclass(frozen=True, slots=True)
class Read:
    """How many values a way of reading has found, and how sure it was: counts of `CONFIDENCES` bands, least first."""

    method: str
    values: int
    bands: Sequence[int]
    sum: float

    @property
    def mean(self) -> float:
        """The mean confidence, a probability."""
        return self.sum / self.values if self.values else 0.0

    def with_more(self, other: Read) -> Read:
        """Return both together."""
        bands = [one + two for one, two in zip(self.bands, other.bands, strict=True)]
        return Read(self.method, self.values + other.values, bands, self.sum + other.sum)


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the latest run of a source ended, and what was unusual in it."""

    started_at: datetime
    outcome: str
    spider: str
    findings: Sequence[str]

    @property
    def trouble(self) -> bool:
        """Whether somebody should look: cron is told no less."""
        return EXIT_CODES.get(self.outcome, 0) != 0


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source: whom it speaks of, with which properties, how lately, and how its values stand.

    `ages` counts its people by days since it last showed them, in the bands of `DAYS`. `bound` is after how many days
    its clocks would have confirmed or withdrawn a value, None where no clock runs; `stale` are people beyond it.
    `silent`, `retired` and `quarantined` count values; `corrected` the corrections of people it spoke of.
    """

    id: str
    kind: str
    publisher: str
    people: int
    organisations: int
    stated: Sequence[Stated]
    ages: Sequence[int]
    bound: int | None
    stale: int
    values: int
    silent: int
    retired: int
    quarantined: int
    corrected: int
    rejected: Mapping[str, int]
    methods: Sequence[Read] = field(repr=False)
    last: LastRun | None

    def of(self, prop: str) -> Stated:
        """Return what it states of a property; nothing where it never does."""
        return next((one for one in self.stated if one.property == prop), Stated(prop, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Rejected:
    """How often a rule found that something was no valid value of a property, over all runs."""

    property: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Decisions:
    """What became of the question who is who.

    `entries` of the master hold `readings`. `open` are pairs of entries that wait for a person, by days since the rules
    first asked (bands of `DAYS`); `oldest` is when. `judged` are pairs of readings that people decided about, of which
    they called `same` one. Of those that the rules had an opinion of, they had merged the `agreed` and the `undone`
    (where people said otherwise) and left open the `joined` and the `parted`.
    """

    entries: int
    readings: int
    open: int
    ages: Sequence[int]
    oldest: datetime | None
    judged: int
    same: int
    agreed: int
    undone: int
    joined: int
    parted: int
    conflicts: int
    namesakes: int


@dataclass(frozen=True, slots=True)
class Corrected:
    """How many corrections of a property hold and how many were withdrawn."""

    property: str
    holding: int
    withdrawn: int
