"""What people are asked to decide, the most valuable question first."""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, or_, select
from sqlalchemy.orm import aliased

from crawler.items import MentionType, Property
from pipelines.master.models import JudgementRow, MasterValueRow, MentionRow, OrganisationRow, PersonRow
from pipelines.master.upsert import chunks
from pipelines.reports import masks
from pipelines.reports.restricted import Veil
from pipelines.resolution import frozen
from pipelines.resolution.judgements import DIFFERENT, SAME, UNSURE, of_people
from pipelines.resolution.loading import records
from pipelines.review.explain import PairReason, pair_reason


@dataclass(frozen=True, slots=True)
class Side:
    """One of two entries that may be one: its values by property, best first, and pages that show it."""

    id: str
    mention: str
    type: str
    name: str
    mentions: int
    values: Mapping[str, tuple[str, ...]]
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A pair to decide: its judgement, its two sides, its evidence and how much the answer is worth."""

    judgement: str
    value: float
    left: Side
    right: Side
    reason: PairReason


@dataclass(order=True, frozen=True, slots=True)
class _Open:
    """A judgement that leaves two entries apart."""

    value: float
    probability: float
    judgement: str
    mentions: tuple[str, str] = field(compare=False)
    entities: tuple[str, str] = field(compare=False)


def worth(probability: float, verdict: str, left: int, right: int) -> float:
    """Return what an answer is worth: how unsure the rules are, times how much hangs on it.

    Unsure is 1 at a probability of one half and for a pair that the rules call the same but whose group refused it;
    what hangs on it grows with the logarithm of the smaller entry's mentions, as that many rows would move.
    """
    unsure = 1.0 if verdict == SAME else 4.0 * probability * (1.0 - probability)
    return unsure * (1.0 + math.log2(max(1, min(left, right))))


def masked(question: Question) -> Question:
    """Return a question with the values of people shown in part (`pipelines.reports.masks`)."""
    return replace(question, left=_masked_side(question.left), right=_masked_side(question.right))


def _masked_side(side: Side) -> Side:
    person = side.type == MentionType.PERSON.value
    return replace(
        side,
        name=masks.name(side.name) if person else side.name,
        values={
            prop: values if prop == Property.NAME and not person else tuple(masks.masked(prop, one) for one in values)
            for prop, values in side.values.items()
        },
        pages=tuple(masks.page(one) for one in side.pages),
    )


def questions(connection: Connection, limit: int, skipped: Collection[str] = ()) -> list[Question]:
    """Return the questions that are open, one for each pair of entries, the most valuable first.

    `skipped` are judgements whose pair of entries is not asked about, by whichever of their readings. Nobody is asked
    about people whose processing is restricted: nobody may change their entries.
    """
    best: dict[tuple[str, str], _Open] = {}
    left_out, restricted = _decided(connection), Veil.of(connection).entities
    for found in _open(connection):
        if found.judgement in skipped:
            left_out.add(found.entities)
        elif found.entities not in left_out and restricted.isdisjoint(found.entities):
            known = best.get(found.entities)
            if known is None or (found.probability, found.judgement) > (known.probability, known.judgement):
                best[found.entities] = found
    chosen = heapq.nlargest(limit, (one for pair, one in best.items() if pair not in left_out))
    return _questions(connection, chosen)


def count(connection: Connection) -> int:
    """Return how many questions are open."""
    return sum(1 for _ in open_pairs(connection))


def open_pairs(connection: Connection, source_id: str = "") -> Iterator[datetime]:
    """Yield, for each pair of entries that waits for a person, when the rules first asked (UTC).

    With `source_id`, only pairs of which a reading is of that source. They are counted as they come, so that a long
    queue takes no more memory than a short one.
    """
    left_out, restricted = _decided(connection), Veil.of(connection).entities
    left, right = aliased(MentionRow), aliased(MentionRow)
    swapped = left.entity_id > right.entity_id
    pair = (
        case((swapped, right.entity_id), else_=left.entity_id),
        case((swapped, left.entity_id), else_=right.entity_id),
    )
    query = _asked(select(*pair, func.min(JudgementRow.made_at)), left, right).group_by(*pair)
    if source_id:
        query = query.where(or_(left.source_id == source_id, right.source_id == source_id))
    for one, other, asked_at in connection.execute(query.execution_options(yield_per=1000)):
        if (min(one, other), max(one, other)) not in left_out and restricted.isdisjoint((one, other)):
            yield asked_at


def _decided(connection: Connection) -> set[tuple[str, str]]:
    """Return the pairs of entries that a person holds apart."""
    apart = [found.pair for found in of_people(connection) if found.verdict == DIFFERENT]
    home: dict[str, str] = {}
    for chunk in chunks(sorted({mention for pair in apart for mention in pair})):
        rows = connection.execute(select(MentionRow.id, MentionRow.entity_id).where(MentionRow.id.in_(chunk)))
        home.update((mention, entity) for mention, entity in rows if entity)
    pairs = [(home[one], home[other]) for one, other in apart if one in home and other in home]
    return {(min(pair), max(pair)) for pair in pairs}


def _open(connection: Connection) -> Iterator[_Open]:
    left, right = aliased(MentionRow), aliased(MentionRow)
    columns = (JudgementRow.id, JudgementRow.verdict, JudgementRow.probability, JudgementRow.left_id)
    query = select(*columns, JudgementRow.right_id, left.entity_id, right.entity_id)
    rows: list[Any] = list(connection.execute(_asked(query, left, right)))
    sizes = _sizes(connection, {entity for row in rows for entity in row[5:7]})
    for key, verdict, probability, one, other, home, away in rows:
        value = worth(probability, verdict, sizes.get(home, 1), sizes.get(away, 1))
        entities = (home, away) if home < away else (away, home)
        yield _Open(round(value, 6), probability, key, (one, other), entities)


def _asked(
    query: Select[*tuple[Any, ...]], left: type[MentionRow], right: type[MentionRow]
) -> Select[*tuple[Any, ...]]:
    """Narrow a query to what the rules ask about: pairs that they do not tell apart and that are two entries."""
    return (
        query.join(left, left.id == JudgementRow.left_id)
        .join(right, right.id == JudgementRow.right_id)
        .where(JudgementRow.superseded_at.is_(None), JudgementRow.human.is_(False))
        .where(JudgementRow.verdict.in_((SAME, UNSURE)), left.entity_id != right.entity_id)
    )


def _sizes(connection: Connection, entities: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for table in (PersonRow, OrganisationRow):
        for chunk in chunks(sorted(entities)):
            rows = connection.execute(select(table.id, table.mentions).where(table.id.in_(chunk)))
            found.update({row.id: row.mentions for row in rows})
    return found


def _questions(connection: Connection, chosen: Collection[_Open]) -> list[Question]:
    mentions = {mention for found in chosen for mention in found.mentions}
    read = records(connection, mentions)
    seen = {mention: side for mention, side in sides(connection, mentions).items() if mention in read}
    statistics = frozen.current(connection)
    return [
        Question(
            judgement=found.judgement,
            value=round(found.value, 3),
            left=seen[found.mentions[0]],
            right=seen[found.mentions[1]],
            reason=pair_reason(read[found.mentions[0]], read[found.mentions[1]], statistics),
        )
        for found in chosen
        if all(mention in seen for mention in found.mentions)
    ]


def sides(connection: Connection, mentions: Collection[str]) -> dict[str, Side]:
    """Return, by mention, the entry that it belongs to."""
    home: dict[str, tuple[str, str]] = {}
    for chunk in chunks(sorted(mentions)):
        facts_of = select(MentionRow.id, MentionRow.entity_id, MentionRow.type).where(MentionRow.id.in_(chunk))
        home.update((row.id, (row.entity_id, row.type)) for row in connection.execute(facts_of) if row.entity_id)
    entities = sorted({entity for entity, _ in home.values()})
    facts: dict[str, Any] = {}
    for table in (PersonRow, OrganisationRow):
        for chunk in chunks(entities):
            rows = connection.execute(select(table.id, table.name, table.mentions).where(table.id.in_(chunk)))
            facts.update({row.id: row for row in rows})
    values: dict[str, dict[str, list[str]]] = {entity: {} for entity in entities}
    pages: dict[str, list[str]] = {}
    for entity in entities:
        ranked = connection.execute(
            select(MasterValueRow.property, MasterValueRow.value)
            .where(MasterValueRow.entity_id == entity)
            .order_by(MasterValueRow.property, MasterValueRow.rank)
        )
        for one in ranked:
            values[entity].setdefault(one.property, []).append(one.value)
        query = select(MentionRow.url).where(MentionRow.entity_id == entity).distinct().order_by(MentionRow.url)
        pages[entity] = list(connection.scalars(query.limit(5)))
    return {
        mention: Side(
            id=entity,
            mention=mention,
            type=kind,
            name=facts[entity].name,
            mentions=facts[entity].mentions,
            values={prop: tuple(found) for prop, found in values[entity].items()},
            pages=tuple(pages[entity]),
        )
        for mention, (entity, kind) in home.items()
        if entity in facts
    }
