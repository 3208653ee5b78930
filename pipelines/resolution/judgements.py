"""Recording decisions about pairs, and reading them back. A decision is superseded, never deleted."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Executable, Select, func, select, true, update

from pipelines.master.ids import content_id
from pipelines.master.keyed import Keyed
from pipelines.master.models import JudgementRow
from pipelines.master.upsert import chunks, upsert
from pipelines.resolution.comparison import MATCH, REVIEW, RULES_VERSION, Comparison

#: Two mention ids, the smaller first.
Pair = tuple[str, str]

SAME, DIFFERENT, UNSURE, COPY = "same", "different", "review", "copy"

#: Decisions of the rules that a change of either mention makes worthless.
_WEIGHED = (SAME, UNSURE)
_LIVE = JudgementRow.superseded_at.is_(None)
_SIDES = (JudgementRow.left_id, JudgementRow.right_id)


def _on_either_side(make: Callable[[ColumnElement[bool]], Executable]) -> tuple[Keyed, ...]:
    """Return what asks for the judgements about some mentions: twice, as one statement would use no index."""

    def on(side: Any) -> Keyed:
        return Keyed(lambda these: make(these.among(side)))

    return tuple(on(side) for side in _SIDES)


def _by_the_rules(verdicts: Sequence[str]) -> tuple[Keyed, ...]:
    columns = (JudgementRow.id, _LIVE, *_SIDES)
    return _on_either_side(
        lambda about: select(*columns).where(about, JudgementRow.verdict.in_(verdicts), JudgementRow.human.is_(False))
    )


def _decided(*about: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = (JudgementRow.id, *_SIDES, JudgementRow.verdict, JudgementRow.by, JudgementRow.made_at)
    return select(*columns).where(_LIVE, *about)


_WEIGHED_BEFORE = _by_the_rules(_WEIGHED)
_ALIVE = Keyed(lambda these: select(JudgementRow.id).where(these.among(JudgementRow.id), _LIVE))
_COPIES_BEFORE = _by_the_rules((COPY,))
_TIES = _on_either_side(
    lambda about: select(*_SIDES, JudgementRow.bits, JudgementRow.human).where(
        about, JudgementRow.verdict.in_(_WEIGHED), _LIVE
    )
)
#: The index of what people decided is for all of it. About some mentions it is asked so that it cannot be used: SQLite
#: would go through every decision for each group of mentions.
_JUDGED = _on_either_side(
    lambda about: _decided(JudgementRow.human == true(), about, JudgementRow.verdict.in_((SAME, DIFFERENT)))
)


class _Verdict(NamedTuple):
    """What the rules say of a pair; `reasons` is a list of {rule, bits, sentence}."""

    verdict: str
    probability: float
    bits: float
    reasons: list[dict[str, Any]]


_COPY = _Verdict(COPY, 1.0, 0.0, [{"rule": "copy", "bits": 0.0, "sentence": "Another page says exactly the same."}])


class Human(NamedTuple):
    """A live decision of a person: its id, its pair, what it says, by whom and when."""

    id: str
    pair: Pair
    verdict: str
    by: str
    made_at: datetime


def ordered(one: str, other: str) -> Pair:
    """Return a pair as it is stored."""
    return (one, other) if one < other else (other, one)


def record(
    connection: Connection,
    changed: Collection[str],
    compared: Mapping[Pair, Comparison],
    copies: Mapping[str, str],
    now: datetime,
) -> set[str]:
    """Record what the rules say of the compared pairs and of copies; supersede what they said of `changed` before.

    A pair that nobody would take for one person is not recorded, or the table would hold every pair of a block.
    Returns the mentions whose ties are other than they were.
    """
    rows = rows_of(compared, copies, now)
    known: dict[str, tuple[bool, Pair]] = {}
    for mentions, statements in ((changed, _WEIGHED_BEFORE), (copies, _COPIES_BEFORE)):
        for statement in statements if mentions else ():
            for key, live, left, right in statement(connection, keys=mentions):
                known[key] = bool(live), (left, right)
    known.update(_copies_before(connection, compared))
    outdated = [key for key, (live, _) in known.items() if live and key not in rows]
    revived = [key for key, (live, _) in known.items() if not live and key in rows]
    for keys, values in ((outdated, {"superseded_at": now}), (revived, {"superseded_at": None, "made_at": now})):
        for chunk in chunks(sorted(keys)):
            connection.execute(update(JudgementRow).where(JudgementRow.id.in_(chunk)).values(values))
    upsert(connection, JudgementRow, [row for key, row in rows.items() if key not in known])
    return {mention for key in outdated for mention in known[key][1]}


def _copies_before(connection: Connection, compared: Iterable[Pair]) -> dict[str, tuple[bool, Pair]]:
    """Return the live decisions that pairs are copies which are compared now: one of them says something else."""
    ids = {_id(pair, _COPY): pair for pair in compared}
    return {key: (True, ids[key]) for key in _ALIVE(connection, keys=ids).scalars()} if ids else {}


def record_all(connection: Connection, rows: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    """Record decisions of the rules, by id, of a resolution of the whole store; what was superseded is alive again."""
    known: dict[str, bool] = {}
    for chunk in chunks(sorted(rows)):
        query = select(JudgementRow.id, _LIVE).where(JudgementRow.id.in_(chunk))
        known.update((key, bool(live)) for key, live in connection.execute(query).all())
    for chunk in chunks(sorted(key for key, live in known.items() if not live)):
        revived = update(JudgementRow).where(JudgementRow.id.in_(chunk))
        connection.execute(revived.values(superseded_at=None, made_at=now))
    upsert(connection, JudgementRow, [row for key, row in rows.items() if key not in known])


def supersede_all_but(connection: Connection, kept: Collection[str], now: datetime) -> None:
    """Supersede every live decision of the rules that is not kept."""
    live = connection.scalars(select(JudgementRow.id).where(_LIVE, JudgementRow.human.is_(False)))
    for chunk in chunks(sorted(key for key in live if key not in kept)):
        connection.execute(update(JudgementRow).where(JudgementRow.id.in_(chunk)).values(superseded_at=now))


def links(connection: Connection, mentions: Collection[str]) -> dict[Pair, float]:
    """Return the live ties of these mentions with the bits of each: "same", and for the rules also "review".

    Clustering looks at the mean of a group, so a pair of which nobody is sure may still belong to it. A person's
    judgement has no bits: NaN stands for them.
    """
    found: dict[Pair, float] = {}
    for statement in _TIES if mentions else ():
        for left, right, bits, human in statement(connection, keys=mentions):
            if human:
                found.setdefault((left, right), float("nan"))
            else:
                found[left, right] = bits
    return found


def of_other_weights(connection: Connection) -> int:
    """Return how many live decisions of the rules were made with other weights than this program's.

    Each is made anew when a reading of its pair changes; until all are, the master is not what a batch would give.
    """
    query = select(func.count()).where(_LIVE, JudgementRow.human.is_(False), JudgementRow.by != RULES_VERSION)
    return connection.scalar(query) or 0


def judged(connection: Connection, mentions: Iterable[str]) -> set[str]:
    """Return those of the mentions about which a live judgement of a person stands."""
    wanted = set(mentions)
    return {one for found in of_people(connection, wanted) for one in found.pair} & wanted


def human(connection: Connection, mentions: Collection[str]) -> tuple[set[Pair], set[Pair]]:
    """Return the pairs among these mentions that people have judged the same, and different."""
    verdicts: dict[str, set[Pair]] = {SAME: set(), DIFFERENT: set()}
    for found in of_people(connection, mentions):
        if found.pair[0] in mentions and found.pair[1] in mentions:
            verdicts[found.verdict].add(found.pair)
    return verdicts[SAME], verdicts[DIFFERENT]


def of_people(connection: Connection, mentions: Collection[str] | None = None) -> list[Human]:
    """Return the live judgements of people about some mentions, or all of them, oldest first."""
    if mentions is None:
        rows = set(connection.execute(_decided(JudgementRow.human.is_(True))))
    else:
        rows = {row for statement in _JUDGED if mentions for row in statement(connection, keys=mentions)}
    found = [Human(row[0], (row[1], row[2]), *row[3:]) for row in rows]
    return sorted(found, key=lambda one: (one.made_at, one.id))


def rows_of(compared: Mapping[Pair, Comparison], copies: Mapping[str, str], now: datetime) -> dict[str, dict[str, Any]]:
    """Return the rows of what the rules say, by id; none for a pair that nobody would take for one."""
    rows = {row["id"]: row for pair, found in compared.items() if (row := _row(pair, found, now))}
    for copy, original in copies.items():
        row = _machine(ordered(copy, original), _COPY, now)
        rows[row["id"]] = row
    return rows


def _row(pair: Pair, found: Comparison, now: datetime) -> dict[str, Any] | None:
    if found.veto or found.probability < REVIEW:
        return None
    reasons = [{"rule": item.rule, "bits": round(item.bits, 3), "sentence": item.sentence} for item in found.evidence]
    verdict = SAME if found.probability >= MATCH else UNSURE
    return _machine(pair, _Verdict(verdict, round(found.probability, 6), round(found.bits, 3), reasons), now)


def _machine(pair: Pair, found: _Verdict, now: datetime) -> dict[str, Any]:
    return {
        "id": _id(pair, found),
        "left_id": pair[0],
        "right_id": pair[1],
        **found._asdict(),
        "by": RULES_VERSION,
        "human": False,
        "made_at": now,
        "superseded_at": None,
    }


def _id(pair: Pair, found: _Verdict) -> str:
    return content_id("judgement", *pair, RULES_VERSION, found.verdict, json.dumps(found.reasons))
