"""What resolution sees of a mention: plain values, without receipts and without a store."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.items import MentionType


@dataclass(frozen=True, slots=True)
class Record:
    """One mention, or one row of a file.

    Values are normalised where that was possible (E.164, lower-case addresses) and raw otherwise; preparation copes
    with both. `page` is the URL of the capture, empty for rows that stand on no page: two records of one page are two
    people. `source` is for reports only and never compared. The `repr` shows the id alone, because it ends in logs.
    """

    id: str
    type: MentionType
    names: tuple[str, ...] = field(repr=False)
    organisations: tuple[str, ...] = field(default=(), repr=False)
    job_titles: tuple[str, ...] = field(default=(), repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    telephones: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    urls: tuple[str, ...] = field(default=(), repr=False)
    same_as: tuple[str, ...] = field(default=(), repr=False)
    page: str = field(default="", repr=False)
    source: str = ""
