"""The short way for a new page that says of somebody exactly what another page says already.

Nothing that is derived depends on it but the number of mentions, so the person need not be derived anew: what one more
press release costs does not grow with the releases before it. Whatever is not plainly so takes the long way, which
gives the same bytes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from crawler.items import MentionType, Property
from pipelines.master.ids import employer_id
from pipelines.master.keyed import Keyed
from pipelines.master.models import MentionRow, SourceRow, StatementRow
from pipelines.resolution import master_rows
from pipelines.resolution.copies import Standing
from pipelines.resolution.survivorship import kind_rank

_MENTIONS = Keyed(
    lambda these: (
        select(
            MentionRow.id,
            MentionRow.source_id,
            SourceRow.kind,
            MentionRow.url,
            MentionRow.entity_id,
            MentionRow.content,
        )
        .join(SourceRow, SourceRow.id == MentionRow.source_id)
        .where(these.among(MentionRow.id))
    )
)
_STATEMENTS = Keyed(
    lambda these: select(
        StatementRow.mention_id,
        StatementRow.property,
        StatementRow.normalised,
        StatementRow.employment,
        StatementRow.id,
        StatementRow.confidence,
        StatementRow.first_seen,
        StatementRow.live(),
    ).where(these.among(StatementRow.mention_id))
)
_PEOPLE = Keyed(
    lambda these: select(MentionRow.url, MentionRow.entity_id).where(
        these.among(MentionRow.url),
        MentionRow.type == MentionType.PERSON.value,
        MentionRow.entity_id.is_not(None),
    )
)


class _Said(NamedTuple):
    """A live statement: its id, its confidence and when it was first seen."""

    id: str
    confidence: float
    first_seen: datetime


@dataclass(slots=True)
class _Mention:
    source: str
    kind: str
    url: str
    entity_id: str | None
    content: str
    said: dict[tuple[str, str, int], _Said] = field(default_factory=dict)
    retired: bool = False


def join(connection: Connection, kind: MentionType, standing: Standing) -> set[str]:
    """Put new mentions that repeat another one into its entity and return them; the others take the long way."""
    pairs = {copy: one for copy, one in standing.copies.items() if one not in standing.originals}
    if not pairs:
        return set()
    known = _read(connection, {*pairs, *pairs.values()})
    fitting = {copy: one for copy, one in pairs.items() if _repeats(known[copy], known[one])}
    fitting = _with_known_source(connection, kind, fitting, known, standing.changed)
    if kind is MentionType.PERSON:
        fitting = _with_known_employer(connection, fitting, known)
        fitting = _alone_on_page(connection, fitting, known)
    homes = {copy: known[one].entity_id for copy, one in fitting.items()}
    master_rows.settle(connection, homes)
    more = Counter(home for home in homes.values() if home)
    if more:
        table = master_rows.TABLES[kind]
        statement = (
            update(table).where(table.id == bindparam("home")).values(mentions=table.mentions + bindparam("more"))
        )
        connection.execute(statement, [{"home": home, "more": count} for home, count in sorted(more.items())])
    return set(fitting)


def _read(connection: Connection, mentions: Collection[str]) -> dict[str, _Mention]:
    found = {row[0]: _Mention(*row[1:]) for row in _MENTIONS(connection, keys=mentions)}
    statements = _STATEMENTS(connection, keys=mentions).all()
    for mention, prop, value, employment, identity, confidence, first_seen, live in statements:
        if live:
            found[mention].said[prop, value, employment] = _Said(identity, confidence, first_seen)
        else:
            found[mention].retired = True
    return found


def _repeats(copy: _Mention, original: _Mention) -> bool:
    """Tell whether a mention is new, and each of its statements ranks behind the same statement of the original."""
    if copy.entity_id or copy.retired or not original.entity_id or copy.said.keys() != original.said.keys():
        return False
    if kind_rank(copy.kind) < kind_rank(original.kind):
        return False
    return all(
        said.confidence <= first.confidence and (said.first_seen, said.id) > (first.first_seen, first.id)
        for said, first in ((said, original.said[key]) for key, said in copy.said.items())
    )


def _with_known_source(
    connection: Connection,
    kind: MentionType,
    fitting: Mapping[str, str],
    known: Mapping[str, _Mention],
    changed: Collection[str],
) -> dict[str, str]:
    """Keep those whose source supports the same values already, or the values' support would grow."""
    found = {copy: one for copy, one in fitting.items() if known[copy].source == known[one].source}
    if kind is MentionType.PERSON:
        return found
    for copy, one in fitting.items():
        if copy not in found:
            others = select(MentionRow.id).where(
                MentionRow.content == known[copy].content,
                MentionRow.source_id == known[copy].source,
                MentionRow.entity_id == known[one].entity_id,
                MentionRow.id.not_in(sorted(changed)),
            )
            if connection.scalar(others.limit(1)):
                found[copy] = one
    return found


def _with_known_employer(
    connection: Connection, fitting: Mapping[str, str], known: Mapping[str, _Mention]
) -> dict[str, str]:
    """Keep those whose employers, named on their own pages, are the organisations of the original's employers."""
    homes = master_rows.homes_of(
        connection, {employer for pair in fitting.items() for one in pair for employer in _employers(known[one])}
    )

    def organisations(mention: _Mention) -> list[str | None]:
        return [homes.get(employer) for employer in _employers(mention)]

    return {copy: one for copy, one in fitting.items() if organisations(known[copy]) == organisations(known[one])}


def _employers(mention: _Mention) -> Iterable[str]:
    """Return the organisation mentions of the employers, in the order of their names."""
    names = sorted(value for prop, value, _ in mention.said if prop == Property.WORKS_FOR.value)
    return [employer_id(mention.source, mention.url, name) for name in names]


def _alone_on_page(connection: Connection, fitting: Mapping[str, str], known: Mapping[str, _Mention]) -> dict[str, str]:
    """Keep those whose page shows nobody else of the same entity: two entries of a page are two people."""
    there: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
    for url, entity in _PEOPLE(connection, keys={known[copy].url for copy in fitting}):
        there[url][entity] += 1
    for copy, one in fitting.items():
        there[known[copy].url][known[one].entity_id] += 1
    return {copy: one for copy, one in fitting.items() if there[known[copy].url][known[one].entity_id] == 1}
