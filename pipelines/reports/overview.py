"""What stands above and below the cards of a report: sources, totals, and how much of the store is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from crawler.items import MentionType
from pipelines.errors import UsageError
from pipelines.master.models import CaptureRow, RunRow, SourceRow
from pipelines.reports.entities import Entity
from pipelines.reports.provenance import count, entities
from pipelines.reports.totals import NotKept, Totals, not_kept, totals

_DECLARED = [column.name for column in SourceRow.__table__.columns]
#: Entities from which on counting every page, statement and judgement takes longer than a reader should wait.
LARGE = 50_000
_TITLES = {MentionType.PERSON: "People", MentionType.ORGANISATION: "Organisations"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What to report on: everything, one person or organisation, or what one source supports.

    `limit` bounds the entities of a document that a person reads; 0 means no bound.
    """

    entity_id: str = ""
    source_id: str = ""
    limit: int = 0

    def __str__(self) -> str:
        """The scope in words; empty for everything."""
        parts = [f"{name} {value}" for name, value in (("id", self.entity_id), ("source", self.source_id)) if value]
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source as it was declared when last crawled, its pages and its last run; `outcome` is empty while it runs."""

    id: str
    kind: str
    publisher: str
    purpose: str
    legal_basis: str
    balancing_test: str
    balancing_hash: str
    retention_days: int
    country: str
    language: str
    article: int
    pages: int
    last_run: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Ground:
    """On which ground a source is read, as declared when it was last crawled."""

    id: str
    publisher: str
    purpose: str
    legal_basis: str


def _as_it_is(entity: Entity) -> Entity:
    return entity


@dataclass(frozen=True)
class Report:
    """Everything a report shows; the entities are read while it is written.

    What needs a walk through the whole store (`totals`, `sources`, `dropped`) is counted when it is first asked for: a
    report on a large store begins with the cards and ends with the sums.
    """

    connection: Connection
    scope: Scope
    made_at: datetime
    counts: Mapping[MentionType, int]
    grounds: Mapping[str, Ground]
    #: How each entry is shown: as it is, or masked.
    view: Callable[[Entity], Entity] = _as_it_is

    @cached_property
    def totals(self) -> Totals:
        """What stands in the store."""
        return totals(self.connection)

    @cached_property
    def sources(self) -> Sequence[SourceLine]:
        """The sources with their pages and last runs."""
        return list(_sources(self.connection))

    @cached_property
    def dropped(self) -> Sequence[NotKept]:
        """What was not kept."""
        return not_kept(self.connection)

    @property
    def large(self) -> bool:
        """Whether counting would keep the reader waiting, so that the sums come last."""
        return self.total > LARGE

    @property
    def total(self) -> int:
        """How many entities the scope holds."""
        return sum(self.counts.values())

    @property
    def groups(self) -> Iterator[tuple[str, Iterator[Entity]]]:
        """Yield the title and the entities of each type that the scope holds, up to the limit."""
        left = self.scope.limit or self.total
        for kind, held in self.counts.items():
            shown = min(left, held)
            left -= shown
            if shown:
                found = entities(self.connection, self.scope.entity_id, self.scope.source_id, kind=kind, limit=shown)
                yield _TITLES[kind], map(self.view, found)

    def count(self, size: int) -> int:
        """How many documents of so many cards it takes to show everything."""
        return max(1, -(-self.total // size))

    def pages(self, size: int) -> Iterator[tuple[int, list[tuple[str, Iterator[Entity]]]]]:
        """Yield the number and the groups of each such document; the entities of one have to be read before the next.

        Each type is read once, from the first page that shows it to the last.
        """
        left = dict(self.counts)
        streams = {
            kind: map(self.view, entities(self.connection, self.scope.entity_id, self.scope.source_id, kind=kind))
            for kind in left
        }
        for number in range(1, self.count(size) + 1):
            room = size
            groups: list[tuple[str, Iterator[Entity]]] = []
            for kind, stream in streams.items():
                if shown := min(room, left[kind]):
                    groups.append((_TITLES[kind], islice(stream, shown)))
                    left[kind] -= shown
                    room -= shown
            yield number, groups

    @property
    def all(self) -> Iterator[Entity]:
        """Yield the entities of all types, up to the limit."""
        for _, found in self.groups:
            yield from found

    @property
    def note(self) -> str:
        """Say what the limit leaves out; empty when it leaves out nothing."""
        if not self.scope.limit or self.total <= self.scope.limit:
            return ""
        return (
            f"Only the first {self.scope.limit:,} of {self.total:,} cards are shown here. "
            "Use --limit, --person or --source to choose others; CSV and JSON hold all of them."
        )

    @property
    def lead(self) -> str:
        """One sentence on what the store holds; of a large one only what is counted quickly."""
        if self.large:
            people, organisations = (self.counts.get(kind, 0) for kind in _TITLES)
            return f"{amount(people, 'person', 'people')} and {amount(organisations, 'organisation')}."
        found = self.totals
        return (
            f"{amount(found.people, 'person', 'people')} and {amount(found.organisations, 'organisation')}, "
            f"from {amount(found.mentions, 'reading')} on {amount(found.pages, 'page')} "
            f"of {amount(found.sources, 'source')}."
        )


def report(
    connection: Connection, scope: Scope, made_at: datetime, view: Callable[[Entity], Entity] = _as_it_is
) -> Report:
    """Gather a report; raises UsageError for a person or source that the store does not know.

    `view` is how each entry is shown, as it is or masked.
    """
    if scope.source_id and connection.scalar(select(SourceRow.id).where(SourceRow.id == scope.source_id)) is None:
        raise UsageError(
            f"The store holds nothing of a source {scope.source_id!r}; check its id in the source register."
        )
    counts = {kind: count(connection, kind, scope.entity_id, scope.source_id) for kind in _TITLES}
    if scope.entity_id and not sum(counts.values()):
        raise UsageError(
            f"No person or organisation has the id {scope.entity_id!r}; take it from a report without --person."
        )
    query = select(SourceRow.id, SourceRow.publisher, SourceRow.purpose, SourceRow.legal_basis).order_by(SourceRow.id)
    grounds = {row.id: Ground(*row) for row in connection.execute(query)}
    return Report(connection, scope, made_at, counts, grounds, view)


def _sources(connection: Connection) -> Iterator[SourceLine]:
    counted = select(CaptureRow.source_id, func.count(CaptureRow.url.distinct())).group_by(CaptureRow.source_id)
    pages = {row[0]: row[1] for row in connection.execute(counted)}
    ordered = select(RunRow.source_id, RunRow.started_at, RunRow.outcome).order_by(RunRow.started_at, RunRow.id)
    last = {
        source_id: (started_at, outcome)
        for source_id, started_at, outcome in connection.execute(ordered.execution_options(yield_per=1000))
    }
    for row in Session(connection).scalars(select(SourceRow).order_by(SourceRow.id)):
        last_run, outcome = last.get(row.id, (None, ""))
        declared = {name: getattr(row, name) for name in _DECLARED}
        yield SourceLine(**declared, pages=pages.get(row.id, 0), last_run=last_run, outcome=outcome)


def amount(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 page", "1,200 pages", "3 people"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
