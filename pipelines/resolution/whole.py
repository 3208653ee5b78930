"""Resolving the whole store at once, over statistics learnt from it: what `scrapy resolve` does.

Everything happens in the caller's transaction, so a store is never seen, or left by a kill, between two states. The
result is what one mention after the other would have given over the same statistics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, select, update

from crawler.items import MentionType
from pipelines.master.check import digest
from pipelines.master.models import BlockKeyRow, CorrectionRow, MentionRow
from pipelines.master.upsert import upsert
from pipelines.resolution import components, copies, engine, frozen, judgements, keys, master_rows
from pipelines.resolution.judgements import Pair
from pipelines.resolution.loading import records
from pipelines.resolution.local_engine import PairEngine, Progress
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.record import Record
from pipelines.resolution.resolver import lock
from pipelines.resolution.statistics import Statistics

T = TypeVar("T")
#: Joins links between so many nodes to components; an engine may bring its own.
Components = Callable[[int, Sequence[tuple[int, int]]], list[list[int]]]
#: Mentions that are read, and originals that are clustered, at a time.
GROUP = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a resolution of the whole store did: how much there was, and the digests of the master before and after."""

    statistics: str
    mentions: int
    compared: int
    judged: int
    before: str
    after: str


def resolve_store(
    connection: Connection, pair_engine: PairEngine, progress: Progress, now: datetime, *, learn: bool = True
) -> Outcome:
    """Resolve every mention anew; with `learn`, over statistics of the store as it is now, else over those in use."""
    lock(connection)
    before = digest(connection)
    mentions = connection.scalars(select(MentionRow.id).order_by(MentionRow.id)).all()
    if learn:
        frozen.keep(connection, _learn(connection, progress(list(_grouped(mentions)), "learning")), len(mentions), now)
    statistics = frozen.current(connection)
    for group in progress(list(_grouped(mentions)), "reading"):
        read = records(connection, group)
        copies.write_contents(connection, group, read, _prepared(read), statistics)
    connection.execute(delete(BlockKeyRow))
    nameless = MentionRow.content == ""
    connection.execute(
        update(MentionRow).where(nameless, MentionRow.id.not_in(select(CorrectionRow.id))).values(entity_id=None)
    )
    kept: set[str] = set()
    weighed = 0
    for kind in (MentionType.ORGANISATION, MentionType.PERSON):
        found = _Kind(connection, kind, statistics, progress, now)
        weighed += found.judge(pair_engine, kept)
        found.derive(getattr(pair_engine, "components", engine.components))
    judgements.supersede_all_but(connection, kept, now)
    connection.execute(update(MentionRow).where(MentionRow.pending).values(pending=False))
    return Outcome(frozen.version_in_use(connection), len(mentions), weighed, len(kept), before, digest(connection))


def _learn(connection: Connection, groups: Iterable[Collection[str]]) -> Statistics:
    """Learn from the mentions, those of one site that say the same counted once."""
    distinct: dict[tuple[object, ...], Prepared] = {}
    for group in groups:
        for key, record in sorted(records(connection, group).items()):
            said = _said(record)
            if said not in distinct or key < distinct[said].id:
                distinct[said] = prepare(record)
    return Statistics.from_prepared(sorted(distinct.values(), key=lambda one: one.id))


def _said(record: Record) -> tuple[object, ...]:
    return (
        record.type, urlsplit(record.page).hostname, record.source, record.names, record.organisations,
        record.job_titles, record.emails, record.telephones, record.addresses, record.urls, record.same_as,
    )  # fmt: skip


