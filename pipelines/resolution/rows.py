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
#: All that is read of a row; what else it holds is left where it is.
KNOWN = frozenset({"id", "type", "page", "source", *(column for columns in COLUMNS.values() for column in columns)})
_COLUMNS = tuple(COLUMNS.items())
#: The columns of a row that show one property each, in the order of the properties of a collection.
_PLAIN = tuple(
    COLUMNS[name] for name in ("names", "organisations", "job_titles", "emails", "telephones", "addresses", "urls")
)
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
                values[name] = texts_of(value)
                break
        else:
            values[name] = ()
    kind = MentionType.ORGANISATION if _first(row.get("type")).startswith("organi") else MentionType.PERSON
    return Record(id=identity, type=kind, page=_first(row.get("page")), source=_first(row.get("source")), **values)


def plain_values(row: Mapping[str, Any]) -> list[str] | None:
    """Return the values of a person's row by property (names, organisations, titles, mailboxes, telephones, addresses,
    profiles), each one text or empty; None for any other row, of which `record_of` has to be asked.

    Nearly all rows of nearly all files are of this kind, and their values come again and again.
    """
    if row.get("type") or row.get("page") or row.get("sameAs"):
        return None
    found = []
    for columns in _PLAIN:
        value = None
        for column in columns:
            if value := row.get(column):
                if type(value) is not str:
                    return None
                break
        found.append(value or "")
    return found


def texts_of(value: Any) -> tuple[str, ...]:
    """Return a value's texts: those of a list, a number as text, nothing of what is empty or of another kind."""
    if type(value) is str:  # nearly always, and then nothing else is to be looked at
        return (value[:_LONGEST],) if value and not value.isspace() else ()
    if value is None:
        return ()
    listed = value if isinstance(value, (list, tuple)) else [value]
    return tuple(str(item)[:_LONGEST] for item in listed[:20] if isinstance(item, (str, int)) and str(item).strip())


def _first(value: Any) -> str:
    return next(iter(texts_of(value)), "")
