"""What people set right: a value of their own that outranks every source, and a wrong one that stays out.

A correction is a mention of its own, so that its values have a receipt like every other: a capture without a page,
whose permission names the request. It is never compared; it stands wherever the mention stands that it corrects,
through every re-crawl and re-resolution, until it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from crawler.items import Capture, Mention, MentionType, Method, Permission, Property, Source, Value
from pipelines.errors import UsageError
from pipelines.master.ids import content_id
from pipelines.master.models import CorrectionRow, MentionRow, StatementRow
from pipelines.master.statements import Reading, declare_source, mark_pending, mention_ids, write_readings
from pipelines.master.upsert import upsert
from pipelines.resolution.resolver import lock, resolve_mentions
from pipelines.resolution.survivorship import CORRECTION

#: Why somebody sets something right: GDPR Article 16, or an operator who saw a mistake.
REASONS = ("rectification", "mistake")
SOURCE = Source(
    id="corrections",
    kind=CORRECTION,
    publisher="the person concerned, or who keeps this store",
    purpose="accuracy (GDPR Article 5(1)(d))",
    legal_basis="legal-obligation",
    spider="",
    start_urls=(),
    retention_days=0,
)


def correct(
    connection: Connection,
    mention_id: str,
    values: Mapping[Property, str],
    *,
    replaces: Collection[tuple[Property, str]] = (),
    by: str,
    reason: str = "rectification",
    now: datetime,
    later: bool = False,
) -> str:
    """Record the right values of whoever a mention belongs to, and the wrong ones; return the correction's id.

    With `later` the caller resolves what is pending, once for many corrections. The same one again changes nothing.

    `values` are validated and normalised already. A wrong value stays out of the master wherever it is read again; the
    statements that say it are kept. Raises UsageError for an unknown mention, reason, or nothing to correct.
    """
    lock(connection)
    kind = connection.scalar(select(MentionRow.type).where(MentionRow.id == mention_id))
    if kind is None or reason not in REASONS or not (values or replaces) or not by.strip():
        raise UsageError(
            "A correction names a known mention, a value that is right or wrong, a reason and who says so."
        )
    said = [
        f"{prop}={text}" for prop, text in sorted([*values.items(), *((prop, f"-{text}") for prop, text in replaces)])
    ]
    url = f"urn:cardfile:correction:{content_id('correction', mention_id, by, now.isoformat(), *said)}"
    grant = Permission("", "", 0, "", f"{reason} on request (GDPR Article 16)")
    mention = Mention(MentionType(kind), capture=Capture(SOURCE.id, url, now, "", grant, media_type=""))
    for prop, text in values.items():
        mention.add(prop, Value(text, Method.SOURCE, "", normalised=text))
    declare_source(connection, SOURCE)
    write_readings(connection, [Reading(mention)])
    *employers, own = mention_ids(mention)
    row = {"id": own, "mention_id": mention_id, "by": by, "reason": reason, "made_at": now, "withdrawn_at": None}
    wrong = sorted([prop.value, value] for prop, value in replaces)
    upsert(connection, CorrectionRow, [{**row, "replaces": wrong}])
    changed = [*employers, own, mention_id]
    if later:
        mark_pending(connection, changed)
    else:
        _resolve(connection, changed)
    return own


def withdraw(connection: Connection, correction: str, now: datetime) -> None:
    """Take a correction back: the master is what it would be without. Raises UsageError when none holds."""
    lock(connection)
    held = CorrectionRow.id == correction, CorrectionRow.withdrawn_at.is_(None)
    target = connection.scalar(select(CorrectionRow.mention_id).where(*held))
    if target is None:
        raise UsageError("No correction of that id holds; there is nothing to withdraw.")
    connection.execute(update(CorrectionRow).where(*held).values(withdrawn_at=now))
    said = select(MentionRow.id).where(
        MentionRow.url == select(MentionRow.url).where(MentionRow.id == correction).scalar_subquery()
    )
    gone = connection.scalars(said).all()
    statements = StatementRow.mention_id.in_(gone), StatementRow.retired_at.is_(None)
    connection.execute(update(StatementRow).where(*statements).values(left_at=now, retired_at=now))
    _resolve(connection, [*gone, target])


def _resolve(connection: Connection, mentions: Collection[str]) -> None:
    connection.execute(update(MentionRow).where(MentionRow.id.in_(mentions)).values(pending=True))
    resolve_mentions(connection, mentions)
