"""The end of a run: what was seen of each page is drawn together, and the statements follow their pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Executable, Text, bindparam, func, or_, select, update

from crawler.items import Revisit
from crawler.memory import Look, Sight, mark
from pipelines.master.keyed import Keyed, Lists
from pipelines.master.models import MentionRow, StatementRow
from pipelines.master.pages import of_page
from pipelines.master.requests import RestrictionRow
from pipelines.master.statements import capture_id, mark_pending, write_captures
from pipelines.master.types import UtcDateTime
from pipelines.master.upsert import chunks
from pipelines.revisits import documents
from pipelines.revisits.clocks import after, grace_ended, standing
from pipelines.revisits.documents import Document


@dataclass(slots=True, frozen=True)
class Run:
    """One run of one source, as far as it is settled: what it looked at, the last look at each page counting.

    `reader` is the fingerprint of the rules that read, `now` the moment (UTC) at which the clocks are read.
    """

    source_id: str
    revisit: Revisit
    run_id: str | None
    reader: str
    now: datetime
    looks: Mapping[str, Look] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Settled:
    """How many statements left the master, were quarantined, or are no longer shown by their page."""

    retired: int = 0
    quarantined: int = 0
    left: int = 0


def settle(connection: Connection, runs: Sequence[Run]) -> list[Settled]:
    """Bring documents and statements up to date with what some runs saw; a handler of the group writer.

    Doing it twice changes nothing more. Mentions whose statements changed are left pending for the resolution.
    """
    return [_settle(connection, run) for run in runs]


def _settle(connection: Connection, run: Run) -> Settled:
    documents.found(connection, run.source_id)
    known = documents.load(connection, run.source_id)
    shown_before = {url: one.life.shown_at for url, one in known.items()}
    kept = documents.with_mentions(connection, run.source_id, set(run.looks))
    looks = {url: look for url, look in run.looks.items() if url in kept}
    sole = sole_parents(run.looks.values(), set(known) | kept)
    for url, look in looks.items():
        known[url] = _updated(known[url], look, run.reader, url in sole)
    read = {url for url, look in looks.items() if look.sight is Sight.SHOWN}
    documents.save(connection, run.source_id, [known[url] for url in looks], read)
    same = {url: look for url, look in looks.items() if look.sight is Sight.SAME}
    _confirm(connection, run, same, shown_before)
    left = sum(
        _LEAVE(connection, source=run.source_id, page=url, moment=looks[url].at).rowcount for url in sorted(read)
    )
    retired, quarantined = _withdraw(connection, run, known.values())
    retired += _end_grace(connection, run)
    documents.forget(connection, run.source_id)
    return Settled(retired, quarantined, left)


def sole_parents(looks: Iterable[Look], known_urls: Collection[str]) -> set[str]:
    """Return the pages that alone lead to some page of which nothing is kept; pure.

    Should such a page answer that it has not changed, nobody would lead there: it has to be asked for in full.
    """
    own = {mark(url) for url in known_urls}
    parents: dict[str, set[str]] = {}
    for look in looks:
        for link in look.links:
            if link not in own:
                parents.setdefault(link, set()).add(look.url)
    return {next(iter(pages)) for pages in parents.values() if len(pages) == 1}


def _updated(document: Document, look: Look, reader: str, sole: bool) -> Document:
    life = after(document.life, look.sight, look.at, look.reason)
    if look.sight is not Sight.SHOWN or look.capture is None:
        return replace(document, life=life)
    return Document(
        url=look.url,
        life=life,
        etag=look.capture.etag,
        last_modified=look.capture.last_modified,
        content_hash=look.capture.content_hash,
        reader=reader,
        links=look.links,
        sole=sole,
        depth=look.depth,
        priority=look.priority,
    )


def _confirm(connection: Connection, run: Run, same: Mapping[str, Look], shown_before: Mapping[str, datetime]) -> None:
    """Record that pages still show what they showed: a capture each, and the last sight of the mentions that stood."""
    captures = {capture_id(look.capture): (look.capture, run.run_id) for look in same.values() if look.capture}
    write_captures(connection, captures)
    for url, look in sorted(same.items()):
        if look.capture is not None:
            connection.execute(
                update(MentionRow)
                .where(*_on_page(run.source_id, url))
                .where(MentionRow.last_seen >= shown_before[url], MentionRow.last_seen < look.at)
                .values(last_seen=look.at, last_capture_id=capture_id(look.capture))
            )


def _leave(_: Lists) -> Executable:
    """Note which statements a `page` of a `source` that was read in full at a `moment` no longer shows."""
    moment = bindparam("moment", type_=UtcDateTime())
    there = select(MentionRow.id).where(*_on_page(bindparam("source", type_=Text), bindparam("page", type_=Text)))
    with_them = StatementRow.last_seen.is_(None) & StatementRow.mention_id.in_(
        there.where(MentionRow.last_seen < moment)
    )
    return (
        update(StatementRow)
        .where(StatementRow.mention_id.in_(there), or_(StatementRow.last_seen < moment, with_them))
        .where(StatementRow.left_at.is_(None), StatementRow.retired_at.is_(None))
        .values(left_at=moment)
    )


#: Put together once: a run has thousands of pages, and putting the statement together takes longer than running it.
_LEAVE = Keyed(_leave)


def _withdraw(connection: Connection, run: Run, pages: Iterable[Document]) -> tuple[int, int]:
    """Retire or quarantine the statements of pages that stand badly; return how many of each."""
    retired = quarantined = 0
    for page in pages:
        fate = standing(page.life, run.revisit, run.now)
        if since := fate.withdrawn_since:
            gone = _of(run.source_id, page.url) & StatementRow.retired_at.is_(None)
            left = func.coalesce(StatementRow.left_at, since)
            retired += _set(connection, gone, left_at=left, retired_at=left)
        if since := fate.quarantined_since:
            standing_there = _of(run.source_id, page.url) & StatementRow.quarantined_at.is_(None)
            quarantined += _set(connection, standing_there, quarantined_at=since)
    return retired, quarantined


def _end_grace(connection: Connection, run: Run) -> int:
    """Retire what left its page longer ago than the grace period; return how much."""
    query = (
        select(StatementRow.id, StatementRow.left_at)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .where(MentionRow.source_id == run.source_id)
        .where(StatementRow.left_at.is_not(None), StatementRow.retired_at.is_(None))
        .where(MentionRow.id.not_in(select(RestrictionRow.mention_id)))
    )
    ended = [key for key, left in connection.execute(query) if left and grace_ended(left, run.revisit, run.now)]
    return sum(
        _set(connection, StatementRow.id.in_(chunk), retired_at=StatementRow.left_at) for chunk in chunks(sorted(ended))
    )


def _set(connection: Connection, which: ColumnElement[bool], **values: object) -> int:
    rows = connection.scalars(update(StatementRow).where(which).values(values).returning(StatementRow.mention_id)).all()
    mark_pending(connection, set(rows))
    return len(rows)


def _of(source_id: str, url: str) -> ColumnElement[bool]:
    """The condition on which a statement is of a mention of a page that may change."""
    return StatementRow.mention_id.in_(select(MentionRow.id).where(*_on_page(source_id, url)))


def _on_page(source_id: str | ColumnElement[str], url: str | ColumnElement[str]) -> list[ColumnElement[bool]]:
    """The conditions on which a mention is of a page and may change; a restricted one stays (Article 18 GDPR)."""
    restricted = MentionRow.id.in_(select(RestrictionRow.mention_id))
    return [*of_page(source_id, url), ~restricted]
