"""Who is on the suppression list goes, also out of what was stored before: after a restore, nobody comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from crawler.items import Mention, MentionType, Method, Property, Value
from pipelines.master.models import MentionRow, StatementRow, SuppressionRow
from pipelines.master.upsert import chunks
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import Identifier, identifiers, keyed_hashes, look_up
from pipelines.upkeep.removal import forget_master, remove_mentions


def by_reading(mention_id: str) -> Identifier:
    """Return the identifier of one reading of one page: it finds a reading that says nothing else that identifies."""
    return "mention", mention_id


def remove_suppressed(connection: Connection, key: bytes | Keyring) -> int:
    """Delete every mention that an entry of the suppression list stands against; returns how many.

    The master rows are gone afterwards where anything was deleted; the caller rebuilds them. A mention counts as the
    stage would have seen it: each address, number, profile, and its name at each employer; and as the reading that an
    erasure removed.
    """
    doomed = suppressed(connection, key)
    if doomed:
        forget_master(connection)
        remove_mentions(connection, doomed)
    return len(doomed)


def suppressed(connection: Connection, key: bytes | Keyring, *, pending: bool = False) -> list[str]:
    """Return the mentions that an entry of the suppression list stands against; none in a sound store.

    `pending` looks only at those that nobody has resolved yet, such as a killed crawl leaves.
    """
    if not connection.scalar(select(func.count()).select_from(SuppressionRow)):
        return []
    return [
        mention_id
        for chunk in chunks(_people(connection, pending=pending))
        for (mention_id, _), out in zip(
            chunk,
            look_up(connection, [keyed_hashes(key, (by_reading(one), *identifiers(said))) for one, said in chunk]),
            strict=True,
        )
        if out
    ]


def _people(connection: Connection, *, pending: bool) -> Iterator[tuple[str, Mention]]:
    """Yield the mentions of people as the suppressing stage sees them."""
    query = (
        select(StatementRow.mention_id, StatementRow.property, StatementRow.normalised, StatementRow.original)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .where(MentionRow.type == MentionType.PERSON.value)
        .order_by(StatementRow.mention_id, StatementRow.id)
    )
    if pending:
        query = query.where(MentionRow.pending)
    known = {prop.value for prop in Property}
    found: dict[str, Mention] = defaultdict(lambda: Mention(MentionType.PERSON))
    for mention_id, prop, normalised, original in connection.execute(query):
        if prop in known:
            found[mention_id].add(Property(prop), Value(original, Method.IMPORT, "", normalised=normalised))
    yield from found.items()
