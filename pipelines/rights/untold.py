"""Whom a notice may be owed, asked of the database: in a store where most people were told, few have to be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from pipelines.master.accounts import NoticeMentionRow, NoticeRow
from pipelines.master.models import MentionRow, PersonRow, SourceRow
from pipelines.rights.declared import Change
from pipelines.rights.happenings import Event


def untold(changes: Iterable[Change], ahead: Iterable[Event]) -> ColumnElement[bool]:
    """Return the condition on a person that something of theirs was never told of.

    That is a purpose of one of their sources, the new purpose of a change that begins with one, or an event that is
    ahead. It may hold for people who are owed nothing (no law of Europe protects them, no value of that source is left)
    and never fails for one who is.
    """
    return or_(
        _read(~_told(SourceRow.purpose)),
        *(and_(_read(SourceRow.purpose == one.from_purpose), ~_told(one.purpose)) for one in changes),
        *(~_told(event.purpose) for event in ahead),
    )


def _read(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Somebody stands on a page of a source for which a condition holds."""
    found = exists().where(MentionRow.entity_id == PersonRow.id, SourceRow.id == MentionRow.source_id, condition)
    return found.correlate(PersonRow)


def _told(purpose: Any) -> ColumnElement[bool]:
    """A notice of a purpose told of a mention that is somebody's now."""
    theirs = aliased(MentionRow)
    found = exists().where(
        theirs.entity_id == PersonRow.id,
        NoticeMentionRow.mention_id == theirs.id,
        NoticeRow.id == NoticeMentionRow.notice_id,
        NoticeRow.purpose + "" == purpose,  # not by its index, which would find everybody's notices of the purpose
    )
    return found.correlate(PersonRow, SourceRow)
