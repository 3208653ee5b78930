"""Who is on the suppression list goes, also out of what was stored before: after a restore, nobody comes back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection, exists, func, select

from crawler.items import Mention, MentionType, Method, Property, Value
from pipelines.master.choices import SuppressionRow
from pipelines.master.models import MentionRow, SourceRow, StatementRow
from pipelines.master.upsert import chunks
from pipelines.resolution.resolver import lock
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import Identifier, Standing, identifiers, keyed_hashes, standings
from pipelines.upkeep.removal import forget_master, remove_mentions, take_out

#: Statements that are read at a time: a restore looks at all there are.
_ROWS = 2_000
_KNOWN = {prop.value for prop in Property}


def by_reading(mention_id: str) -> Identifier:
    """Return the identifier of one reading of one page: it finds a reading that says nothing else that identifies."""
    return "mention", mention_id


def remove_suppressed(connection: Connection, key: bytes | Keyring) -> int:
    """Delete every mention that an entry of the suppression list stands against; returns how many.

    The master rows are gone afterwards where anything was deleted; the caller rebuilds them. A mention counts as the
    stage would have seen it: each address, number, profile, and its name at each employer; and as the reading that an
    erasure removed. An objection to a purpose stands against what was read for it.
    """
    doomed = [mention for mention, purpose, found in _standings(connection, key) if found.out(purpose)]
    if doomed:
        forget_master(connection)
        remove_mentions(connection, doomed)
    return len(doomed)


def suppressed(connection: Connection, key: bytes | Keyring) -> list[str]:
    """Return the mentions that an entry of the suppression list stands against; none in a sound store."""
    return [mention for mention, _, found in _standings(connection, key) if found.out()]


def stop_suppressed(connection: Connection, key: bytes | Keyring) -> int:
    """Take out what is pending of people who are kept out of it, also for its source's purpose; returns how many went.

    Whoever resolves what a killed crawl has left calls this first, for its people may have been put out since. It waits
    for a suppression that is being written.
    """
    if not connection.scalar(select(exists().where(MentionRow.pending))):
        return 0
    lock(connection)
    found = _standings(connection, key, pending=True)
    return take_out(connection, [mention for mention, purpose, standing in found if standing.out(purpose)])


def _standings(
    connection: Connection, key: bytes | Keyring, *, pending: bool = False
) -> Iterator[tuple[str, str, Standing]]:
    """Yield mentions of people, the purpose that each was read for, and what stands against it."""
    if not connection.scalar(select(func.count()).select_from(SuppressionRow)):
        return
    for chunk in chunks(_people(connection, pending=pending)):
        asked = [keyed_hashes(key, (by_reading(mention), *identifiers(said))) for mention, _, said in chunk]
        for (mention, purpose, _), found in zip(chunk, standings(connection, asked), strict=True):
            yield mention, purpose, found


def _people(connection: Connection, *, pending: bool) -> Iterator[tuple[str, str, Mention]]:
    """Yield the mentions of people as the suppressing stage sees them, with the purpose that each was read for."""
    query = (
        select(
            StatementRow.mention_id, SourceRow.purpose,
            StatementRow.property, StatementRow.normalised, StatementRow.original,
        )
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .join(SourceRow, SourceRow.id == MentionRow.source_id)
        .where(MentionRow.type == MentionType.PERSON.value)
        .order_by(StatementRow.mention_id, StatementRow.id)
    )  # fmt: skip
    if pending:
        query = query.where(MentionRow.pending)
    with connection.execute(query, execution_options={"yield_per": _ROWS}) as result:
        for (mention, purpose), rows in groupby(result, key=itemgetter(0, 1)):
            said = Mention(MentionType.PERSON)
            for _, _, prop, normalised, original in rows:
                if prop in _KNOWN:
                    said.add(Property(prop), Value(original, Method.IMPORT, "", normalised=normalised))
            yield mention, purpose, said
