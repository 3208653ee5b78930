"""Carrying out California's deletion lists: who is held under a hash goes, and stays out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, select

from crawler.items import MentionType, Property
from pipelines.master.models import MentionRow, StatementRow
from pipelines.requests.finding import HOME
from pipelines.requests.people import Person, gather
from pipelines.requests.telling import erasure, known_as, received
from pipelines.resolution.resolver import lock
from pipelines.rights.droplists import LISTS, REMOVED, DropList, Item, Status, drop_hash
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import ALL, SALE, Identifier, lift, suppress
from pipelines.upkeep.removal import take_out

#: Statements and work items that are looked at at a time.
_GROUP = 5_000
_REASON = "california-delete-act"
_HELD = {"Email": Property.EMAIL, "Phone": Property.TELEPHONE}


@dataclass(slots=True)
class Dropped:
    """What a list came to: how many work items of each status, and what recipients have to be told."""

    statuses: Counter[Status] = field(default_factory=Counter)
    people: int = 0
    mentions: int = 0
    removed: int = 0
    lines: dict[str, list[dict[str, object]]] = field(default_factory=lambda: defaultdict(list), repr=False)


def holders(connection: Connection, list_type: str) -> Mapping[str, set[str]]:
    """Return who is held under each hash of a list type: the hash of a value in standard form → entries.

    The hashes are made of what is stored, value by value; nothing of them is kept.
    """
    if list_type not in LISTS:
        return {}
    _, form = LISTS[list_type]
    found: dict[str, set[str]] = defaultdict(set)
    query = (
        select(StatementRow.normalised, HOME)
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .where(StatementRow.property == _HELD[list_type].value, MentionRow.type == MentionType.PERSON.value)
    )
    with connection.execute(query, execution_options={"yield_per": _GROUP}) as rows:
        for value, home in rows:
            found[drop_hash(form(value))].add(home)
    return found


def answers(
    connection: Connection, keys: Keyring, listed: DropList, done: Dropped, *, reference: str, now: datetime, dry: bool
) -> Iterator[tuple[str, Status]]:
    """Carry out a list in the caller's transaction and yield the answer to each work item; a removal has none.

    A hash that one person is held under means that person, who goes (3). One that several share opts all of them out
    of sale and sharing (4). Each hash is kept, matched or not: whoever is read later under it does not come in.
    """
    if listed.list_type == REMOVED:
        _take_back(connection, keys, listed, done, now, dry=dry)
        return
    if not dry:
        lock(connection)
    held = holders(connection, listed.list_type)
    items = listed.items()
    while group := list(islice(items, _GROUP)):
        yield from _group(connection, keys, group, held, done, reference=reference, now=now, dry=dry)


def _group(
    connection: Connection,
    keys: Keyring,
    group: Sequence[Item],
    held: Mapping[str, set[str]],
    done: Dropped,
    *,
    reference: str,
    now: datetime,
    dry: bool,
) -> Iterator[tuple[str, Status]]:
    kinds = {name: kind for name, (kind, _) in LISTS.items()}
    people = _people(connection, {item.hash: held[item.hash] for item in group if item.hash in held})
    out: dict[str, set[Identifier]] = {ALL: set(), SALE: set()}
    going: set[str] = set()
    for item in group:
        own = {(kinds[item.list_type], item.hash)} if item.list_type in kinds else set()
        found = people.get(item.hash, [])
        status = (Status.NOT_FOUND, Status.DELETED, Status.OPTED_OUT)[min(len(found), 2)]
        scope = SALE if status is Status.OPTED_OUT else ALL
        out[scope] |= own.union(*(person.identifiers for person in found))
        if status is Status.DELETED:
            going |= found[0].everything
        done.statuses[status] += 1
        done.people += len(found)
        yield item.id, status
    done.mentions += len(going)
    leaving = [one for listed in people.values() if len(listed) == 1 for one in listed]
    for person, told in zip(leaving, received(connection, [one.everything for one in leaving]), strict=True):
        for who in told:
            ids = known_as(connection, person.entities, person.mentions)
            done.lines[who.recipient].append(erasure(who, ids, reference, now.date()))
    if not dry:
        for scope, identifiers in out.items():
            suppress(connection, keys, identifiers, _REASON, now, scope=scope)
        take_out(connection, going)


def _people(connection: Connection, held: Mapping[str, Collection[str]]) -> dict[str, list[Person]]:
    """Return by hash the people who are held under it; entries that are one person are one."""
    found: dict[str, list[Person]] = {}
    for digest, entries in held.items():
        people: list[Person] = []
        for entry in sorted(entries):
            if not any(entry in person.entities for person in people):
                people += gather(connection, [[entry]])
        found[digest] = people
    return found


def _take_back(
    connection: Connection, keys: Keyring, listed: DropList, done: Dropped, now: datetime, *, dry: bool
) -> None:
    """End what hashes stand for that consumers have cancelled; entries that had grown out of a match stay."""
    items = listed.items()
    while group := list(islice(items, _GROUP)):
        own = [(LISTS[item.list_type][0], item.hash) for item in group if item.list_type in LISTS]
        done.removed += len(group)
        if not dry:
            for scope in (ALL, SALE):
                lift(connection, keys, own, now, scope=scope)
