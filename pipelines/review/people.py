"""What people decide about pairs of mentions, and undoing it. A person outranks every rule; no rule signs as one."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from pipelines.errors import RefusedError, UsageError
from pipelines.master.ids import content_id
from pipelines.master.models import JudgementRow, MentionRow
from pipelines.master.prefixes import begins, is_prefix
from pipelines.master.requests import RestrictionRow
from pipelines.reports.lookup import find
from pipelines.resolution import judgements
from pipelines.resolution.comparison import RULES_VERSION
from pipelines.resolution.judgements import DIFFERENT, SAME
from pipelines.resolution.resolver import lock, resolve_mentions
from pipelines.review.conflicts import Conflict, conflicts
from pipelines.review.texts import reason as reason_sentence

_ID = 32


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: its judgement, the entities of both sides now, and whom it contradicts.

    `already` says whose judgement it is when the same had been decided before and nothing changed: "own" or "other".
    """

    judgement: str
    entities: tuple[str, str]
    conflicts: tuple[Conflict, ...]
    already: str = ""


def reviewer(named: str = "") -> str:
    """Return who decides, the account's name when nobody is named; raises UsageError for a rule's name."""
    name = " ".join((named or getpass.getuser()).split())
    if not name or len(name) > 80 or name.startswith("learnt-") or name == RULES_VERSION:
        raise UsageError("--by is the name of the person who decides, at most 80 letters; a rule cannot sign.")
    return name


def mention_of(connection: Connection, wanted: str, place: str = "that") -> str:
    """Return the mention that a text names: by the beginning of its id, else the anchor of the entry it leads to.

    Raises UsageError when nobody, or more than one, answers to it; `place` is what the usage line calls the text, which
    may be a name and is not repeated.
    """
    folded = wanted.strip().lower()
    if is_prefix(folded):
        ids = connection.scalars(select(MentionRow.id).where(begins(MentionRow.id, folded)).limit(2)).all()
        if len(ids) == 1:
            return ids[0]
    found = find(connection, wanted)
    if len(found) != 1:
        many = f"{len(found)} entries answer" if found else "nobody in the store answers"
        raise UsageError(f"{many} to {place}; give an id as `scrapy why NAME` shows it.")
    return found[0].id


def judge(
    connection: Connection, one: str, other: str, verdict: str, *, by: str, reason: str, now: datetime
) -> Decided:
    """Record a person's decision about two mentions and bring the master up to date.

    An earlier decision of people about the pair is superseded. Deciding the same again changes nothing, whoever decided
    it first: the judgement that holds is returned, and `already` says whose it is. Raises
    UsageError for a mention and itself, and for a person and an organisation.
    """
    lock(connection)
    _require_free(connection, (one, other))
    pair = judgements.ordered(one, other)
    if len(_types(connection, pair)) != 1 or one == other:
        raise UsageError("A judgement is about two different mentions of one kind: two people, or two organisations.")
    live = [found for found in judgements.of_people(connection, pair) if found.pair == pair]
    already = ""
    if live and live[-1].verdict == verdict:
        identity, already = live[-1].id, "own" if live[-1].by == by else "other"
    else:
        identity = content_id("judgement", *pair, "human", by, verdict, now.isoformat())
        _supersede(connection, [found.id for found in live], now)
        row: dict[str, Any] = {
            "id": identity,
            "left_id": pair[0],
            "right_id": pair[1],
            "verdict": verdict,
            "probability": 1.0 if verdict == SAME else 0.0,
            "bits": 0.0,
            "reasons": [{"rule": f"human.{reason}", "bits": 0.0, "sentence": reason_sentence(reason)}],
            "by": by,
            "human": True,
            "made_at": now,
            "superseded_at": None,
        }
        connection.execute(insert(JudgementRow), [row])
        _resolve(connection, pair)
    return replace(_decided(connection, identity, pair), already=already)


