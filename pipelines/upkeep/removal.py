"""Taking statements and mentions out of the store, with everything that was derived from them or hangs on them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, or_, select, update

from crawler.items import Property
from pipelines.master.check import DERIVED
from pipelines.master.ids import employer_id
from pipelines.master.models import CaptureRow, DocumentRow, MentionRow, RedirectRow, StatementRow
from pipelines.master.upsert import chunks


def forget_master(connection: Connection) -> None:
    """Delete the derived rows; `pipelines.resolution.rebuild` makes them anew from what is left."""
    for model in reversed(DERIVED):
        connection.execute(delete(model))


def remove_statements(connection: Connection, statements: Collection[str]) -> None:
    """Delete statements by id, and mentions that have none left; the derived rows must be gone before."""
    for chunk in chunks(statements):
        connection.execute(delete(StatementRow).where(StatementRow.id.in_(chunk)))
    bare = ~exists(select(StatementRow.id).where(StatementRow.mention_id == MentionRow.id))
    connection.execute(delete(MentionRow).where(bare))


def remove_mentions(connection: Connection, mentions: Collection[str]) -> None:
    """Delete mentions by id, with their statements, judgements and corrections, and with every trace of their pages.

    The employers that only they named there go with them. A page that shows nobody else is forgotten whole: its address
    may be a name. The derived rows must be gone before.
    """
    urls: set[str] = set()
    for chunk in chunks(mentions):
        urls.update(connection.scalars(select(MentionRow.url).where(MentionRow.id.in_(chunk))))
        employers = connection.execute(_employers().where(MentionRow.id.in_(chunk))).all()
        connection.execute(delete(RedirectRow).where(or_(RedirectRow.id.in_(chunk), RedirectRow.target_id.in_(chunk))))
        connection.execute(delete(MentionRow).where(MentionRow.id.in_(chunk)))
        for source, url, name in employers:
            _remove_employer(connection, source, url, name)
    for chunk in chunks(urls):
        for page in (DocumentRow, CaptureRow):
            connection.execute(delete(page).where(page.url.in_(chunk), *_unused(page)))


def _employers() -> Select[str, str, str]:
    """Every employer that a mention names: source, page and name, of which its own mention's id is made."""
    query = select(MentionRow.source_id, MentionRow.url, StatementRow.normalised).join(StatementRow)
    return query.where(StatementRow.property == Property.WORKS_FOR.value)


def _remove_employer(connection: Connection, source: str, url: str, name: str) -> None:
    still = (MentionRow.source_id == source, MentionRow.url == url, StatementRow.normalised == name)
    employer = employer_id(source, url, name)
    if connection.execute(_employers().where(*still).limit(1)).first() is None:
        connection.execute(delete(MentionRow).where(MentionRow.id == employer))
    else:  # somebody else works there too, but the evidence may quote the one who goes
        plain = update(StatementRow).where(StatementRow.mention_id == employer)
        connection.execute(plain.values(evidence=StatementRow.original))


def _unused(page: type[DocumentRow | CaptureRow]) -> list[ColumnElement[bool]]:
    conditions = [~exists(select(MentionRow.id).where(MentionRow.url == page.url))]
    if page is CaptureRow:
        receipts = or_(StatementRow.first_capture_id == CaptureRow.id, StatementRow.last_capture_id == CaptureRow.id)
        conditions.append(~exists(select(StatementRow.id).where(receipts)))
    return conditions
