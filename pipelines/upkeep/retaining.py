"""Deleting what has been kept as long as it may be: values of people, and the records of what was done for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, delete, exists, select, update

from crawler.items import Property
from pipelines.master.accounts import DisclosedRow, DisclosureRow, NoticeMentionRow, NoticeRow
from pipelines.master.answering import BreachRow, EventRow
from pipelines.master.database import reading
from pipelines.master.ids import employer_id
from pipelines.master.models import MasterValueRow, MentionRow, StatementRow
from pipelines.master.requests import RequestRow
from pipelines.master.statements import mark_pending
from pipelines.master.upsert import chunks
from pipelines.resolution.resolver import lock, resolve_mentions
from pipelines.rights import apart, expiry
from pipelines.rights.clocks import months_after
from pipelines.rights.declared import Retention
from pipelines.rights.expiry import Ended
from pipelines.rights.retention import Due, Going, Reason, due
from pipelines.rights.secret import Keyring
from pipelines.sensitive.evidence import ELLIPSIS, rebuild
from pipelines.upkeep.removal import take_out

#: More values than the scrub searches for one by one; beyond them it writes the file anew in any case.
_SEARCHED = 200


@dataclass(slots=True)
class Retained:
    """What a pass through the store deleted, or would have: counts, and no value.

    `reasons` and `sources` count statements, `mentions` the readings that went whole, `restricted` those that stay
    because their processing is restricted, `records` rows of notices, requests, disclosures, breaches and hashes.
    """

    statements: int = 0
    mentions: int = 0
    restricted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    #: Some of the values, for the search that no byte of them is left; never shown.
    values: set[str] = field(default_factory=set, repr=False)

    def add(self, found: Due) -> None:
        """Count a lot."""
        self.statements += len(found.going)
        self.mentions += len(found.whole)
        self.restricted += found.restricted
        self.reasons += found.reasons()
        self.sources.update(one.source_id for one in found.going)
        if len(self.values) <= _SEARCHED:
            self.values.update(one.value for one in found.going)


def preview(engine: Engine, policy: Retention, now: datetime, zone: ZoneInfo) -> Retained:
    """Return what `retain` would delete; changes nothing."""
    counts = Retained()
    with reading(engine) as connection:
        for found in due(connection, policy, now, zone):
            counts.add(found)
    return counts


def retain(engine: Engine, keys: Keyring, policy: Retention, now: datetime, zone: ZoneInfo) -> Retained:
    """Delete what is due, some mentions in a transaction, so that a crawl waits for seconds and a kill loses nothing.

    The hash of each value stays (`pipelines.rights.expiry`). The caller records the act, and sees that no byte is left
    (`pipelines.upkeep.scrubbing`).
    """
    counts = Retained()
    with reading(engine) as connection:
        lots = due(connection, policy, now, zone)
        for found in lots:
            if found.going:
                with engine.begin() as writing:
                    _delete(writing, keys, found, now)
            counts.add(found)
    with engine.begin() as connection:
        counts.records = _old_records(connection, policy, now, zone)
        counts.records["expiry"] = expiry.forget(connection, now)
        counts.records["apart"] = apart.expire(connection, now)
    return counts


def _delete(connection: Connection, keys: Keyring, found: Due, now: datetime) -> None:
    lock(connection)
    expiry.remember(connection, keys, [_ended(one) for one in found.going], now)
    _take_values(connection, found.partly)
    take_out(connection, found.whole)


def _ended(one: Going) -> Ended:
    """Return what is remembered: a value of an ended role that a page still shows is not stored again, its name is."""
    final = one.reason is Reason.RETENTION or (
        one.reason is Reason.ROLE and one.live and one.property != Property.NAME.value
    )
    return Ended(one.source_id, one.name, one.property, one.value, one.collected_at, final)


def _take_values(connection: Connection, partly: dict[str, list[str]]) -> None:
    """Delete some statements of mentions that stay, and derive anew what hung on them."""
    if not partly:
        return
    going = {statement for statements in partly.values() for statement in statements}
    named = (
        select(MentionRow.source_id, MentionRow.url, StatementRow.normalised)
        .join(StatementRow, StatementRow.mention_id == MentionRow.id)
        .where(MentionRow.id.in_(partly), StatementRow.property == Property.WORKS_FOR.value)
    )
    employers = {employer_id(source, url, name) for source, url, name in connection.execute(named)}
    for chunk in chunks(sorted(going)):
        connection.execute(delete(MasterValueRow).where(MasterValueRow.statement_id.in_(chunk)))
    for mention, statements in partly.items():
        _forget_in_evidence(connection, mention, statements)
    for chunk in chunks(sorted(going)):
        connection.execute(delete(StatementRow).where(StatementRow.id.in_(chunk)))
    for chunk in chunks(sorted(employers)):  # their evidence may quote what went
        theirs = update(StatementRow).where(StatementRow.mention_id.in_(chunk))
        connection.execute(theirs.values(evidence=StatementRow.original))
    mark_pending(connection, set(partly))
    resolve_mentions(connection, set(partly))


def _forget_in_evidence(connection: Connection, mention: str, going: Collection[str]) -> None:
    """Rebuild the evidence of what stays, so that it quotes nothing that goes."""
    query = select(StatementRow.id, StatementRow.original, StatementRow.normalised, StatementRow.evidence)
    rows = connection.execute(query.where(StatementRow.mention_id == mention, StatementRow.id.not_in(going))).all()
    language = connection.scalar(select(MentionRow.language).where(MentionRow.id == mention)) or ""
    pieces = {text for row in rows for text in (row.original, row.normalised) if text}
    for row in rows:
        evidence = rebuild(row.evidence, pieces, language)
        if evidence != row.evidence:
            kept = evidence if evidence.strip(f"{ELLIPSIS} ") else row.original
            connection.execute(update(StatementRow).where(StatementRow.id == row.id).values(evidence=kept))


def _old_records(connection: Connection, policy: Retention, now: datetime, zone: ZoneInfo) -> Counter[str]:
    """Delete records whose own period is over and that no value needs any more; return how many of each kind."""
    today = now.astimezone(zone).date()

    def old(moment: datetime | None) -> bool:
        return moment is not None and months_after(moment.astimezone(zone).date(), policy.records_months) < today

    held = exists(select(StatementRow.id).where(StatementRow.id == DisclosedRow.statement_id))
    counts: Counter[str] = Counter()
    candidates = connection.execute(select(DisclosureRow.id, DisclosureRow.made_at)).all()
    disclosures = [row.id for row in candidates if old(row.made_at)]
    for chunk in chunks(disclosures):
        connection.execute(delete(DisclosedRow).where(DisclosedRow.disclosure_id.in_(chunk), ~held))
        empty = ~exists(select(DisclosedRow.statement_id).where(DisclosedRow.disclosure_id == DisclosureRow.id))
        done = connection.execute(delete(DisclosureRow).where(DisclosureRow.id.in_(chunk), empty))
        counts["disclosure"] += done.rowcount
    needed = exists(select(NoticeMentionRow.mention_id).where(NoticeMentionRow.notice_id == NoticeRow.id))
    unused = connection.execute(select(NoticeRow.id, NoticeRow.sent_at).where(~needed)).all()
    for model, rows in (
        (NoticeRow, unused),
        (RequestRow, connection.execute(select(RequestRow.id, RequestRow.closed_at)).all()),
        (BreachRow, connection.execute(select(BreachRow.id, BreachRow.closed_at)).all()),
        (EventRow, connection.execute(select(EventRow.id, EventRow.called_off_at)).all()),
    ):
        counts[model.__tablename__] += _remove(connection, model, [row[0] for row in rows if old(row[1])])
    return counts


def _remove(
    connection: Connection, model: type[NoticeRow | RequestRow | BreachRow | EventRow], ids: Sequence[str]
) -> int:
    return sum(connection.execute(delete(model).where(model.id.in_(chunk))).rowcount for chunk in chunks(ids))
