"""Erasing people (Article 17 GDPR): their values go from every table, and keyed hashes keep them out for good."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from crawler.items import Property
from pipelines.master.ids import name_key
from pipelines.master.models import StatementRow
from pipelines.master.upsert import chunks
from pipelines.requests.cases import Case, Desk
from pipelines.requests.telling import Received, erasure, known_as, received
from pipelines.rights import apart
from pipelines.rights.suppression import KINDS, keyed_hashes, suppress
from pipelines.upkeep.removal import take_out
from pipelines.upkeep.replay import by_reading

#: What identifies somebody in plain sight and is searched for afterwards.
_TELLING = frozenset({Property.NAME, *KINDS})


@dataclass(slots=True)
class Erasure:
    """What erasing some people took away, and what has to follow.

    `lines` are the lines of the correction files by recipient, `needles` the values that nobody else has and that must
    be found nowhere afterwards.
    """

    mentions: int = 0
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    needles: set[str] = field(default_factory=set, repr=False)


@dataclass(slots=True)
class Extent:
    """What goes of one person: entries, mentions, statements by property, and what waits apart; who received any."""

    entries: int
    mentions: int
    values: Counter[str]
    waiting: int
    recipients: list[Received]

    def counts(self) -> dict[str, Any]:
        """Return it as value-free totals."""
        return {
            "entries": self.entries,
            "mentions": self.mentions,
            "statements": sum(self.values.values()),
            "waiting": self.waiting,
            "recipients": [one.recipient for one in self.recipients],
        }


def extents(connection: Connection, cases: Sequence[Case], desk: Desk) -> list[Extent]:
    """Return what would go of each case; nothing is changed."""
    people = [case.person.everything if case.person else set() for case in cases]
    values = _values(connection, people)
    given = received(connection, people)
    found = []
    for case, mentions, said, recipients in zip(cases, people, values, given, strict=True):
        waiting = apart.having(connection, keyed_hashes(desk.keys, case.identifiers))
        entries = len(case.person.entities) if case.person else 0
        listed = Counter(prop.value for prop, _ in said)
        found.append(Extent(entries, len(mentions), listed, len(waiting), recipients))
    return found


def erase(connection: Connection, cases: Sequence[Case], desk: Desk, *, reason: str = "erasure") -> Erasure:
    """Erase the people of some cases, in the caller's transaction, and close the cases; who is not held is kept out.

    The suppression comes first, so that no crawl can bring somebody back in between.
    """
    found = Erasure()
    extent = extents(connection, cases, desk)
    people = [case.person.everything if case.person else set() for case in cases]
    found.needles = _needles(connection, people)
    for case, one in zip(cases, extent, strict=True):
        mentions = case.person.mentions if case.person else set()
        readings = [by_reading(mention) for mention in mentions]
        kept_out = suppress(connection, desk.keys, [*case.identifiers, *readings], reason, desk.now)
        apart.forget(connection, apart.having(connection, keyed_hashes(desk.keys, case.identifiers)))
        shared = case.person.shared if case.person else 0
        case.done(desk.now, {**one.counts(), "suppressed": kept_out, "shared": shared})
        if case.person and one.recipients:
            ids = known_as(connection, case.person.entities, mentions)
            for who in one.recipients:
                found.lines[who.recipient].append(erasure(who, ids, case.entry.id, desk.today))
    found.mentions = take_out(connection, {mention for mentions in people for mention in mentions})
    found.needles -= _still_held(connection, found.needles)
    return found


def _values(connection: Connection, people: Sequence[Collection[str]]) -> list[list[tuple[Property, str]]]:
    owner = {mention: number for number, mentions in enumerate(people) for mention in mentions}
    found: list[list[tuple[Property, str]]] = [[] for _ in people]
    for mention, prop, value in _said(connection, owner):
        found[owner[mention]].append((Property(prop), value))
    return found


def _said(connection: Connection, mentions: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for chunk in chunks(sorted(mentions)):
        query = select(StatementRow.mention_id, StatementRow.property, StatementRow.normalised)
        for row in connection.execute(query.where(StatementRow.mention_id.in_(chunk))):
            yield row[0], row[1], row[2]


def _needles(connection: Connection, people: Sequence[Collection[str]]) -> set[str]:
    """Return names, addresses, numbers and links as they are stored and as they were read."""
    found: set[str] = set()
    wanted = [prop.value for prop in _TELLING]
    for chunk in chunks(sorted({mention for mentions in people for mention in mentions})):
        query = select(StatementRow.normalised, StatementRow.original)
        for row in connection.execute(
            query.where(StatementRow.mention_id.in_(chunk), StatementRow.property.in_(wanted))
        ):
            found.update(row)
    return found


def _still_held(connection: Connection, needles: Collection[str]) -> set[str]:
    """Return the values that others have as well, in whatever letters they are written here."""
    found: set[str] = set()
    for chunk in chunks(sorted(needles)):
        held = StatementRow.normalised.in_(chunk)
        found.update(connection.scalars(select(StatementRow.normalised).where(held).distinct()))
    folded = {name_key(value) for value in found}
    return {value for value in needles if value in found or name_key(value) in folded}
