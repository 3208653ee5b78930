"""Everything that is held about one person, and what identifies that person and nobody else.

A number on somebody's card may be the switchboard, an address the team's, a link the page of all colleagues. What
others have too, under another name, does not identify the person: to suppress it would put all of them out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from crawler.items import MentionType, Property
from pipelines.master.models import CorrectionRow, EmploymentRow, MasterValueRow, MentionRow, StatementRow
from pipelines.master.upsert import chunks
from pipelines.requests.finding import HOME
from pipelines.resolution import names
from pipelines.resolution.contacts import mailbox
from pipelines.rights.suppression import KINDS, Identifier, name_at, name_only

#: Pairs of a name and an employer that are remembered of one person; nobody has so many who is one person.
_MOST_PAIRS = 400


@dataclass(slots=True)
class Person:
    """One person as far as held: entries, the mentions in them, and what identifies them.

    `identifiers` belong to nobody else; `shared` counts those of the person's that others have too. `corrections` are
    the mentions that hold what people have set right about them. `names` and `employers` are as they are written.
    """

    entities: set[str] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    corrections: set[str] = field(default_factory=set)
    identifiers: set[Identifier] = field(default_factory=set, repr=False)
    shared: int = 0
    names: set[str] = field(default_factory=set, repr=False)
    employers: set[str] = field(default_factory=set, repr=False)

    @property
    def everything(self) -> set[str]:
        """All mentions that go when the person goes."""
        return self.mentions | self.corrections

    def has(self, identifier: Identifier) -> bool:
        """Return whether this identifies the person and nobody else."""
        return identifier in self.identifiers


class _Holder(NamedTuple):
    home: str
    type: str


def gather(connection: Connection, entries: Sequence[Collection[str]]) -> list[Person]:
    """Return for each group of entries the one person that they are.

    Another entry that has an identifier of the person under the same name is the person too: whoever restores a backup
    after an erasure would lose it as well.
    """
    found = [Person(entities=set(group)) for group in entries]
    for _ in range(3):  # an entry that joined may bring an identifier of its own; two rounds have been enough
        if not _widen(connection, found):
            break
    _add_pairs(connection, found)
    _add_corrections(connection, found)
    return found


def _widen(connection: Connection, found: Sequence[Person]) -> bool:
    """Read the people's mentions and values, tell own from shared, and let same-named holders join; whether any did."""
    said = _statements(connection, {one for person in found for one in person.entities})
    contacts: list[dict[Identifier, set[str]]] = []
    for person in found:
        own: dict[Identifier, set[str]] = defaultdict(set)
        for entity in person.entities:
            for mention, prop, value in said.get(entity, ()):
                person.mentions.add(mention)
                if prop is Property.NAME:
                    person.names.add(value)
                elif prop is Property.WORKS_FOR:
                    person.employers.add(value)
                elif kind := KINDS.get(prop):
                    own[kind, value].add(mention)
        contacts.append(own)
    holders = _holders(connection, {value for own in contacts for _, value in own})
    known = _names(connection, {holder.home for listed in holders.values() for holder in listed})
    grew = False
    for person, own in zip(found, contacts, strict=True):
        person.shared, person.identifiers = 0, set()
        for identifier in own:
            others = {one for one in holders[identifier] if one.home not in person.entities}
            if _shared(identifier, others, person.names, known):
                person.shared += 1
                continue
            person.identifiers.add(identifier)
            joined = {one.home for one in others}
            grew = grew or bool(joined)
            person.entities |= joined
    return grew


def _shared(
    identifier: Identifier, others: Iterable[_Holder], own: Collection[str], known: Mapping[str, Collection[str]]
) -> bool:
    kind, value = identifier
    if kind == "email" and (box := mailbox(value)) and box.generic:
        return True
    return any(one.type != MentionType.PERSON.value or not _same_name(own, known.get(one.home, ())) for one in others)


def _same_name(some: Iterable[str], others: Collection[str]) -> bool:
    return any(may_be_one(one, other) for one, other in product(some, others)) or not others