class _Kind:
    """The mentions of one type that stand for their content, on their way from keys to master rows."""

    def __init__(
        self, connection: Connection, kind: MentionType, statistics: Statistics, progress: Progress, now: datetime
    ) -> None:
        self.connection, self.kind, self.statistics = connection, kind, statistics
        self.progress, self.now = progress, now
        self.copies: dict[str, str] = {}
        self.ties: dict[Pair, float] = {}
        self.names: list[str] = []
        self._stand()

    def _stand(self) -> None:
        first: dict[str, str] = {}
        query = (
            select(MentionRow.content, MentionRow.id)
            .where(MentionRow.type == self.kind.value, MentionRow.content != "")
            .order_by(MentionRow.content, MentionRow.first_seen, MentionRow.id)
        )
        for content, mention in self.connection.execute(query):
            if first.setdefault(content, mention) != mention:
                self.copies[mention] = first[content]
        self.names = sorted(first.values())

    def judge(self, pair_engine: PairEngine, kept: set[str]) -> int:
        """Write the keys, weigh all pairs and record the decisions; adds their ids to `kept`, returns their number."""
        weighed = 0
        for compared in pair_engine(self.names, self._numbers(), self._read, self.statistics, self.progress):
            rows = judgements.rows_of(compared, {}, self.now)
            self.ties.update((pair, round(found.bits, 3)) for pair, found in compared.items() if not found.veto)
            judgements.record_all(self.connection, rows, self.now)
            kept.update(rows)
            weighed += len(compared)
        for some in _grouped(sorted(self.copies)):
            rows = judgements.rows_of({}, {copy: self.copies[copy] for copy in some}, self.now)
            judgements.record_all(self.connection, rows, self.now)
            kept.update(rows)
        return weighed

    def _numbers(self) -> Iterator[tuple[int, keys.Telling]]:
        places = list(_grouped(range(len(self.names))))
        for some in self.progress(places, "blocking", len(places)):
            prepared = self._read([self.names[place] for place in some])
            found = [(place, keys.numbers(prepared[self.names[place]], self.statistics.crowded)) for place in some]
            rows = [{"key": key, "mention_id": self.names[place]} for place, numbers in found for key in numbers]
            upsert(self.connection, BlockKeyRow, rows)
            yield from found
        yield from self._splits()

    def _splits(self) -> Iterator[tuple[int, keys.Telling]]:
        """Write and yield the keys that stand in place of those that turned out too large."""
        large = frozenset(keys.too_large(self.connection))
        place = {name: number for number, name in enumerate(self.names)} if large else {}
        for some in _grouped(sorted(keys.holders(self.connection, large) & place.keys())):
            prepared = self._read(some)
            found = {name: keys.splits(prepared[name], self.statistics.crowded, large) for name in some}
            rows = [{"key": key, "mention_id": name} for name, numbers in found.items() for key in numbers]
            upsert(self.connection, BlockKeyRow, rows)
            yield from ((place[name], numbers) for name, numbers in found.items())

    def _read(self, mentions: Collection[str]) -> dict[str, Prepared]:
        return _prepared(records(self.connection, mentions))

    def derive(self, components_of: Components) -> None:
        """Cluster every component and write the master rows of all clusters."""
        table = master_rows.TABLES[self.kind]
        stale = set(self.connection.scalars(select(table.id)))
        same = {
            found.pair: float("nan")
            for found in judgements.of_people(self.connection)
            if found.verdict == judgements.SAME
        }
        standing = set(self.names)
        ties = {pair: bits for pair, bits in {**same, **self.ties}.items() if standing.issuperset(pair)}
        copied: dict[str, dict[str, str]] = defaultdict(dict)
        for copy, original in self.copies.items():
            copied[original][copy] = original
        groups = list(_gathered(self.names, ties, components_of))
        for group in self.progress(groups, f"merging {self.kind.value}s", len(groups)):
            found = components.cluster(self.connection, group, self.kind, self.statistics)
            inside = {copy: one for pair in group for name in pair for copy, one in copied.get(name, {}).items()}
            master_rows.write(self.connection, self.kind, found, inside, before=(), now=self.now, employees=False)
        standing_now = select(MentionRow.entity_id).where(MentionRow.entity_id.is_not(None)).distinct()
        master_rows.replace(self.connection, self.kind, stale - set(self.connection.scalars(standing_now)))


def _gathered(names: list[str], ties: dict[Pair, float], components_of: Components) -> Iterator[dict[Pair, float]]:
    """Yield the ties of whole components together, about `GROUP` names at a time."""
    place = {name: number for number, name in enumerate(names)}
    groups = components_of(len(names), [(place[one], place[other]) for one, other in ties])
    home = {names[number]: group for group, numbers in enumerate(groups) for number in numbers}
    inside: dict[int, dict[Pair, float]] = defaultdict(dict)
    for pair, bits in ties.items():
        inside[home[pair[0]]][pair] = bits
    waiting: dict[Pair, float] = {}
    size = 0
    for group, numbers in enumerate(groups):
        waiting.update(inside[group])
        size += len(numbers)
        if size >= GROUP:
            yield waiting
            waiting, size = {}, 0
    for name in names:
        if name not in home:
            waiting[name, name] = float("nan")
            size += 1
            if size >= GROUP:
                yield waiting
                waiting, size = {}, 0
    if waiting:
        yield waiting


def _prepared(read: dict[str, Record]) -> dict[str, Prepared]:
    return {key: prepare(record) for key, record in read.items()}


def _grouped(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while group := list(islice(waiting, GROUP)):
        yield group
