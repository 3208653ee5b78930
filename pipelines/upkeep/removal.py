"""Taking statements and mentions out of the store, with everything that was derived from them or hangs on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, or_, select, update

from crawler.items import MentionType, Property
from pipelines.master.check import DERIVED
from pipelines.master.ids import employer_id
from pipelines.master.models import (
    CaptureRow,
    CorrectionRow,
    DocumentRow,
    MasterValueRow,
    MentionRow,
    RedirectRow,
    StatementRow,
)
from pipelines.master.pages import of_page
from pipelines.master.statements import mark_pending
from pipelines.master.upsert import chunks
from pipelines.resolution.resolver import lock, resolve_mentions


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


def remove_mentions(connection: Connection, mentions: Collection[str]) -> int:
    """Delete mentions by id, with their statements, judgements and corrections, and with every trace of their pages.

    The employers that only they named there go with them. A page that shows nobody else is forgotten whole: its address
    may be a name. The derived rows must be gone before. Returns how many mentions are gone.
    """
    going = _going(connection, mentions)
    _delete(connection, going)
    return len(going)


def take_out(connection: Connection, mentions: Collection[str]) -> int:
    """Do what `remove_mentions` does, and leave the master as a rebuild would derive it from the rest.

    Only what hung together with those who go is derived anew. It is resolved as if their pages said nothing any more,
    so that whoever was compared or counted with them is looked at again.
    """
    if not mentions:
        return 0
    lock(connection)
    going = _going(connection, mentions)
    for chunk in chunks(going):
        theirs = select(StatementRow.id).where(StatementRow.mention_id.in_(chunk))
        connection.execute(delete(MasterValueRow).where(MasterValueRow.statement_id.in_(theirs)))
        connection.execute(delete(CorrectionRow).where(CorrectionRow.mention_id.in_(chunk)))
        connection.execute(delete(StatementRow).where(StatementRow.mention_id.in_(chunk)))
    mark_pending(connection, going)
    resolve_mentions(connection, going)
    _delete(connection, going)
    return len(going)


def _going(connection: Connection, mentions: Collection[str]) -> set[str]:
    """Return what goes with some mentions: their corrections, and the employers that nobody else names on the page.

    The evidence of an employer that stays may quote the one who goes; it is cut back to the employer's name.
    """
    going = set(mentions)
    for chunk in chunks(mentions):
        going.update(connection.scalars(select(CorrectionRow.id).where(CorrectionRow.mention_id.in_(chunk))))
    staying: dict[str, tuple[str, str, str]] = {}
    for chunk in chunks(going):
        named = connection.execute(_employers().where(MentionRow.id.in_(chunk))).all()
        staying.update((employer_id(source, url, name), (source, url, name)) for _, source, url, name in named)
    for employer, (source, url, name) in staying.items():
        still = (*of_page(source, url), StatementRow.normalised == name)
        others = {row[0] for row in connection.execute(_employers().where(*still))} - going
        if others:
            plain = update(StatementRow).where(StatementRow.mention_id == employer)
            connection.execute(plain.values(evidence=StatementRow.original))
        else:
            going.add(employer)
    return going


def _delete(connection: Connection, going: Collection[str]) -> None:
    pages: defaultdict[str, set[str]] = defaultdict(set)
    for chunk in chunks(going):
        rows = connection.execute(
            select(MentionRow.id, MentionRow.type, MentionRow.source_id, MentionRow.url).where(MentionRow.id.in_(chunk))
        )
        people = set()
        for mention, kind, source, url in rows:
            pages[source].add(url)
            if kind == MentionType.PERSON.value:
                people.add(mention)
        # The id of an organisation goes on leading to it when the page that gave it is gone; that of a person does not.
        connection.execute(delete(RedirectRow).where(or_(RedirectRow.id.in_(people), RedirectRow.target_id.in_(chunk))))
        connection.execute(delete(MentionRow).where(MentionRow.id.in_(chunk)))
    silent = ~exists().where(*of_page(DocumentRow.source_id, DocumentRow.url))
    for source, urls in pages.items():  # by its page alone no index finds a document
        for chunk in chunks(urls):
            theirs = DocumentRow.source_id == source, DocumentRow.url.in_(chunk)
            connection.execute(delete(DocumentRow).where(*theirs, silent))
    for chunk in chunks(set().union(*pages.values())):
        connection.execute(delete(CaptureRow).where(CaptureRow.url.in_(chunk), *_unused()))


def _employers() -> Select[str, str, str, str]:
    """Every employer that a mention names: the mention, then source, page and name, which make the employer's id."""
    query = select(MentionRow.id, MentionRow.source_id, MentionRow.url, StatementRow.normalised).join(StatementRow)
    return query.where(StatementRow.property == Property.WORKS_FOR.value)


def _unused() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that a capture is no receipt, and that its page shows nobody."""
    receipts = or_(StatementRow.first_capture_id == CaptureRow.id, StatementRow.last_capture_id == CaptureRow.id)
    shown = select(MentionRow.id).where(MentionRow.url == CaptureRow.url)
    return ~exists(shown), ~exists(select(StatementRow.id).where(receipts))