def may_be_one(one: str, other: str) -> bool:
    """Return whether two names may be written for one person: one family name, and a given name or its initial.

    >>> may_be_one("Jane Roe", "J. Roe"), may_be_one("Roe, Jane", "Jane Roe"), may_be_one("Jane Roe", "Jan Roe")
    (True, True, False)
    """
    readings = [(name, *name.turned()) for name in (names.parse(one), names.parse(other))]
    return any(
        a.family == b.family and (not a.given or not b.given or _initial(a.given, b.given))
        for a, b in product(*readings)
    )


def _initial(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) == 1 and long.startswith(short))


def _statements(connection: Connection, entities: Collection[str]) -> dict[str, list[tuple[str, Property, str]]]:
    found: dict[str, list[tuple[str, Property, str]]] = defaultdict(list)
    for chunk in chunks(sorted(entities)):
        query = (
            select(HOME, StatementRow.mention_id, StatementRow.property, StatementRow.normalised)
            .join(MentionRow, MentionRow.id == StatementRow.mention_id)
            .where(or_(MentionRow.entity_id.in_(chunk), MentionRow.id.in_(chunk)))
        )
        for home, mention, prop, value in connection.execute(query):
            found[home].append((mention, Property(prop), value))
    return found


def _holders(connection: Connection, values: Collection[str]) -> dict[Identifier, set[_Holder]]:
    """Return who has each contact value: every entry, of people and of organisations."""
    found: dict[Identifier, set[_Holder]] = defaultdict(set)
    for chunk in chunks(sorted(values)):
        query = (
            select(StatementRow.property, StatementRow.normalised, HOME, MentionRow.type)
            .join(MentionRow, MentionRow.id == StatementRow.mention_id)
            .where(StatementRow.normalised.in_(chunk))
            .where(StatementRow.property.in_([prop.value for prop in KINDS]))
            .distinct()
        )
        for prop, value, home, kind in connection.execute(query):
            found[KINDS[Property(prop)], value].add(_Holder(home, kind))
    return found


def held_values(connection: Connection, identifiers: Collection[Identifier]) -> set[Identifier]:
    """Return those of some identifiers that somebody is held with, whoever it is."""
    return {one for one in _holders(connection, {value for _, value in identifiers}) if one in set(identifiers)}


def _names(connection: Connection, homes: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for chunk in chunks(sorted(homes)):
        query = (
            select(HOME, StatementRow.normalised)
            .join(MentionRow, MentionRow.id == StatementRow.mention_id)
            .where(or_(MentionRow.entity_id.in_(chunk), MentionRow.id.in_(chunk)))
            .where(StatementRow.property == Property.NAME.value)
        )
        for home, name in connection.execute(query):
            found[home].add(name)
    return found


def _add_pairs(connection: Connection, found: Sequence[Person]) -> None:
    """Add each name at each employer, under every name that the employer is known by, and the names alone."""
    aliases = _aliases(connection, {one for person in found for one in person.entities})
    for person in found:
        employers = person.employers | {alias for one in person.entities for alias in aliases.get(one, ())}
        pairs = islice(product(sorted(person.names), sorted(employers)), _MOST_PAIRS)
        person.identifiers |= {name_at(name, employer) for name, employer in pairs}
        person.identifiers |= {name_only(name) for name in person.names}


def _aliases(connection: Connection, entities: Collection[str]) -> dict[str, set[str]]:
    """Return by person the names of the organisations that they work or worked for."""
    found: dict[str, set[str]] = defaultdict(set)
    called = [Property.NAME.value, Property.ALTERNATE_NAME.value]
    for chunk in chunks(sorted(entities)):
        query = (
            select(EmploymentRow.person_id, MasterValueRow.value)
            .join(MasterValueRow, MasterValueRow.entity_id == EmploymentRow.organisation_id)
            .where(EmploymentRow.person_id.in_(chunk), MasterValueRow.property.in_(called))
        )
        for person, name in connection.execute(query):
            found[person].add(name)
    return found


def _add_corrections(connection: Connection, found: Sequence[Person]) -> None:
    """Add what people have set right, also what they have withdrawn: that stands in no entry any more."""
    owner = {mention: person for person in found for mention in person.mentions}
    for chunk in chunks(sorted(owner)):
        query = select(CorrectionRow.id, CorrectionRow.mention_id).where(CorrectionRow.mention_id.in_(chunk))
        for correction, mention in connection.execute(query):
            owner[mention].corrections.add(correction)
