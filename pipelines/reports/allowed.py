"""By what right a value or a page was read: the permission receipts, as data and in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, Select, and_, join, select
from sqlalchemy.orm import Session

from pipelines.errors import UsageError
from pipelines.master.models import CaptureRow, DocumentRow, MentionRow, PermissionRow, SourceRow, StatementRow

#: Receipts that are shown of one page: it may have been read on each day of two years.
MOST = 50
_WHY = {
    "robots": "its robots.txt forbids it",
    "tdm": "text and data mining is reserved",
    "noindex": "a header or meta element forbids storing it",
}
_STATES = {
    "missing": "is not there for us",
    "gone": "is gone for good",
    "unreachable": "cannot be reached",
    "reserved": "is reserved by its site",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One fetch and what allowed it; times are UTC.

    `subject` is "email jane@…" for a statement and the URL for a page; `first_seen`, `left_at`, `retired_at` and
    `quarantined_at` are those of the statement, None for a page. `state` and `reason` say how the page stands now.
    """

    subject: str
    url: str
    source: str
    publisher: str
    legal_basis: str
    fetched_at: datetime
    status: int
    rendered: bool
    user_agent: str
    robots_url: str
    robots_status: int
    robots_hash: str
    rule: str
    signals: Sequence[str]
    etag: str
    last_modified: str
    content_hash: str
    state: str = ""
    reason: str = ""
    first_seen: datetime | None = None
    left_at: datetime | None = None
    retired_at: datetime | None = None
    quarantined_at: datetime | None = None

    def sentences(self) -> Iterator[str]:
        """Yield what the receipt says, one sentence each, the page first."""
        how = {304: "; the site said that it had not changed since it was last read"}.get(self.status, "")
        drawn = ", drawn by a browser without a network" if self.rendered else ""
        whose = f"for source {self.source} ({self.publisher}, {self.legal_basis})."
        said = "; ".join(self.signals)
        if self.robots_url:
            yield f"Fetched {_moment(self.fetched_at)} from {self.url} (status {self.status}{drawn}){how}, {whose}"
            yield f"The site was asked first: {self.robots_url} answered {self.robots_status}{self._file()}."
            yield f"What decided: {self.rule}."
            yield f"Headers and meta elements said: {said}." if said else "No header or meta element spoke against it."
            yield f"We gave our name as {self.user_agent}."
        else:
            yield f"Brought in {_moment(self.fetched_at)} as {self.url}, {whose}"
            yield f"It was not crawled; what allowed it: {self.rule}{f' ({said})' if said else ''}."
        yield from self._standing()

    def _file(self) -> str:
        return f", SHA-256 {self.robots_hash}" if self.robots_hash else ", so there are no rules"

    def _standing(self) -> Iterator[str]:
        if self.quarantined_at:
            why = _WHY.get(self.reason, "the site does not want it read")
            yield f"In quarantine since {_moment(self.quarantined_at)}: {why}. It is in no master row and no export."
        if self.retired_at:
            yield f"Out of the master: not shown since {_moment(self.retired_at)}."
        elif self.left_at:
            yield f"The page is silent about it since {_moment(self.left_at)}; the grace period runs."
        if self.state in _STATES and not self.quarantined_at:
            yield f"The page {_STATES[self.state]} now ({self.reason})."


def receipts(connection: Connection, wanted: str) -> list[Receipt]:
    """Return the receipts of a URL (its captures, newest first) or of a value (of each statement that carries it).

    A value is found as it was read and as it is stored. Raises UsageError when the store knows neither.
    """
    text = wanted.strip()
    found = _of_page(connection, text) if "://" in text else []
    found = found or _of_value(connection, text)
    if not found:
        raise UsageError(
            "The store knows no such page and no such value; give a URL that was read, an e-mail address, a telephone "
            "number, a name or a title as it stands in the master, or look for the person with `scrapy why`."
        )
    return found


def _of_page(connection: Connection, url: str) -> list[Receipt]:
    query = _receipts(CaptureRow.__table__).where(CaptureRow.url == url)
    query = query.order_by(CaptureRow.fetched_at.desc(), CaptureRow.id).limit(MOST)
    return [_receipt(url, row) for row in Session(connection).execute(query)]


def _of_value(connection: Connection, text: str) -> list[Receipt]:
    """Look among the normalised values, which have an index, then among the values as they were read."""
    spellings = {text, text.lower(), "".join(char for char in text if char == "+" or char.isdigit()) or text}
    of_mention = MentionRow.id == StatementRow.mention_id
    shown = join(join(StatementRow, MentionRow, of_mention), CaptureRow, CaptureRow.id == StatementRow.shown_by())
    for stated in (StatementRow.normalised.in_(spellings), StatementRow.original == text):
        query = (
            _receipts(shown, StatementRow)
            .where(stated)
            .order_by(StatementRow.property, CaptureRow.url, StatementRow.id)
            .limit(MOST)
        )
        found = [
            _receipt(f"{statement.property} {statement.normalised}", row, statement)
            for *row, statement in Session(connection).execute(query)
        ]
        if found:
            return found
    return []


def _receipts(captures: FromClause, *more: Any) -> Select[Any]:
    query: Select[Any] = select(CaptureRow, PermissionRow, SourceRow, DocumentRow, *more)
    at_page = and_(DocumentRow.source_id == CaptureRow.source_id, DocumentRow.url == CaptureRow.url)
    return (
        query.select_from(captures)
        .join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)
        .join(SourceRow, SourceRow.id == CaptureRow.source_id)
        .outerjoin(DocumentRow, at_page)
    )


def _receipt(subject: str, row: Sequence[Any], statement: StatementRow | None = None) -> Receipt:
    capture, permission, source, document = row
    return Receipt(
        subject=subject,
        url=capture.url,
        source=source.id,
        publisher=source.publisher,
        legal_basis=source.legal_basis,
        fetched_at=capture.fetched_at,
        status=capture.status,
        rendered=capture.rendered,
        user_agent=permission.user_agent,
        robots_url=permission.robots_url,
        robots_status=permission.robots_status,
        robots_hash=permission.robots_hash,
        rule=permission.rule,
        signals=[str(signal) for signal in permission.signals],
        etag=capture.etag,
        last_modified=capture.last_modified,
        content_hash=capture.content_hash,
        state=document.state if document else "",
        reason=document.reason if document else "",
        first_seen=statement.first_seen if statement else None,
        left_at=statement.left_at if statement else None,
        retired_at=statement.retired_at if statement else None,
        quarantined_at=statement.quarantined_at if statement else None,
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
