"""Finding the master row that somebody means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select

from crawler.items import MentionType
from pipelines.master.ids import name_key
from pipelines.master.models import MasterValueRow, MentionRow, OrganisationRow, PersonRow, RedirectRow

#: A hex prefix shorter than this would match by accident.
_SHORTEST_ID = 6
_TABLES = ((MentionType.PERSON, PersonRow), (MentionType.ORGANISATION, OrganisationRow))


class Found(NamedTuple):
    """A master row, enough to choose from."""

    id: str
    type: MentionType
    name: str


def find(connection: Connection, wanted: str) -> list[Found]:
    """Return the master rows that a text names: an id or its beginning, else a value, else a name or a part of one.

    The id of any mention, and any id that an entry ever had, leads to the row that it was merged into. A full
    name is preferred to a part of one.
    """
    return (
        _rows(connection, _by_id(connection, wanted))
        or _rows(connection, _by_value(connection, wanted))
        or _by_name(connection, wanted)
    )


def _by_id(connection: Connection, wanted: str) -> Iterable[str | None]:
    folded = wanted.strip().lower()
    if len(folded) < _SHORTEST_ID or set(folded) - set("0123456789abcdef"):
        return ()
    mentions = select(MentionRow.entity_id).where(MentionRow.id.startswith(folded))
    merged = select(RedirectRow.target_id).where(RedirectRow.id.startswith(folded))
    return connection.scalars(mentions.union(merged))


def _by_value(connection: Connection, wanted: str) -> Iterable[str]:
    values = {wanted.strip(), wanted.strip().lower()}
    return connection.scalars(select(MasterValueRow.entity_id).where(MasterValueRow.value.in_(values)).distinct())


def _by_name(connection: Connection, wanted: str) -> list[Found]:
    pattern = "%".join(["", *wanted.split(), ""])
    found = [
        Found(entity, kind, name)
        for kind, table in _TABLES
        for entity, name in connection.execute(
            select(table.id, table.name).where(table.name.ilike(pattern)).order_by(table.name, table.id)
        )
    ]
    return [row for row in found if name_key(row.name) == name_key(wanted)] or found


def _rows(connection: Connection, ids: Iterable[str | None]) -> list[Found]:
    wanted = sorted({entity for entity in ids if entity})
    return [
        Found(entity, kind, name)
        for kind, table in _TABLES
        for entity, name in connection.execute(
            select(table.id, table.name).where(table.id.in_(wanted)).order_by(table.name, table.id)
        )
    ]
