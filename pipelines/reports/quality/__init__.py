"""The quality report: how good is what the master holds, where is it weak, and what should somebody do about it?

Counts and shares by source and property, and nobody's data. The sources are read one after the other while the report
is written. What needs a walk through the whole store comes last in a large one, and first in a small one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, select

from crawler.items import MentionType, Property
from crawler.sources import SourceRegister
from pipelines.errors import UsageError
from pipelines.master.models import SourceRow
from pipelines.reports.overview import LARGE
from pipelines.reports.quality import advice, holdings
from pipelines.reports.quality.by_source import sources
from pipelines.reports.quality.figures import Corrected, Decisions, Held, Read, Rejected, SourceLine, share

#: Counts what people and the rules decided, in the store or of one source; it stands in a room above this one.
Decide = Callable[[Connection, str, datetime], Decisions]
_FIRST = ("steps", "holdings", "sources", "methods", "decisions", "rejected", "corrected")
_LAST = ("sources", "methods", "decisions", "rejected", "corrected", "holdings", "steps")


@dataclass
class Quality:
    """Everything that a quality report shows; what is counted, is counted when it is first asked for."""

    connection: Connection
    register: SourceRegister | None
    source_id: str
    made_at: datetime
    decide: Decide
    _lines: list[SourceLine] = field(default_factory=list)

    @cached_property
    def entities(self) -> Mapping[MentionType, int]:
        """How many people and organisations the master holds, or the source speaks of."""
        return {kind: holdings.count(self.connection, kind, self.source_id) for kind in MentionType}

    @property
    def people(self) -> int:
        """How many people there are."""
        return self.entities[MentionType.PERSON]

    @property
    def large(self) -> bool:
        """Whether counting would keep the reader waiting, so that what is drawn from all of it comes last."""
        return sum(self.entities.values()) > LARGE

    @property
    def order(self) -> Sequence[str]:
        """The sections, as they come."""
        return _LAST if self.large else _FIRST

    @property
    def sources(self) -> Iterator[SourceLine]:
        """Yield the sources in the order of their ids; each is counted once."""
        yield from self._lines
        for line in self._stream:
            self._lines.append(line)
            yield line

    @property
    def listed(self) -> Iterator[SourceLine]:
        """Yield the sources as a document lists them: those first that need somebody, unless that is known too late."""
        if self.large:
            yield from self.sources
            return
        weak = {step.source for step in self.steps}
        yield from sorted(self.sources, key=lambda line: line.id not in weak)

    @cached_property
    def _stream(self) -> Iterator[SourceLine]:
        return sources(self.connection, self.source_id, self.register, self.made_at)

    @cached_property
    def methods(self) -> Sequence[Read]:
        """The ways of reading over all sources, the one with most values first."""
        found: dict[str, Read] = {}
        for line in self.sources:
            for one in line.methods:
                known = found.get(one.method)
                found[one.method] = known.with_more(one) if known else one
        return sorted(found.values(), key=lambda one: (-one.values, one.method))

    @cached_property
    def held(self) -> Sequence[Held]:
        """What people and organisations have, property by property."""
        return [
            found
            for kind, entities in self.entities.items()
            for found in holdings.held(self.connection, kind, self.source_id, entities)
        ]

    @cached_property
    def reachable(self) -> int:
        """People with an e-mail address or a telephone number."""
        return holdings.reachable(self.connection, self.source_id)

    @cached_property
    def decisions(self) -> Decisions:
        """What became of the question who is who."""
        return self.decide(self.connection, self.source_id, self.made_at)

    @cached_property
    def rejected(self) -> Sequence[Rejected]:
        """What was read and was no good, by rule."""
        return holdings.rejected(self.connection, self.source_id)

    @cached_property
    def corrected(self) -> Sequence[Corrected]:
        """What people have set right."""
        return holdings.corrected(self.connection, self.source_id)

    @cached_property
    def steps(self) -> Sequence[advice.Step]:
        """What to do next."""
        return advice.steps(list(self.sources), self.decisions)

    @cached_property
    def tiles(self) -> Sequence[tuple[str, str, str]]:
        """The figures at a glance: label, figure, remark."""
        lines = list(self.sources)
        known = {(one.type, one.property): one for one in self.held}
        mailbox = known.get((MentionType.PERSON.value, Property.EMAIL.value))
        timed = sum(line.people for line in lines if line.bound is not None)
        stale = sum(line.stale for line in lines)
        return [
            ("People", f"{self.people:,}", f"and {self.entities[MentionType.ORGANISATION]:,} organisations"),
            ("Reachable", _percent(self.reachable, self.people), "have a mailbox or a number"),
            ("Backed", _percent(mailbox.backed, mailbox.held) if mailbox else "–", "of e-mail, by two sources or more"),
            ("In time", _percent(timed - stale, timed), "seen when their source's clocks say"),
            ("Open", f"{self.decisions.open:,}", "pairs wait for a person"),
            ("Set right", f"{sum(one.holding for one in self.corrected):,}", "values, by people"),
        ]


def quality(
    connection: Connection, register: SourceRegister | None, source_id: str, now: datetime, decide: Decide
) -> Quality:
    """Return the report of a store or of one source of it; raises UsageError for a source that it does not know.

    `register` is what the operator declares today, None where it cannot be read.
    """
    if source_id and connection.scalar(select(SourceRow.id).where(SourceRow.id == source_id)) is None:
        raise UsageError(f"The store holds nothing of a source {source_id!r}; check its id in the source register.")
    return Quality(connection, register, source_id, now, decide)


def _percent(part: int, whole: int) -> str:
    found = share(part, whole)
    return "–" if found is None else f"{found:.0%}"
