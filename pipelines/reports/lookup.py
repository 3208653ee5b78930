"""Finding the master row that somebody means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from heapq import nsmallest
from typing import NamedTuple

from sqlalchemy import Connection, and_, select

from crawler.items import MentionType, Property
from pipelines.master.ids import name_key
from pipelines.master.models import MasterValueRow, MentionRow, OrganisationRow, PersonRow, RedirectRow, StatementRow
from pipelines.master.prefixes import begins, is_prefix

#: Entries that are returned at most: a list to choose from, of which a part of a common name would be no choice.
MOST = 100
#: What makes a letter of LIKE an ordinary one, and a number as people write it.
_ESCAPE = "\\"
_NUMBER = re.compile(r"\+[\d\s().\-/]{6,30}")
#: What somebody can be looked for by; a title or an employer says too little to be an answer.
_TELLING = (
    Property.NAME,
    Property.ALTERNATE_NAME,
    Property.EMAIL,
    Property.TELEPHONE,
    Property.FAX_NUMBER,
    Property.URL,
    Property.SAME_AS,
)
_TABLES = ((MentionType.PERSON, PersonRow), (MentionType.ORGANISATION, OrganisationRow))


class Found(NamedTuple):
    """A master row, enough to choose from."""

    id: str
    type: MentionType
    name: str


def find(connection: Connection, wanted: str) -> list[Found]:
    """Return the master rows that a text names: an id or its beginning, else a value, else a name or a part of one.

    The id of any mention, and any id that an entry ever had, leads to the row that it was merged into. A number may be
    written with spaces. A full name is preferred to a part of one, and a name as it is written to one that only reads
    the same without capitals and accents. At most `MOST` rows.
    """
    return (
        _rows(connection, _by_id(connection, wanted))
        or _rows(connection, _by_value(connection, wanted))
        or _by_name(connection, wanted)
    )


def _by_id(connection: Connection, wanted: str) -> Iterable[str | None]:
    folded = wanted.strip().lower()
    if not is_prefix(folded):
        return ()
    mentions = select(MentionRow.entity_id).where(begins(MentionRow.id, folded))
    merged = select(RedirectRow.target_id).where(begins(RedirectRow.id, folded))
    return connection.scalars(mentions.union(merged).limit(MOST))


def _by_value(connection: Connection, wanted: str) -> Iterable[str | None]:
    written = wanted.strip()
    values = {written, written.lower()}
    if _NUMBER.fullmatch(written):
        values.add("+" + "".join(char for char in written if char.isdigit()))
    in_master = and_(
        MasterValueRow.entity_id == MentionRow.entity_id,
        MasterValueRow.property == StatementRow.property,
        MasterValueRow.value == StatementRow.normalised,
    )
    query = (
        select(MentionRow.entity_id)
        .join(StatementRow, StatementRow.mention_id == MentionRow.id)
        .join(MasterValueRow, in_master)
        .where(StatementRow.normalised.in_(values), StatementRow.property.in_([one.value for one in _TELLING]))
    )
    return connection.scalars(query.distinct().limit(MOST))


def _by_name(connection: Connection, wanted: str) -> list[Found]:
    words = [_escaped(word) for word in wanted.split()]
    if not words:
        return []
    found = _like(connection, " ".join(words)) or _like(connection, "%".join(["", *words, ""]))
    if found:
        return [row for row in found if name_key(row.name) == name_key(wanted)] or found[:MOST]
    return _folded(connection, wanted)


def _escaped(word: str) -> str:
    """Return a word that LIKE takes for itself: a name may hold an underscore, and nobody is called %."""
    return "".join(f"{_ESCAPE}{char}" if char in {"%", "_", _ESCAPE} else char for char in word)


def _like(connection: Connection, pattern: str) -> list[Found]:
    return [
        Found(entity, kind, name)
        for kind, table in _TABLES
        for entity, name in connection.execute(
            select(table.id, table.name)
            .where(table.name.ilike(pattern, escape=_ESCAPE))
            .order_by(table.name, table.id)
            .limit(MOST)
        )
    ]


def _folded(connection: Connection, wanted: str) -> list[Found]:
    """Look through all names without their capitals and accents, which SQLite does not know outside ASCII."""
    key = name_key(wanted)
    few = {"yield_per": 10_000}
    reading_so = (
        Found(entity, kind, name)
        for kind, table in _TABLES
        for entity, name in connection.execute(select(table.id, table.name), execution_options=few)
        if _holds(name_key(name), key.split())
    )
    found = nsmallest(MOST, reading_so, key=lambda row: (name_key(row.name) != key, row.name, row.id))
    return [row for row in found if name_key(row.name) == key] or found


def _holds(text: str, words: Iterable[str]) -> bool:
    """Tell whether a text holds some words, one behind the other."""
    place = 0
    for word in words:
        place = text.find(word, place) + len(word)
        if place < len(word):
            return False
    return True


def _rows(connection: Connection, ids: Iterable[str | None]) -> list[Found]:
    wanted = sorted({entity for entity in ids if entity})
    return [
        Found(entity, kind, name)
        for kind, table in _TABLES
        for entity, name in connection.execute(
            select(table.id, table.name).where(table.id.in_(wanted)).order_by(table.name, table.id)
        )
    ]
