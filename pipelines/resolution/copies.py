"""Pages of one site that say the same of somebody: compared once, however many they are.

A press contact stands below every release and an employer on every page. Comparing each with each would cost the square
of the pages and say nothing new, so mentions of one site with equal values share a `content`, and the earliest of them
stands for all in blocking and comparison.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, bindparam, select, update

from pipelines.master.ids import content_id
from pipelines.master.models import BlockKeyRow, MentionRow
from pipelines.master.upsert import chunks
from pipelines.resolution.record import Record


@dataclass(slots=True)
class Standing:
    """Who stands for whom among the mentions that a change touches.

    `originals` are to be blocked and compared anew, `copies` maps each other mention of their contents to the original
    that stands for it.
    """

    originals: set[str] = field(default_factory=set)
    copies: dict[str, str] = field(default_factory=dict)


def content_of(record: Record) -> str:
    """Return the content of a record: what it says and on which site of which source, not on which page."""
    values = (
        record.names,
        record.organisations,
        record.job_titles,
        record.emails,
        record.telephones,
        record.addresses,
        record.urls,
        record.same_as,
    )
    host = urlsplit(record.page).hostname or ""
    return content_id("content", record.type, record.source, host, *("\x1e".join(group) for group in values))


def settle(connection: Connection, changed: Collection[str], records: Mapping[str, Record]) -> Standing:
    """Write the contents of changed mentions and return who stands for whom now.

    A mention that lost its name has no content; where it stood for others, the next of them takes its place.
    """
    before = _contents(connection, changed)
    after = {mention: content_of(records[mention]) if mention in records else "" for mention in changed}
    moved = [{"key": key, "value": after[key]} for key in sorted(changed) if before.get(key) != after[key]]
    if moved:
        one = update(MentionRow).where(MentionRow.id == bindparam("key")).values(content=bindparam("value"))
        connection.execute(one, moved)
    return _standing(connection, set(changed), ({*before.values(), *after.values()}) - {""})


def nodes(records: Mapping[str, Record], first_seen: Mapping[str, datetime], apart: Collection[str]) -> dict[str, str]:
    """Return for each mention the one that stands for it in clustering; pure.

    Mentions that a person has judged (`apart`) stand for themselves, and so does a second one of a page: two entries of
    one page are two people until a person says otherwise.
    """
    leaders: dict[tuple[str, int], str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    found: dict[str, str] = {}
    for mention in sorted(records, key=lambda key: (first_seen[key], key)):
        if mention in apart:
            found[mention] = mention
            continue
        content = content_of(records[mention])
        place = (content, seen[content, records[mention].page])
        seen[content, records[mention].page] += 1
        found[mention] = leaders.setdefault(place, mention)
    return found


def _contents(connection: Connection, mentions: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in chunks(sorted(mentions)):
        rows = connection.execute(select(MentionRow.id, MentionRow.content).where(MentionRow.id.in_(chunk)))
        found.update((mention, content) for mention, content in rows)
    return found


def _standing(connection: Connection, changed: set[str], contents: set[str]) -> Standing:
    groups: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for chunk in chunks(sorted(contents)):
        rows = connection.execute(
            select(MentionRow.content, MentionRow.first_seen, MentionRow.id).where(MentionRow.content.in_(chunk))
        )
        for content, first_seen, mention in rows:
            groups[content].append((first_seen, mention))
    originals = {min(group)[1] for group in groups.values()}
    copies = {mention: min(group)[1] for group in groups.values() for _, mention in group if mention != min(group)[1]}
    keyed: set[str] = set()
    for chunk in chunks(sorted({*originals, *copies})):
        keyed.update(connection.scalars(select(BlockKeyRow.mention_id).where(BlockKeyRow.mention_id.in_(chunk))))
    # A copy counts as new when it changed, or when it has just ceased to be an original.
    fresh = {copy: original for copy, original in copies.items() if copy in changed or copy in keyed}
    return Standing({one for one in originals if one in changed or one not in keyed}, fresh)
