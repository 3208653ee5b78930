"""From ties to clusters, over the store: what a change touches, and how it falls into people or organisations.

Only mentions that stand for their content take part (`copies`). The clusters of a component are a pure function of its
records, of their ties, of the pages that show two of them, and of people's judgements.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations

from sqlalchemy import Connection, Executable, select
from sqlalchemy.orm import aliased

from crawler.items import MentionType
from pipelines.master.keyed import Keyed, Lists
from pipelines.master.models import MentionRow
from pipelines.resolution import blocking, clustering, copies, engine, judgements
from pipelines.resolution.judgements import Pair, ordered
from pipelines.resolution.loading import records
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.statistics import Statistics

_CONTENTS_OF_ENTITIES = Keyed(
    lambda these: select(MentionRow.content).where(these.among(MentionRow.entity_id)).distinct()
)
_ENTITIES = Keyed(lambda these: select(MentionRow.entity_id).where(these.among(MentionRow.id)).distinct())
_CONTENTS = Keyed(lambda these: select(MentionRow.content).where(these.among(MentionRow.id)).distinct())


def _shown_together(these: Lists) -> Executable:
    one, other = aliased(MentionRow), aliased(MentionRow)
    return (
        select(one.content, other.content)
        .join(other, other.url == one.url)
        .where(these.among(one.content), other.content > one.content, other.type == MentionType.PERSON.value)
        .distinct()
    )


_TOGETHER = Keyed(_shown_together)


def reach(
    connection: Connection, start: Collection[str], entities: Collection[str]
) -> tuple[dict[Pair, float], set[str]]:
    """Return the ties of all that hangs together with these mentions and entities, now or as it was, and its entities.

    A mention that nothing ties stands in a pair with itself.
    """
    found: dict[Pair, float] = {}
    seen: set[str] = set()
    known: set[str] = set()
    frontier, homes = set(start), set(entities)
    while frontier or homes:
        frontier |= _of_entities(connection, homes - known) - seen
        known |= homes
        seen |= frontier
        ties = judgements.links(connection, frontier)
        found.update(ties)
        homes = _entities_of(connection, frontier) - known
        frontier = {mention for pair in ties for mention in pair} - seen
    found.update({(one, one): math.nan for one in seen})
    return found, known


def _of_entities(connection: Connection, entities: Collection[str]) -> set[str]:
    """Return the originals of some entities."""
    if not entities:
        return set()
    contents = _CONTENTS_OF_ENTITIES(connection, keys=entities).scalars()
    return set(copies.originals(connection, contents).values())


def _entities_of(connection: Connection, mentions: Collection[str]) -> set[str]:
    return set(filter(None, _ENTITIES(connection, keys=mentions).scalars())) if mentions else set()


def cluster(
    connection: Connection,
    ties: Mapping[Pair, float],
    kind: MentionType,
    statistics: Statistics,
    known: Mapping[str, Prepared] | None = None,
) -> list[tuple[str, ...]]:
    """Return the clusters of all components of these ties; only mentions that stand for a content are in one.

    `known` are records that were read and prepared in this transaction already.
    """
    if not ties:
        return []
    content = _contents(connection, {mention for pair in ties for mention in pair})
    names = sorted(content)
    inner = {
        pair: bits for pair, bits in ties.items() if pair[0] != pair[1] and pair[0] in content and pair[1] in content
    }
    tied = [sorted(group) for group in _joined(inner)]
    home = {name: number for number, group in enumerate(tied) for name in group}
    prepared = {key: (known or {})[key] for key in home.keys() & (known or {}).keys()}
    missing = records(connection, home.keys() - prepared.keys())
    prepared.update((key, prepare(record)) for key, record in missing.items())
    judged = judgements.human(connection, home)
    apart = _together(connection, {name: content[name] for name in home}) if kind is MentionType.PERSON else set()
    inside: dict[int, dict[Pair, float]] = defaultdict(dict)
    for pair, bits in inner.items():
        inside[home[pair[0]]][pair] = bits
    shown: dict[int, set[Pair]] = defaultdict(set)
    for pair in apart:
        shown[home[pair[0]]].add(pair)
    found: list[tuple[str, ...]] = [(name,) for name in names if name not in home]
    for number, group in enumerate(tied):
        found += component({name: prepared[name] for name in group}, inside[number], shown[number], statistics, judged)
    return found


def component(
    prepared: Mapping[str, Prepared],
    ties: Mapping[Pair, float],
    apart: Collection[Pair],
    statistics: Statistics,
    judged: tuple[Collection[Pair], Collection[Pair]] = ((), ()),
) -> list[tuple[str, ...]]:
    """Return the clusters of one component; pure.

    `ties` are the pairs that blocking proposed and that the rules did not refuse, with their bits (NaN where only a
    person's judgement stands), `apart` the pairs that one page shows side by side, `judged` those that people have
    judged the same, and different.
    """
    members = set(prepared)
    inner = {pair: bits for pair, bits in ties.items() if members.issuperset(pair)}
    scores = {pair: bits for pair, bits in inner.items() if not math.isnan(bits)}
    same = [pair for pair in judged[0] if members.issuperset(pair)]
    if len(members) > engine.LARGEST_COMPLETED:
        # A larger component is not completed, so what its blocks propose is all that speaks against a merge.
        scores |= {
            pair: engine.bits_of(prepared[pair[0]], prepared[pair[1]], statistics) for pair in _proposed(prepared)
        }
    forbidden = dict.fromkeys((pair for pair in apart if members.issuperset(pair)), clustering.FORBIDDEN)
    held = [pair for pair, bits in inner.items() if bits > engine.LINK] + same
    clusters: list[tuple[str, ...]] = []
    for group in _joined(held):
        known = {pair: bits for pair, bits in (scores | forbidden).items() if group.issuperset(pair)}
        chosen = [prepared[name] for name in sorted(group)]
        clusters += engine.resolve_component(chosen, known, statistics, same, judged[1])[0]
    tied = {name for group in clusters for name in group}
    return clusters + [(name,) for name in sorted(members - tied)]


def _joined(pairs: Iterable[Pair]) -> list[set[str]]:
    """Return what pairs join, in the order of the first of each.

    A change touches a few pairs. SciPy, which the whole store is worth, would take a third of a second and 32 MB to be
    there, and stay for as long as a crawl runs.
    """
    home: dict[str, set[str]] = {}
    for one, other in pairs:
        few, many = sorted((home.setdefault(one, {one}), home.setdefault(other, {other})), key=len)
        if few is not many:
            many |= few
            home.update(dict.fromkeys(few, many))
    return list({id(group): group for _, group in sorted(home.items())}.values())


def _proposed(prepared: Mapping[str, Prepared]) -> Iterable[Pair]:
    blocks: dict[str, list[str]] = defaultdict(list)
    for name in sorted(prepared):
        for key in blocking.keys(prepared[name]):
            blocks[key].append(name)
    return {pair for block in blocks.values() for pair in combinations(block, 2)}


def _contents(connection: Connection, mentions: Collection[str]) -> dict[str, str]:
    """Return the content of those mentions that stand for one: not of copies, nor of those that lost their name."""
    standing = copies.originals(connection, _CONTENTS(connection, keys=mentions).scalars())
    return {mention: content for content, mention in standing.items() if mention in mentions}


def _together(connection: Connection, contents: Mapping[str, str]) -> set[Pair]:
    """Return the pairs of people of whom one page shows both, themselves or by copies: never one person by rule."""
    if not contents:
        return set()
    stands_for = {content: mention for mention, content in contents.items()}
    rows = _TOGETHER(connection, keys=stands_for)
    return {ordered(stands_for[a], stands_for[b]) for a, b in rows if b in stands_for}
