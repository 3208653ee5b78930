"""What is known of people's wishes before anything about them leaves, for many people in a few queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from crawler.items import Property
from pipelines.rights import apart, consents
from pipelines.rights.droplists import hashed_value
from pipelines.rights.gate import Wishes, to_screen
from pipelines.rights.screening import screened
from pipelines.rights.secret import Keyring
from pipelines.rights.subjects import Subject
from pipelines.rights.suppression import KINDS, Identifier, keyed_hashes, name_at, name_only, standings


def gather(
    connection: Connection, keys: Keyring, group: Sequence[Subject], purpose: str, *, now: datetime, today: date
) -> list[Wishes]:
    """Return what each person of a group wants for a purpose at a moment; `today` is that moment's day here."""
    known = [list(_identifiers(subject)) for subject in group]
    hashes = [keyed_hashes(keys, identifiers) for identifiers in known]
    found = standings(connection, hashes)
    asked = [number for number, one in enumerate(found) if one.namesake(purpose)]
    cleared = apart.cleared(connection, keys, [_named(group[number], known[number]) for number in asked])
    undecided = {number for number, decided in zip(asked, cleared, strict=True) if not decided}
    agreed = consents.live(connection, hashes, purpose, now)
    numbers = [list(to_screen(subject)) for subject in group]
    said = screened(connection, keys, (one for listed in numbers for one in listed), today)
    return [
        Wishes(standing, number in undecided, agreed[number], {one: said[one] for one in numbers[number]})
        for number, standing in enumerate(found)
    ]


def _identifiers(subject: Subject) -> Iterator[Identifier]:
    names = dict.fromkeys([subject.name, *subject.values(Property.NAME)])
    for name in names:
        yield name_only(name)
    for one in subject.held:
        if kind := KINDS.get(one.property):
            yield kind, one.value
            yield from hashed_value(one.property, one.value)
        elif one.property is Property.WORKS_FOR:
            yield from (name_at(name, one.value) for name in names)


def _named(subject: Subject, identifiers: Sequence[Identifier]) -> apart.Named:
    mentions = sorted({one.mention_id for one in subject.held})
    return apart.Named(dict.fromkeys([subject.name, *subject.values(Property.NAME)]), identifiers, mentions)
