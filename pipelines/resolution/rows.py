"""Rows of a file as records: the columns that `scrapy dedupe` and the training know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crawler.items import MentionType
from pipelines.resolution.record import Record

#: Field of a record, with the columns that fill it; the first that holds something counts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "names": ("name",),
    "job_titles": ("jobTitle", "title"),
    "organisations": ("worksFor", "company", "organisation", "organization"),
    "emails": ("email",),
    "telephones": ("telephone", "phone"),
    "addresses": ("address", "workLocation"),
    "urls": ("profile_url", "url"),
    "same_as": ("sameAs",),
}
_COLUMNS = tuple(COLUMNS.items())
#: A longer value is no business card's; it is cut, so that one row cannot take a run's memory.
_LONGEST = 2000


def record_of(row: Mapping[str, Any], identity: str) -> Record:
    """Return the record of one row.

    A value is a text or a list of texts; what is empty or of another kind is left out. A row whose `type` is
    "organisation" is one; every other row is a person. `page`, where it stands, is the URL of the capture.
    """
    values: dict[str, tuple[str, ...]] = {}
    for name, columns in _COLUMNS:
        for column in columns:
            if value := row.get(column):
                values[name] = _texts(value)
                break
        else:
            values[name] = ()
    kind = MentionType.ORGANISATION if _first(row.get("type")).startswith("organi") else MentionType.PERSON
    return Record(id=identity, type=kind, page=_first(row.get("page")), source=_first(row.get("source")), **values)


def _texts(value: Any) -> tuple[str, ...]:
    if type(value) is str:  # nearly always, and then nothing else is to be looked at
        return (value[:_LONGEST],) if value and not value.isspace() else ()
    if value is None:
        return ()
    listed = value if isinstance(value, (list, tuple)) else [value]
    return tuple(str(item)[:_LONGEST] for item in listed[:20] if isinstance(item, (str, int)) and str(item).strip())


def _first(value: Any) -> str:
    return next(iter(_texts(value)), "")
