"""Asking for the mentions of single pages, in a way that every database answers by the page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from pipelines.master.models import MentionRow


def of_source(source_id: Any) -> ColumnElement[bool]:
    """Return the condition that a mention is of a source, beside one that says of which page.

    No index is searched for it. SQLite keeps no statistics and takes a source for as rare as a page: it went through
    all mentions of the source for each of its pages, which took 20,000 pages a quarter of an hour.
    """
    unindexed = MentionRow.source_id.concat("")
    return unindexed == source_id  # type: ignore[no-any-return]


def of_page(source_id: Any, url: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that a mention is of a page of a source."""
    return of_source(source_id), MentionRow.url == url
