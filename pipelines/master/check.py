"""Does the store keep its promises? Each invariant is a query that must return nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, collate, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from pipelines.master.models import (
    Base,
    BlockKeyRow,
    CaptureRow,
    EmploymentRow,
    JudgementRow,
    MasterValueRow,
    MentionRow,
    OrganisationRow,
    PermissionRow,
    PersonRow,
    RedirectRow,
    StatementRow,
    StatisticsRow,
)

#: The tables that are derived, in the order in which they can be inserted.
DERIVED: tuple[type[Base], ...] = (PersonRow, OrganisationRow, EmploymentRow, MasterValueRow)


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant and how many rows break it."""

    invariant: str
    broken: int


def check(connection: Connection) -> list[Finding]:
    """Return every invariant with the number of rows that break it; all zero in a sound store."""
    return [
        Finding(invariant, connection.scalar(select(func.count()).select_from(query.subquery())) or 0)
        for invariant, query in _queries().items()
    ]


def is_empty(connection: Connection) -> bool:
    """Tell whether nothing was ever read into a store: a mistyped address opens a new one, in which all is sound."""
    return connection.scalar(select(MentionRow.id).limit(1)) is None


def whole(connection: Connection) -> Finding:
    """Return what SQLite finds wrong in its file; PostgreSQL has no such question (`pg_amcheck` asks it)."""
    if connection.dialect.name != "sqlite":
        return Finding("the database file is whole", 0)
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return Finding("the database file is whole", len([line for line in found if line != "ok"]) + len(broken))


def digest(connection: Connection) -> str:
    """Return a SHA-256 over all derived rows, in the order of their keys: equal digests mean equal master bytes.

    Keys are ordered as bytes, as SQLite does. A PostgreSQL of another locale would sort values as its dictionary does,
    and two stores with the same rows would have two digests.
    """
    hasher = hashlib.sha256()
    for model in DERIVED:
        table = model.__table__
        hasher.update(model.__tablename__.encode())
        keys = [_as_bytes(column, connection.dialect.name) for column in table.primary_key]
        query = select(table).order_by(*keys).execution_options(yield_per=1_000)  # else PostgreSQL sends all at once
        for row in connection.execute(query):
            hasher.update(json.dumps([str(value) for value in row], ensure_ascii=False).encode())
    return hasher.hexdigest()