def unmerge(connection: Connection, what: str, *, by: str, now: datetime) -> Decided:
    """Undo one judgement, named by its id or its beginning, or part an id that was merged from what it was merged into.

    A person's judgement is superseded, and the one it had superseded holds again, so the master is what it was. What a
    rule has merged is parted by a person's judgement, which can be undone in turn. Raises UsageError when there is
    nothing to undo.
    """
    lock(connection)
    row = _judgement(connection, what)
    if row is None:
        return _part(connection, what, by=by, now=now)
    pair = (row.left_id, row.right_id)
    if row.superseded_at is not None:
        raise UsageError("That judgement holds no more; there is nothing to undo.")
    if row.human:
        _supersede(connection, [row.id], now)
        about = (JudgementRow.left_id == pair[0], JudgementRow.right_id == pair[1], JudgementRow.human)
        earlier = (*about, JudgementRow.superseded_at == row.made_at, JudgementRow.id != row.id)
        connection.execute(update(JudgementRow).where(*earlier).values(superseded_at=None))
        _resolve(connection, pair)
        return _decided(connection, row.id, pair)
    if len(set(_homes(connection, pair))) > 1:
        raise UsageError("The two readings of that judgement are not merged; there is nothing to undo.")
    return judge(connection, *pair, DIFFERENT, by=by, reason="unmerge", now=now)


def _part(connection: Connection, what: str, *, by: str, now: datetime) -> Decided:
    mention = mention_of(connection, what, "WHAT, which is no judgement's id either")
    (home,) = _homes(connection, (mention,))
    if not home or home == mention:
        raise UsageError(
            "That id is not merged into another one; name a judgement or a merged id as `scrapy why` shows them."
        )
    decisions = [found for found in judgements.of_people(connection, [mention]) if found.verdict == SAME]
    if len(decisions) == 1:
        return unmerge(connection, decisions[0].id, by=by, now=now)
    return judge(connection, mention, home, DIFFERENT, by=by, reason="unmerge", now=now)


def _judgement(connection: Connection, what: str) -> Any | None:
    folded = what.strip().lower()
    if not is_prefix(folded) or len(folded) > _ID:
        return None
    rows = connection.execute(select(JudgementRow).where(begins(JudgementRow.id, folded)).limit(2)).all()
    return rows[0] if len(rows) == 1 else None


def _supersede(connection: Connection, ids: list[str], now: datetime) -> None:
    connection.execute(update(JudgementRow).where(JudgementRow.id.in_(ids)).values(superseded_at=now))


def _resolve(connection: Connection, pair: tuple[str, str]) -> None:
    connection.execute(update(MentionRow).where(MentionRow.id.in_(pair)).values(pending=True))
    resolve_mentions(connection, pair)


def _require_free(connection: Connection, pair: tuple[str, str]) -> None:
    """Raise RefusedError when one of two mentions stands in an entry whose processing is restricted."""
    homes = select(MentionRow.entity_id).where(MentionRow.id.in_(pair))
    inside = select(MentionRow.id).where(or_(MentionRow.id.in_(pair), MentionRow.entity_id.in_(homes)))
    query = select(RestrictionRow.mention_id).where(RestrictionRow.mention_id.in_(inside)).limit(1)
    if connection.scalar(query):
        raise RefusedError("The processing of one of them is restricted (Article 18 GDPR); nobody may change it now.")


def _types(connection: Connection, pair: tuple[str, str]) -> set[str]:
    rows = connection.execute(select(MentionRow.id, MentionRow.type).where(MentionRow.id.in_(pair))).all()
    return {row.type for row in rows} if len(rows) == len(set(pair)) else set()


def _homes(connection: Connection, mentions: tuple[str, ...]) -> tuple[str, ...]:
    rows = connection.execute(select(MentionRow.id, MentionRow.entity_id).where(MentionRow.id.in_(mentions)))
    found = {row.id: row.entity_id or "" for row in rows}
    return tuple(found.get(mention, "") for mention in mentions)


def _decided(connection: Connection, judgement: str, pair: tuple[str, str]) -> Decided:
    left, right = _homes(connection, pair)
    found = conflicts(connection)
    named = tuple(one for one in found if judgement in {one.different.id, *(same.id for same in one.same)})
    return Decided(judgement, (left, right), named)
