"""Objection (Article 21 GDPR): to everything, to a purpose, or to a channel; to direct marketing always and at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from pipelines.master.models import MentionRow, SourceRow
from pipelines.master.upsert import chunks
from pipelines.requests.cases import Case, Desk
from pipelines.requests.restricting import Lines
from pipelines.requests.telling import erasure, known_as, received
from pipelines.rights.suppression import suppress
from pipelines.upkeep.removal import take_out


def object_to(connection: Connection, cases: Sequence[Case], desk: Desk, scope: str, purpose: str = "") -> Lines:
    """Keep some people out of a scope, and close their cases; return what recipients are told.

    What was read for a purpose that somebody objects to is erased (Article 17(1)(c)); what was read for others stays.
    """
    lines: Lines = defaultdict(list)
    people = [_for(connection, case.person.mentions, purpose) if case.person else set() for case in cases]
    for case, mentions, given in zip(cases, people, received(connection, people), strict=True):
        kept_out = suppress(connection, desk.keys, case.identifiers, "objection", desk.now, scope=scope)
        counts = {"scope": scope, "suppressed": kept_out, "mentions": len(mentions) if purpose else 0}
        case.done(desk.now, {**counts, "recipients": [one.recipient for one in given]})
        if case.person:
            ids = known_as(connection, case.person.entities, case.person.mentions)
            action = "erase" if purpose else "object"
            for one in given:
                lines[one.recipient].append({**erasure(one, ids, case.entry.id, desk.today, action), "scope": scope})
    if purpose:
        take_out(connection, {mention for mentions in people for mention in mentions})
    return lines


def _for(connection: Connection, mentions: Collection[str], purpose: str) -> set[str]:
    """Return those of some mentions that were read for a purpose; all of them where none is named."""
    if not purpose:
        return set(mentions)
    found: set[str] = set()
    for chunk in chunks(sorted(mentions)):
        query = select(MentionRow.id).join(SourceRow, SourceRow.id == MentionRow.source_id)
        found.update(connection.scalars(query.where(MentionRow.id.in_(chunk), SourceRow.purpose == purpose)))
    return found
