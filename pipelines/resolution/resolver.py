"""Resolution over the store: what changed is compared, judged, clustered, and its master rows are derived anew.

Only the components that a changed mention touches are clustered again. The clusters are a pure function of a
component's records and of people's judgements, so the order in which mentions arrive does not matter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Integer, cast, select, text, update

from crawler import clock
from crawler.items import MentionType
from pipelines.master.keyed import Keyed
from pipelines.master.models import MentionRow
from pipelines.resolution import components, copies, frozen, joining, judgements, keys, master_rows
from pipelines.resolution.copies import Standing
from pipelines.resolution.loading import records
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.remembering import tidy
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.two_cores import without_collector
from pipelines.resolution.weighing import weigh

#: One resolution at a time on a shared PostgreSQL; the number only has to be ours.
_LOCK = 0x63617264
#: Mentions that are resolved at a time: bounds the memory when a whole store is pending.
GROUP = 1000
#: Asked of some mentions, without an index: SQLite would go through all that wait, which are many after an import.
_WAITS = cast(MentionRow.pending, Integer) == 1
_PENDING = Keyed(lambda these: select(MentionRow.id, MentionRow.type).where(these.among(MentionRow.id), _WAITS))
_IS_PENDING = Keyed(lambda these: select(MentionRow.id).where(these.among(MentionRow.id), _WAITS).limit(1))
_DONE = Keyed(lambda these: update(MentionRow).where(these.among(MentionRow.id)).values(pending=False))


def resolve(connection: Connection, groups: Sequence[Collection[str]]) -> list[dict[str, int]]:
    """Resolve the pending mentions of some groups; return what changed, counted once for all, in the first place.

    The counts are "person" and "organisation" (rows that are new) and "merged" (mentions that joined another).
    """
    wanted = {mention for group in groups for mention in group}
    counts = resolve_mentions(connection, wanted)
    return [dict(counts) if index == 0 else {} for index in range(len(groups))]


def resolve_pending(connection: Connection) -> Counter[str]:
    """Resolve whatever is pending: what a killed process has left behind."""
    pending = connection.scalars(select(MentionRow.id).where(MentionRow.pending)).all()
    return resolve_mentions(connection, pending)


def resolve_leftovers(connection: Connection, payloads: Sequence[None]) -> list[None]:
    """Do `resolve_pending` as a handler of the group writer."""
    resolve_pending(connection)
    return list(payloads)


def resolve_mentions(connection: Connection, mentions: Collection[str]) -> Counter[str]:
    """Resolve those of the mentions that are pending, organisations before the people who work for them."""
    pending: dict[str, list[str]] = defaultdict(list)
    for mention, kind in _PENDING(connection, keys=mentions):
        pending[kind].append(mention)
    counts: Counter[str] = Counter()
    if not pending:
        return counts
    lock(connection)
    statistics = frozen.current(connection)
    for kind in (MentionType.ORGANISATION, MentionType.PERSON):
        for group in _groups(pending.get(kind.value, ())):
            with without_collector():
                counts += _resolve_kind(connection, kind, group, statistics)
            _DONE(connection, keys=group)
            tidy()
    return counts


def is_pending(connection: Connection, mentions: Collection[str]) -> bool:
    """Return whether one of the mentions has changed since it was last resolved."""
    return _IS_PENDING(connection, keys=mentions).first() is not None


def lock(connection: Connection) -> None:
    """Wait until no other process resolves; the end of the transaction lets the next one in."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _groups(mentions: Iterable[str]) -> Iterator[set[str]]:
    waiting = iter(mentions)
    while group := set(islice(waiting, GROUP)):
        yield group


def _resolve_kind(connection: Connection, kind: MentionType, changed: set[str], statistics: Statistics) -> Counter[str]:
    now = clock.now()
    read = records(connection, changed)
    prepared = {key: prepare(read[key]) for key in sorted(read)}
    before = master_rows.homes_of(connection, changed)
    standing = copies.settle(connection, changed, read, prepared, statistics)
    before |= master_rows.homes_of(connection, standing.changed - changed)
    joined = joining.join(connection, kind, standing)
    touched = _judge(connection, standing, prepared, statistics, now)
    master_rows.settle(connection, dict.fromkeys(before.keys() - read.keys() & standing.changed))
    waiting = {copy: original for copy, original in standing.copies.items() if copy not in joined}
    start = {*standing.originals, *touched, *standing.displaced, *waiting.values()}
    before |= master_rows.homes_of(connection, standing.displaced)
    ties, homes = components.reach(connection, start, set(before.values()))
    found = components.cluster(connection, ties, kind, statistics, prepared)
    counts = master_rows.write(
        connection, kind, found, waiting, before=homes, now=now, untouched=homes - set(before.values())
    )
    return counts + Counter(merged=len(joined))


def _judge(
    connection: Connection,
    standing: Standing,
    prepared: dict[str, Prepared],
    statistics: Statistics,
    now: datetime,
) -> set[str]:
    """Compare the originals that changed with all that share a key, and record the decisions.

    Returns the mentions whose ties changed.
    """

    def read(mentions: Collection[str]) -> dict[str, Prepared]:
        _prepare(connection, set(mentions) - set(prepared), prepared)
        return {one: prepared[one] for one in mentions if one in prepared}

    blocks = keys.write(connection, standing.changed | standing.displaced, standing.originals, read, statistics.crowded)
    pairs = keys.pairs(connection, blocks)
    _prepare(connection, {mention for pair in pairs for mention in pair} - set(prepared), prepared)
    compared = {pair: found for pair in pairs if (found := weigh(prepared, pair, statistics))}
    changed = {*standing.changed, *standing.displaced, *blocks.keys}
    touched = judgements.record(connection, changed, compared, standing.copies, now)
    return touched | set(blocks.keys)


def _prepare(connection: Connection, missing: Collection[str], prepared: dict[str, Prepared]) -> None:
    prepared.update((key, prepare(record)) for key, record in records(connection, missing).items())
