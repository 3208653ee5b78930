"""Where the id of a person or organisation leads that was merged into another: for good, or until it stands again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from pipelines.master.keyed import Keyed
from pipelines.master.models import MentionRow, RedirectRow
from pipelines.master.prefixes import begins, is_prefix
from pipelines.master.upsert import upsert

_ENTITIES = Keyed(lambda these: select(MentionRow.id, MentionRow.entity_id).where(these.among(MentionRow.id)))
_STANDING = Keyed(lambda these: delete(RedirectRow).where(these.among(RedirectRow.id)))


def follow(
    connection: Connection, lost: Collection[str], standing: Collection[str], heirs: Mapping[str, str], now: datetime
) -> None:
    """Redirect the entities that are lost to where their earliest mention is, else to their heirs; free those standing.

    An entity whose mentions are all gone leads nowhere any more, and whatever led to it neither.
    """
    target: dict[str, str] = {one: heirs[one] for one in lost if one in heirs}
    if lost:
        target.update((mention, entity) for mention, entity in _ENTITIES(connection, keys=lost) if entity)
    if standing:
        _STANDING(connection, keys=standing)
    for entity in sorted(lost):
        followers = RedirectRow.target_id == entity
        if entity in target:
            connection.execute(update(RedirectRow).where(followers).values(target_id=target[entity]))
        else:
            connection.execute(delete(RedirectRow).where(followers))
    rows = [{"id": one, "target_id": entity, "made_at": now} for one, entity in sorted(target.items())]
    upsert(connection, RedirectRow, rows, lambda _, offered: {"target_id": offered["target_id"]})


def leading_to(connection: Connection, wanted: str, entity: str) -> str:
    """Return the id of an entity that was merged into another one, when that is what the beginning of an id names."""
    folded = wanted.strip().lower()
    if not is_prefix(folded):
        return ""
    query = select(RedirectRow.id).where(begins(RedirectRow.id, folded))
    return connection.scalar(query.where(RedirectRow.target_id == entity)) or ""
