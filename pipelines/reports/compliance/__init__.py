"""The compliance report: what was not kept, who is kept out, and by what right the rest is here.

It is a list of sections, each a table with a sentence above it. A new one is a function of `Facts` in `SECTIONS`; every
format shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from crawler.sources import SourceRegister
from pipelines.reports.compliance.audit import by_category, by_host, by_rule
from pipelines.reports.compliance.grounds import retention, sources, suppressed
from pipelines.reports.compliance.tables import Facts, Section

SECTIONS: tuple[Callable[[Facts], Section], ...] = (
    sources,
    retention,
    by_category,
    by_host,
    by_rule,
    suppressed,
)
_LEAD = (
    "By what right the values are here, until when, what was not kept, and who is kept out. It holds counts and"
    " grounds, nobody's data."
)


@dataclass(frozen=True, slots=True)
class Compliance:
    """A report ready to be written; `title` and `lead` stand at its head."""

    made_at: datetime
    scope: str
    tiles: Sequence[tuple[str, int, str]]
    note: str
    sections: Sequence[Section]
    title: str = "Compliance report"
    lead: str = _LEAD


def compliance(
    connection: Connection,
    register: SourceRegister | None,
    source_id: str,
    now: datetime,
    more: Sequence[Callable[[Facts], Section]] = (),
) -> Compliance:
    """Gather the report; `register` is what the operator declares today, None where it cannot be read.

    `more` are sections that stand first: those of rooms above this one.
    """
    facts = Facts(connection, register, source_id, now)
    sections = [section(facts) for section in (*more, *SECTIONS)]
    tiles = [tile for section in sections for tile in section.tiles]
    note = "" if register else "The source register cannot be read, so nothing is said of when balancing tests expire."
    return Compliance(now, source_id, tiles, note, sections)
