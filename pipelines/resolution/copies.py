"""Pages that say the same of somebody: compared once, however many they are.

A press contact stands below every release and an employer on every page. Comparing each with each would cost the square
of the pages and say nothing new, so mentions with equal values share a `content`, and the earliest of them stands for
all in blocking, comparison and clustering. Equal values of one site always are one content; those of two sites only
when the values alone carry a merge, as two sites may each have a Jane Roe.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, Executable, bindparam, select, update

from pipelines.master.ids import content_id
from pipelines.master.keyed import Keyed, Lists
from pipelines.master.models import BlockKeyRow, MentionRow
from pipelines.resolution import engine, judgements
from pipelines.resolution.preparation import Prepared
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics

#: Entries of one page with equal values that are told apart by number; each further one stands for itself.
_TWINS = 8


def _first(these: Lists, *conditions: Any) -> Executable:
    said = these.table(MentionRow.content)
    first = (
        select(MentionRow.id)
        .where(MentionRow.content == said.c.value, *conditions)
        .order_by(MentionRow.first_seen, MentionRow.id)
        .limit(1)
        .scalar_subquery()
    )
    return select(said.c.value, first)


_ORIGINALS = Keyed(_first)
_ORIGINALS_WITHOUT = Keyed(lambda these: _first(these, ~these.among(MentionRow.id, "without")))
_PLACES = Keyed(
    lambda these: select(MentionRow.id, MentionRow.content, MentionRow.url, MentionRow.first_seen).where(
        these.among(MentionRow.id)
    )
)
_SHOWN = Keyed(
    lambda these: select(MentionRow.id, MentionRow.url, MentionRow.content, MentionRow.first_seen).where(
        these.among(MentionRow.url), MentionRow.content != ""
    )
)
_KEYED = Keyed(lambda these: select(BlockKeyRow.mention_id).where(these.among(BlockKeyRow.mention_id)).distinct())
_MOVED = update(MentionRow).where(MentionRow.id == bindparam("key")).values(content=bindparam("value"))


@dataclass(slots=True)
class Standing:
    """Who stands for whom among the mentions that a change touches.

    `originals` are to be blocked and compared anew; `copies` maps each other changed mention to the original that
    stands for it; `displaced` stood for their content before and do so no more. `changed` are the changed mentions with
    those of their pages that had to be numbered anew.
    """

    originals: set[str] = field(default_factory=set)
    copies: dict[str, str] = field(default_factory=dict)
    displaced: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)


class _Place(NamedTuple):
    content: str
    url: str
    first_seen: datetime


def content_of(record: Record, one: Prepared, statistics: Statistics) -> str:
    """Return the content of a record: what it says, and where on which site of which source when that matters."""
    said = (
        record.names,
        record.organisations,
        record.job_titles,
        record.emails,
        record.telephones,
        record.addresses,
        record.urls,
        record.same_as,
    )
    alone = replace(one, page="")
    carries = engine.bits_of(alone, replace(alone, id=f"{one.id}'"), statistics) > engine.LINK
    place = () if carries else (record.source, urlsplit(record.page).hostname or "")
    return content_id("content", record.type, *place, *("\x1e".join(group) for group in said))


def settle(
    connection: Connection,
    changed: Collection[str],
    read: Mapping[str, Record],
    prepared: Mapping[str, Prepared],
    statistics: Statistics,
) -> Standing:
    """Write the contents of changed mentions and return who stands for whom now.

    A mention that lost its name has no content. One that a person has judged stands for itself, and so that two entries
    of one page stay two people, entries of one page with equal values are numbered and stand for one another by number.
    """
    before, after = write_contents(connection, changed, read, prepared, statistics)
    found = _standing(connection, before, after)
    found.changed = set(after)
    return found


def write_contents(
    connection: Connection,
    changed: Collection[str],
    read: Mapping[str, Record],
    prepared: Mapping[str, Prepared],
    statistics: Statistics,
) -> tuple[dict[str, _Place], dict[str, str]]:
    """Write the contents of changed mentions; return where they and the other entries of their pages were, and are."""
    before = _places(connection, changed)
    bases = {key: content_of(read[key], prepared[key], statistics) for key in sorted(changed) if key in read}
    after = dict.fromkeys(before, "")
    judged = judgements.judged(connection, bases)
    after.update((key, content_id("judged", bases[key], key)) for key in judged & set(bases))
    after.update(_numbered(connection, {key: base for key, base in bases.items() if key not in judged}, before))
    before.update(_places(connection, set(after) - set(before)))
    moved = {key for key, content in after.items() if before[key].content != content}
    if moved:
        connection.execute(_MOVED, [{"key": key, "value": after[key]} for key in sorted(moved)])
    return before, after


def originals(connection: Connection, contents: Iterable[str], without: Collection[str] = ()) -> dict[str, str]:
    """Return for each content the earliest of its mentions, leaving out those `without`."""
    asked = set(contents) - {""}
    if not asked:
        return {}
    if without:
        rows = _ORIGINALS_WITHOUT(connection, keys=asked, without=without)
    else:
        rows = _ORIGINALS(connection, keys=asked)
    return {content: mention for content, mention in rows if mention}


def _places(connection: Connection, mentions: Collection[str]) -> dict[str, _Place]:
    if not mentions:
        return {}
    return {row[0]: _Place(*row[1:]) for row in _PLACES(connection, keys=mentions)}


def _numbered(connection: Connection, bases: Mapping[str, str], before: Mapping[str, _Place]) -> dict[str, str]:
    """Return the contents of mentions that nobody judged, and of the other entries of their pages that must move."""
    base_of = {variant: base for base in set(bases.values()) for variant in _variants(base)}
    entries: dict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
    for mention, base in bases.items():
        entries[before[mention].url, base].append((before[mention].first_seen, mention))
    for mention, url, content, first_seen in _SHOWN(connection, keys={before[mention].url for mention in bases}):
        place = (url, base_of.get(content, ""))
        if mention not in before and place in entries:
            entries[place].append((first_seen, mention))
    found: dict[str, str] = {}
    for (_, base), shown in entries.items():
        numbered = _variants(base)
        for number, (_, mention) in enumerate(sorted(shown)):
            found[mention] = numbered[number] if number < _TWINS else content_id("judged", base, mention)
    return found


def _variants(base: str) -> list[str]:
    return [base, *(content_id("twin", base, str(number)) for number in range(1, _TWINS))]


def _standing(connection: Connection, before: Mapping[str, _Place], after: Mapping[str, str]) -> Standing:
    touched = ({*(place.content for place in before.values()), *after.values()}) - {""}
    first = originals(connection, touched)
    unchanged = originals(connection, touched, sorted(before))
    keyed = set(_KEYED(connection, keys={*first.values(), *unchanged.values()} - set(before)).scalars())
    return Standing(
        originals={one for one in first.values() if one in before or one not in keyed},
        copies={one: first[content] for one, content in after.items() if content and first[content] != one},
        displaced={one for content, one in unchanged.items() if one != first[content] and one in keyed},
    )