def _as_bytes(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    return collate(column, "C") if dialect == "postgresql" else column


def _queries() -> dict[str, Select[Any]]:
    live = StatementRow.live()
    receipt = (
        select(StatementRow.id)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .join(CaptureRow, CaptureRow.id == StatementRow.shown_by())
        .join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)
        .where(StatementRow.id == MasterValueRow.statement_id, live)
    )
    first, last, rules = aliased(CaptureRow), aliased(CaptureRow), aliased(JudgementRow)
    return {
        "no receipt, no value: every master value has a live statement, its capture and its permission": (
            select(MasterValueRow.entity_id).where(~exists(receipt))
        ),
        "every value in a person row is one of that person's values": _shown_without_value(PersonRow, _SHOWN),
        "every value in an organisation row is one of that organisation's values": _shown_without_value(
            OrganisationRow, {"name": "name", "email": "email", "telephone": "telephone", "url": "url"}
        ),
        "every mention with an entity belongs to a master row": select(MentionRow.id).where(
            MentionRow.entity_id.is_not(None),
            ~exists(select(PersonRow.id).where(PersonRow.id == MentionRow.entity_id)),
            ~exists(select(OrganisationRow.id).where(OrganisationRow.id == MentionRow.entity_id)),
        ),
        "every master row has a mention": select(PersonRow.id)
        .where(~exists(select(MentionRow.id).where(MentionRow.entity_id == PersonRow.id)))
        .union_all(
            select(OrganisationRow.id).where(
                ~exists(select(MentionRow.id).where(MentionRow.entity_id == OrganisationRow.id))
            )
        )
        .subquery()
        .select(),
        "no rule signs as a person, and every person's judgement is signed": select(JudgementRow.id).where(
            JudgementRow.human,
            or_(
                JudgementRow.by.startswith("learnt-"),
                func.trim(JudgementRow.by) == "",
                JudgementRow.by.in_(select(rules.by).where(rules.human.is_(False))),
            ),
        ),
        "an id that was merged leads to a master row": select(RedirectRow.id).where(
            ~exists(select(PersonRow.id).where(PersonRow.id == RedirectRow.target_id)),
            ~exists(select(OrganisationRow.id).where(OrganisationRow.id == RedirectRow.target_id)),
        ),
        "every statement has its mention, and both its captures, of the mention's own page": select(StatementRow.id)
        .outerjoin(MentionRow, MentionRow.id == StatementRow.mention_id)
        .outerjoin(first, first.id == StatementRow.first_capture_id)
        .outerjoin(last, last.id == StatementRow.shown_by())
        .where(
            or_(
                MentionRow.id.is_(None),
                first.id.is_(None),
                last.id.is_(None),
                first.source_id != MentionRow.source_id,
                last.source_id != MentionRow.source_id,
            )
        ),
        "what the last reading of a mention shows has no last sight of its own": select(StatementRow.id)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .where(
            or_(
                StatementRow.last_seen > MentionRow.last_seen,
                and_(
                    StatementRow.last_seen == MentionRow.last_seen,
                    StatementRow.last_capture_id >= MentionRow.last_capture_id,
                ),
                StatementRow.last_seen.is_(None) != StatementRow.last_capture_id.is_(None),
            )
        ),
        "every mention says something": select(MentionRow.id).where(
            ~exists(select(StatementRow.id).where(StatementRow.mention_id == MentionRow.id))
        ),
        "nothing was last seen before it was first seen": select(StatementRow.id)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .where(StatementRow.seen() < StatementRow.first_seen)
        .union_all(select(MentionRow.id).where(MentionRow.last_seen < MentionRow.first_seen))
        .subquery()
        .select(),
        "every job is somebody's, at an organisation that is there": select(EmploymentRow.id).where(
            or_(
                ~exists(select(PersonRow.id).where(PersonRow.id == EmploymentRow.person_id)),
                (EmploymentRow.organisation_id != "")
                & ~exists(select(OrganisationRow.id).where(OrganisationRow.id == EmploymentRow.organisation_id)),
            )
        ),
        "every master value is of a master row": select(MasterValueRow.entity_id).where(
            ~exists(select(PersonRow.id).where(PersonRow.id == MasterValueRow.entity_id)),
            ~exists(select(OrganisationRow.id).where(OrganisationRow.id == MasterValueRow.entity_id)),
        ),
        "every judgement is about two mentions that are there": select(JudgementRow.id).where(
            or_(*(_gone(column) for column in (JudgementRow.left_id, JudgementRow.right_id)))
        ),
        "every blocking key is of a mention that is there": select(BlockKeyRow.mention_id).where(
            _gone(BlockKeyRow.mention_id)
        ),
        "at most one version of the statistics is in use": select(StatisticsRow.in_use)
        .where(StatisticsRow.in_use)
        .group_by(StatisticsRow.in_use)
        .having(func.count() > 1),
        "no mention waits to be resolved": select(MentionRow.id).where(MentionRow.pending),
        "a judgement names its smaller mention first, once alive": select(JudgementRow.left_id, JudgementRow.right_id)
        .where(JudgementRow.superseded_at.is_(None), JudgementRow.human.is_(False))
        .group_by(JudgementRow.left_id, JudgementRow.right_id)
        .having(or_(func.count() > 1, JudgementRow.left_id >= JudgementRow.right_id)),
    }


_SHOWN = {
    "name": "name",
    "given_name": "givenName",
    "family_name": "familyName",
    "email": "email",
    "telephone": "telephone",
    "job_title": "jobTitle",
    "works_for": "worksFor",
    "work_location": "workLocation",
    "url": "url",
}


def _gone(mention: ColumnElement[Any] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return ~exists(select(MentionRow.id).where(MentionRow.id == mention))


def _shown_without_value(model: type[PersonRow | OrganisationRow], shown: dict[str, str]) -> Select[Any]:
    columns = model.__table__.columns
    return select(columns.id).where(or_(*(_lacks(columns.id, columns[name], prop) for name, prop in shown.items())))


def _lacks(entity: ColumnElement[Any], value: ColumnElement[Any], prop: str) -> ColumnElement[bool]:
    same = (MasterValueRow.entity_id == entity, MasterValueRow.property == prop, MasterValueRow.value == value)
    # An ended job stays in the employment history and may still be the latest that is known.
    return (value != "") & ~exists(select(MasterValueRow.entity_id).where(*same))
