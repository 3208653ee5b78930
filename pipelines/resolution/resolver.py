"""Resolution over the store: what changed is compared, judged, clustered, and its master rows are derived anew.

Only the components that a changed mention touches are clustered again. The clusters are a pure function of a
component's records and of people's judgements, so the order in which mentions arrive does not matter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import combinations

from sqlalchemy import Connection, select, text, update

from crawler.items import MentionType
from pipelines.master.models import BlockKeyRow, MentionRow
from pipelines.master.upsert import chunks
from pipelines.resolution import blocking, clustering, copies, engine, judgements, keys, master_rows
from pipelines.resolution.comparison import compare
from pipelines.resolution.judgements import Pair
from pipelines.resolution.loading import records
from pipelines.resolution.master_rows import Member
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.statistics import Statistics

#: One resolution at a time on a shared PostgreSQL; the number only has to be ours.
_LOCK = 0x63617264


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
    pending: dict[str, set[str]] = defaultdict(set)
    for chunk in chunks(sorted(mentions)):
        rows = connection.execute(
            select(MentionRow.id, MentionRow.type).where(MentionRow.id.in_(chunk), MentionRow.pending)
        )
        for mention, kind in rows:
            pending[kind].add(mention)
    counts: Counter[str] = Counter()
    if not pending:
        return counts
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    for kind in (MentionType.ORGANISATION, MentionType.PERSON):
        if changed := pending.get(kind.value):
            counts += _resolve_kind(connection, kind, changed)
    for chunk in chunks(sorted(mentions)):
        connection.execute(update(MentionRow).where(MentionRow.id.in_(chunk)).values(pending=False))
    return counts


def _resolve_kind(connection: Connection, kind: MentionType, changed: set[str]) -> Counter[str]:
    read = records(connection, changed)
    standing = copies.settle(connection, changed, read)
    missing = standing.originals - set(read)
    read.update(records(connection, missing))
    prepared = {key: prepare(read[key]) for key in sorted(standing.originals) if key in read}
    numbers = {one.id: keys.numbers(one) for one in prepared.values()}
    keys.write(connection, {*changed, *standing.originals, *standing.copies}, numbers.items())
    _judge(connection, kind, {*changed, *standing.originals, *standing.copies}, prepared, standing.copies)
    members = _component(connection, {*changed, *standing.originals})
    found = _cluster(connection, members)
    return master_rows.write(connection, kind, members, found)


def _judge(
    connection: Connection,
    kind: MentionType,
    changed: Collection[str],
    prepared: Mapping[str, Prepared],
    copied: Mapping[str, str],
) -> None:
    """Compare the originals that changed with all that share a key, and record the decisions."""
    wanted = {number for one in prepared.values() for number in keys.numbers(one)}
    blocks: dict[int, list[str]] = defaultdict(list)
    for chunk in chunks(sorted(wanted)):
        rows = connection.execute(
            select(BlockKeyRow.key, BlockKeyRow.mention_id)
            .join(MentionRow, MentionRow.id == BlockKeyRow.mention_id)
            .where(BlockKeyRow.key.in_(chunk), MentionRow.type == kind.value)
        )
        for key, mention in rows:
            blocks[key].append(mention)
    pairs = _pairs(blocks.values(), prepared)
    partners = {mention for pair in pairs for mention in pair} - set(prepared)
    everyone = {**prepared, **{key: prepare(record) for key, record in records(connection, partners).items()}}
    compared = {pair: compare(everyone[pair[0]], everyone[pair[1]], statistics()) for pair in pairs}
    judgements.record(connection, changed, compared, copied, datetime.now(UTC))


def _pairs(blocks: Iterable[Sequence[str]], changed: Collection[str]) -> list[Pair]:
    """Return the pairs of a changed mention and another of its block, each once, smaller id first."""
    changed = set(changed)
    pairs = {
        (one, other) if one < other else (other, one)
        for block in blocks
        for one in block
        if one in changed
        for other in block
        if other != one
    }
    return sorted(pairs)


def _component(connection: Connection, changed: Collection[str]) -> dict[str, Member]:
    """Return every mention that is linked to a changed one, now or in the master as it was."""
    seen: set[str] = set()
    frontier = set(changed)
    while frontier:
        seen |= frontier
        reached = judgements.linked(connection, frontier)
        for chunk in chunks(sorted(frontier)):
            entities = select(MentionRow.entity_id).where(MentionRow.id.in_(chunk), MentionRow.entity_id.is_not(None))
            reached.update(connection.scalars(select(MentionRow.id).where(MentionRow.entity_id.in_(entities))))
        frontier = reached - seen
    return master_rows.members_of(connection, seen)


def _cluster(connection: Connection, members: Mapping[str, Member]) -> list[tuple[str, ...]]:
    """Return the clusters of the members that still have a name."""
    read = records(connection, members)
    same, different = judgements.human(connection, read)
    judged = {mention for pair in (*same, *different) for mention in pair}
    node = copies.nodes(read, {key: members[key].first_seen for key in read}, judged)
    pages: dict[str, set[str]] = defaultdict(set)
    followers: dict[str, list[str]] = defaultdict(list)
    for mention, leader in node.items():
        pages[leader].add(read[mention].page)
        followers[leader].append(mention)
    prepared = {leader: prepare(read[leader]) for leader in followers}
    blocks: dict[str, list[str]] = defaultdict(list)
    for one in prepared.values():
        for key in blocking.keys(one):
            blocks[key].append(one.id)
    pairs = _pairs(blocks.values(), prepared)
    bits = {(one, other): engine.bits_of(prepared[one], prepared[other], statistics()) for one, other in pairs}
    bits |= dict.fromkeys(_together(prepared, pages), clustering.FORBIDDEN)
    found = _components(prepared, bits, same, different)
    return [tuple(sorted(mention for leader in group for mention in followers[leader])) for group in found]


def _components(
    prepared: Mapping[str, Prepared], bits: Mapping[Pair, float], same: Collection[Pair], different: Collection[Pair]
) -> list[tuple[str, ...]]:
    """Cluster each component that the bits or people tie together; what nothing ties is a cluster of its own."""
    names = sorted(prepared)
    place = {name: number for number, name in enumerate(names)}
    ties = [pair for pair, value in bits.items() if value > engine.LINK] + list(same)
    clusters: list[tuple[str, ...]] = []
    for group in engine.components(len(names), [(place[one], place[other]) for one, other in ties]):
        inside = {names[number] for number in group}
        scores = {pair: value for pair, value in bits.items() if inside.issuperset(pair)}
        chosen = [prepared[name] for name in sorted(inside)]
        clusters += engine.resolve_component(chosen, scores, statistics(), same, different)[0]
    tied = {name for group in clusters for name in group}
    return clusters + [(name,) for name in names if name not in tied]


def _together(prepared: Mapping[str, Prepared], pages: Mapping[str, set[str]]) -> Iterator[Pair]:
    """Yield the pairs of people of whom one page shows both, itself or by a copy: never one person."""
    listed: dict[str, list[str]] = defaultdict(list)
    for name in sorted(prepared):
        if prepared[name].type is MentionType.PERSON:
            for page in pages[name]:
                listed[page].append(name)
    for group in listed.values():
        yield from combinations(group, 2)


@cache
def statistics() -> Statistics:
    """Return the frozen frequencies that scores lean on."""
    return Statistics()
