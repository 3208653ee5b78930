"""Rebuilding the master from statements and judgements: the proof that it is derived."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from pipelines.master.check import DERIVED, digest
from pipelines.master.models import BlockKeyRow, MentionRow
from pipelines.resolution.resolver import resolve_pending


def rebuild(connection: Connection) -> tuple[str, str]:
    """Derive every master row anew and return the digest of the master before and after.

    Runs in the caller's transaction; rolling that back leaves everything as it was.
    """
    before = digest(connection)
    for model in reversed(DERIVED):
        connection.execute(delete(model))
    connection.execute(delete(BlockKeyRow))
    connection.execute(update(MentionRow).values(entity_id=None, pending=True))
    resolve_pending(connection)
    return before, digest(connection)
