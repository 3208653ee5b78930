"""Screening what is stored by today's rules: they grow stricter, and what came in before obeyed those of its day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any, cast
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, select, update

from crawler.items import Disposal, Mention, MentionType, Method, Property, Value
from pipelines.master.ids import employer_id
from pipelines.master.models import CaptureRow, DisposalRow, MentionRow, StatementRow
from pipelines.master.upsert import chunks, upsert
from pipelines.sensitive import minimise_mention
from pipelines.sensitive.evidence import ELLIPSIS, rebuild
from pipelines.upkeep.removal import forget_master, remove_statements
from pipelines.values import Rejected, title

STAGE = "rescreen"
_KNOWN = {prop.value for prop in Property}


@dataclass(slots=True)
class Screening:
    """What today's rules would not store: statements, rewritten evidence, and the counts of what and why.

    `employers` are the mentions of employers whose evidence was taken from around a value that goes.
    """

    statements: list[str] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    employers: set[str] = field(default_factory=set)
    counts: Counter[tuple[str | None, str, Disposal]] = field(default_factory=Counter)

    def by_category(self) -> dict[str, int]:
        """Return how often each category was found, in the order of their names."""
        found = Counter[str]()
        for (_, _, disposal), count in self.counts.items():
            found[disposal.category] += count
        return dict(sorted(found.items()))


def screen_store(connection: Connection, *, revealing_employers: bool = False) -> Screening:
    """Run the rules over every stored statement and return what they would drop; changes nothing.

    The text around a value is long forgotten, so rules that need it (a private label beside a number) cannot find
    anything here. A value that would be stored shorter counts too: the next fetch reads it anew.
    """
    found = Screening()
    for rows in _mentions(connection):
        _screen(rows, found, revealing_employers=revealing_employers)
    return found


def rescreen(connection: Connection, *, revealing_employers: bool = False) -> Screening:
    """Remove what today's rules would drop and count it in the audit; the caller rebuilds the master if anything went.

    Evidence that quoted a removed value is rebuilt from those that stay.
    """
    found = screen_store(connection, revealing_employers=revealing_employers)
    if found.statements:
        forget_master(connection)
        for statement, evidence in found.evidence.items():
            connection.execute(update(StatementRow).where(StatementRow.id == statement).values(evidence=evidence))
        for chunk in chunks(found.employers):
            theirs = update(StatementRow).where(StatementRow.mention_id.in_(chunk))
            connection.execute(theirs.values(evidence=StatementRow.original))
        remove_statements(connection, found.statements)
        _record(connection, found)
    return found


def _mentions(connection: Connection) -> Iterator[list[Row[Any]]]:
    query = (
        select(
            MentionRow.type, MentionRow.language, MentionRow.url, MentionRow.source_id,
            StatementRow.id, StatementRow.mention_id, StatementRow.property, StatementRow.original,
            StatementRow.normalised, StatementRow.evidence, StatementRow.employment, CaptureRow.run_id,
        )
        .join(StatementRow, StatementRow.mention_id == MentionRow.id)
        .join(CaptureRow, CaptureRow.id == StatementRow.shown_by())
        .order_by(StatementRow.mention_id, StatementRow.id)
    )  # fmt: skip
    with connection.execute(query, execution_options={"yield_per": 2_000}) as result:
        for _, rows in groupby(result, key=attrgetter("mention_id")):
            yield [*cast("Iterator[Row[Any]]", rows)]


def _screen(rows: Sequence[Row[Any]], found: Screening, *, revealing_employers: bool) -> None:
    language = rows[0].language
    mention = Mention(MentionType(rows[0].type), language=language)
    values: dict[str, Value] = {}
    for row in rows:
        if row.property in _KNOWN:
            value = Value(row.original, Method.IMPORT, "", normalised=row.normalised, employment=row.employment)
            mention.values.setdefault(Property(row.property), []).append(value)
            values[row.id] = value
    disposals = minimise_mention(mention, revealing_employers=revealing_employers)
    alive = {id(value) for _, value in mention}
    gone = [row for row in rows if _goes(row, values.get(row.id), alive, language)]
    if not gone:
        return
    found.statements += [row.id for row in gone]
    found.employers |= {
        employer_id(row.source_id, row.url, row.normalised or row.original)
        for row in rows
        if row.property == Property.WORKS_FOR.value
    }
    for disposal in disposals or [Disposal(STAGE, "unread-title", Property.JOB_TITLE.value, "title-clause")]:
        told = Disposal(STAGE, disposal.category, disposal.location, disposal.rule, disposal.action)
        found.counts[rows[0].run_id, urlsplit(rows[0].url).hostname or "", told] += 1
    removed = {row.id for row in gone}
    stay = [row for row in rows if row.id not in removed]
    pieces = {text for row in stay for text in (row.original, row.normalised) if text}
    for row in stay:
        evidence = rebuild(row.evidence, pieces, language)
        if evidence != row.evidence:
            found.evidence[row.id] = evidence if evidence.strip(f"{ELLIPSIS} ") else row.original


def _goes(row: Row[Any], value: Value | None, alive: set[int], language: str) -> bool:
    if value is None or id(value) not in alive or value.normalised != row.normalised:
        return True
    if row.property != Property.JOB_TITLE.value:
        return False
    read = title(row.normalised, language.split("-", 1)[0].lower())
    return isinstance(read, Rejected) or bool(read.notes)


def _record(connection: Connection, found: Screening) -> None:
    """Add the counts to the audit of the runs that had read the values."""
    rows = [
        {
            "run_id": run_id,
            "host": host,
            "stage": STAGE,
            "category": disposal.category,
            "location": disposal.location,
            "rule": disposal.rule,
            "action": disposal.action,
            "count": count,
        }
        for (run_id, host, disposal), count in found.counts.items()
        if run_id is not None
    ]
    upsert(connection, DisposalRow, rows, lambda stored, offered: {"count": stored["count"] + offered["count"]})
