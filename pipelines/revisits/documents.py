"""The pages of a source in the store: read as what a crawl knows, brought up to date with what it saw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, insert, literal, select

from crawler.items import Revisit
from crawler.memory import Known, Sight
from pipelines.master.models import DocumentRow, MentionRow
from pipelines.master.pages import of_page, of_source
from pipelines.master.upsert import Merge, chunks, upsert
from pipelines.revisits.clocks import Life, is_due


@dataclass(slots=True)
class Document:
    """One page of a source: how it stands, and how it is asked for. The fields are those of `DocumentRow`."""

    url: str
    life: Life
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""
    reader: str = ""
    links: Sequence[str] = ()
    sole: bool = False
    depth: int = 0
    priority: int = 0


def found(connection: Connection, source_id: str) -> None:
    """Add a document for each page of which something is kept but which has none: read before, by a killed run say.

    It has no validators and no reader, so the next run reads it in full.
    """
    stored = exists().where(DocumentRow.source_id == MentionRow.source_id, DocumentRow.url == MentionRow.url)
    seen = func.max(MentionRow.last_seen)
    plain = {name: literal("") for name in ("etag", "last_modified", "content_hash", "reader", "reason")}
    row = {
        "source_id": MentionRow.source_id,
        "url": MentionRow.url,
        **plain,
        "links": literal([], DocumentRow.links.type),
        "sole": literal(False),
        "depth": literal(0),
        "priority": literal(0),
        "state": literal(Sight.SHOWN.value),
        "shown_at": seen,
        "checked_at": seen,
    }
    pages = (
        select(*row.values())
        .where(MentionRow.source_id == source_id, ~stored)
        .group_by(MentionRow.source_id, MentionRow.url)
    )
    connection.execute(insert(DocumentRow).from_select(list(row), pages))


def forget(connection: Connection, source_id: str) -> None:
    """Delete the documents of a source of which nothing is kept any more: their addresses are nobody's business."""
    kept = exists().where(*of_page(DocumentRow.source_id, DocumentRow.url))
    connection.execute(delete(DocumentRow).where(DocumentRow.source_id == source_id, ~kept))


def load(connection: Connection, source_id: str) -> dict[str, Document]:
    """Return the documents of a source by URL, without their links, the one that was checked longest ago first.

    One whose mentions were seen later than the document says was read by a run that never ended: it has no reader.
    """
    latest = (
        select(MentionRow.url, func.max(MentionRow.last_seen).label("seen"))
        .where(MentionRow.source_id == source_id)
        .group_by(MentionRow.url)
        .subquery()
    )
    columns = [column for column in DocumentRow.__table__.columns if column.name != "links"]
    query = (
        select(*columns, latest.c.seen)
        .outerjoin(latest, latest.c.url == DocumentRow.url)
        .where(DocumentRow.source_id == source_id)
        .order_by(DocumentRow.checked_at, DocumentRow.url)
    )
    return {
        row.url: Document(
            url=row.url,
            life=Life(Sight(row.state), row.shown_at, row.checked_at, row.lost_since, row.missing_since, row.reason),
            etag=row.etag,
            last_modified=row.last_modified,
            content_hash=row.content_hash,
            reader="" if row.seen and row.seen > row.shown_at else row.reader,
            sole=row.sole,
            depth=row.depth,
            priority=row.priority,
        )
        for row in connection.execute(query)
    }


def links(connection: Connection, source_id: str, urls: Collection[str]) -> dict[str, frozenset[str]]:
    """Return the marks of the links of some documents."""
    return {
        url: frozenset(str(one) for one in marks)
        for chunk in chunks(sorted(urls))
        for url, marks in connection.execute(
            select(DocumentRow.url, DocumentRow.links).where(
                DocumentRow.source_id == source_id, DocumentRow.url.in_(chunk)
            )
        )
    }


def with_mentions(connection: Connection, source_id: str, urls: Collection[str]) -> set[str]:
    """Return those of the pages of which something is kept."""
    kept: set[str] = set()
    for chunk in chunks(sorted(urls)):
        query = select(MentionRow.url).where(of_source(source_id), MentionRow.url.in_(chunk))
        kept.update(connection.scalars(query.distinct()))
    return kept


def save(connection: Connection, source_id: str, documents: Iterable[Document], read: Collection[str]) -> None:
    """Write documents; the links only of those that were read in full, because only these know them."""
    both = list(documents)
    upsert(connection, DocumentRow, [_row(source_id, one) for one in both if one.url in read], _offered(_READ))
    upsert(connection, DocumentRow, [_row(source_id, one) for one in both if one.url not in read], _offered(_SEEN))


_SEEN = ("state", "reason", "shown_at", "checked_at", "lost_since", "missing_since")
_READ = (*_SEEN, "etag", "last_modified", "content_hash", "reader", "links", "sole", "depth", "priority")


def _offered(names: Collection[str]) -> Merge:
    return lambda _, offered: {name: offered[name] for name in names}


def _row(source_id: str, document: Document) -> dict[str, object]:
    life = document.life
    return {
        "source_id": source_id,
        "url": document.url,
        "etag": document.etag,
        "last_modified": document.last_modified,
        "content_hash": document.content_hash,
        "reader": document.reader,
        "links": list(document.links),
        "sole": document.sole,
        "depth": document.depth,
        "priority": document.priority,
        "state": life.state.value,
        "reason": life.reason,
        "shown_at": life.shown_at,
        "checked_at": life.checked_at,
        "lost_since": life.lost_since,
        "missing_since": life.missing_since,
    }


def known(documents: Mapping[str, Document], reader: str, revisit: Revisit, now: datetime) -> list[Known]:
    """Return what a crawl knows of some documents.

    Only a page that showed its values at the last look, and was read by the rules of today, need not be read again.
    """
    return [
        Known(
            url=one.url,
            depth=one.depth,
            priority=one.priority,
            etag=one.etag,
            last_modified=one.last_modified,
            same_bytes=one.content_hash if (fresh := _is_fresh(one, reader)) else "",
            conditional=fresh and not one.sole,
            due=is_due(one.life, revisit, now),
        )
        for one in documents.values()
    ]


def _is_fresh(document: Document, reader: str) -> bool:
    return document.life.state is Sight.SHOWN and document.reader == reader
