"""Why two entries, or two readings of one entry, are one or are not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product

from sqlalchemy import Connection, select

from pipelines.errors import UsageError
from pipelines.master.models import MentionRow
from pipelines.resolution import copies, engine, frozen, judgements, master_rows
from pipelines.resolution.judgements import Human
from pipelines.resolution.loading import records
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics
from pipelines.review.explain import PairReason, holding, pair_reason

#: Readings of each side that are compared to find the pair that speaks most for one.
_READINGS = 20


@dataclass(frozen=True, slots=True)
class Explanation:
    """Two entries: whether they are one now, the pair of readings that ties them best, and what people have said.

    `holding` are the groups of values without which the one would be several, with how many; None when it has too
    many readings to tell.
    """

    entities: tuple[str, str]
    joined: bool
    reason: PairReason
    decisions: tuple[Human, ...]
    holding: dict[str, int] | None


def explain(connection: Connection, one: str, other: str) -> Explanation:
    """Explain two mentions, or the entries that they stand for; raises UsageError for one and the same.

    Two mentions of one entry are compared with each other; two entries by their pair of readings that ties them best.
    """
    left, right = (_home(connection, mention) for mention in (one, other))
    if one == other or not left or not right:
        raise UsageError("Name two different entries, or two readings of one, that have a name.")
    statistics = frozen.current(connection)
    joined = left == right
    sides = [[one], [other]] if joined else [_readings(connection, home) for home in (left, right)]
    read = records(connection, {mention for side in sides for mention in side})
    pairs = [(read[a], read[b]) for a, b in product(*sides) if a in read and b in read and a != b]
    if not pairs or pairs[0][0].type is not pairs[0][1].type:
        raise UsageError("Name two entries of one kind: two people, or two organisations.")
    prepared = {key: prepare(record) for key, record in read.items()}
    best = max(pairs, key=lambda pair: engine.bits_of(prepared[pair[0].id], prepared[pair[1].id], statistics))
    said = _decisions(connection, (one, other), (left, right))
    held = hold(connection, left, statistics) if joined else {}
    return Explanation((left, right), joined, pair_reason(*best, statistics), tuple(said), held)


def _decisions(connection: Connection, pair: tuple[str, str], homes: tuple[str, str]) -> list[Human]:
    """Return what people have said of two mentions of one entry, or of any reading of one entry and any of another."""
    if homes[0] == homes[1]:
        return [found for found in judgements.of_people(connection, pair) if set(found.pair) == set(pair)]
    inside = connection.scalars(select(MentionRow.id).where(MentionRow.entity_id == homes[0])).all()
    said = judgements.of_people(connection, inside)
    home = master_rows.homes_of(connection, {mention for found in said for mention in found.pair})
    return [found for found in said if {home.get(mention) for mention in found.pair} == set(homes)]


def hold(connection: Connection, entity: str, statistics: Statistics) -> dict[str, int] | None:
    """Return the groups of values that hold an entry together, with how many it would be without; None: too many."""
    readings = _readings(connection, entity, engine.LARGEST_COMPLETED + 1)
    read: dict[str, Record] = records(connection, readings)
    same, different = judgements.human(connection, read)
    return holding([read[key] for key in sorted(read)], statistics, sorted(same), sorted(different))


def _home(connection: Connection, mention: str) -> str:
    return connection.scalar(select(MentionRow.entity_id).where(MentionRow.id == mention)) or ""


def _readings(connection: Connection, entity: str, limit: int = _READINGS) -> list[str]:
    contents = connection.scalars(select(MentionRow.content).where(MentionRow.entity_id == entity).distinct())
    return list(islice(sorted(copies.originals(connection, contents).values()), limit))
