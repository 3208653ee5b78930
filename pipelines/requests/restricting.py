"""Restriction (Article 18 GDPR): the data stay as they are, and nothing is done with them until the person is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, tuple_, update

from pipelines.errors import RefusedError
from pipelines.master.models import DocumentRow, MentionRow
from pipelines.master.requests import RestrictionRow
from pipelines.master.upsert import chunks, upsert
from pipelines.requests.cases import Case, Desk
from pipelines.requests.rules import Ground
from pipelines.requests.telling import erasure, known_as, received
from pipelines.rights.suppression import RESTRICTION, lift, suppress

#: Lines for recipients, by recipient.
Lines = dict[str, list[dict[str, Any]]]


def restrict(connection: Connection, cases: Sequence[Case], desk: Desk, ground: Ground) -> Lines:
    """Restrict the processing of some people's data, and close their cases; return what recipients are told.

    The readings that are held are marked, so that no later crawl, page or retention changes them; keyed hashes keep new
    readings and exports away wherever the person turns up.
    """
    for case in cases:
        if case.person is None:
            case.done(desk.now, {"mentions": 0})
            continue
        rows = [
            {"mention_id": one, "request_id": case.entry.id, "ground": ground.value, "made_at": desk.now}
            for one in case.person.everything
        ]
        upsert(connection, RestrictionRow, rows)
        suppress(connection, desk.keys, case.person.identifiers, "restriction", desk.now, scope=RESTRICTION)
    return _told(connection, cases, desk, "restrict", {"ground": ground.value})


def release(connection: Connection, cases: Sequence[Case], desk: Desk) -> Lines:
    """Lift the restriction of some people, of which they have been told, and close their cases.

    Raises RefusedError where nothing is restricted.
    """
    for case in cases:
        held = case.person.everything if case.person else set()
        if not restricted(connection, held):
            raise RefusedError(f"Nothing is restricted there (request {case.entry.id[:12]}); there is nothing to lift.")
        for chunk in chunks(sorted(held)):
            connection.execute(delete(RestrictionRow).where(RestrictionRow.mention_id.in_(chunk)))
            # What the pages said meanwhile was not kept, so they are asked for in full again.
            pages = select(MentionRow.source_id, MentionRow.url).where(MentionRow.id.in_(chunk))
            anew = update(DocumentRow).where(tuple_(DocumentRow.source_id, DocumentRow.url).in_(pages))
            connection.execute(anew.values(etag="", last_modified="", content_hash=""))
        lift(connection, desk.keys, case.identifiers, desk.now, scope=RESTRICTION)
    return _told(connection, cases, desk, "lift", {"lifted": 1})


def restricted(connection: Connection, mentions: Collection[str]) -> int:
    """Return how many of some mentions are restricted."""
    found = 0
    for chunk in chunks(sorted(mentions)):
        query = select(func.count()).select_from(RestrictionRow).where(RestrictionRow.mention_id.in_(chunk))
        found += connection.scalar(query) or 0
    return found


def _told(connection: Connection, cases: Sequence[Case], desk: Desk, action: str, counts: dict[str, Any]) -> Lines:
    lines: Lines = defaultdict(list)
    people = [case.person.everything if case.person else set() for case in cases]
    for case, given in zip(cases, received(connection, people), strict=True):
        if case.person is None:
            continue
        ids = known_as(connection, case.person.entities, case.person.mentions)
        for one in given:
            lines[one.recipient].append(erasure(one, ids, case.entry.id, desk.today, action))
        told = {"recipients": [one.recipient for one in given]}
        case.done(desk.now, {"mentions": len(case.person.everything), **counts, **told})
    return lines
