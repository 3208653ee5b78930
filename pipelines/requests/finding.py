"""Finding whom a request means among those who are held; many requests in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, func, or_, select

from crawler.items import MentionType, Property
from pipelines.master.ids import name_key
from pipelines.master.models import MentionRow, PersonRow, RedirectRow, StatementRow
from pipelines.master.prefixes import begins
from pipelines.master.upsert import chunks
from pipelines.requests.naming import Named, masked
from pipelines.resolution.organisations import parse

_CONTACTS = (Property.EMAIL, Property.TELEPHONE, Property.FAX_NUMBER, Property.URL, Property.SAME_AS)
#: What a mention belongs to: its entry, or itself when it lost its name and stands in none.
HOME = func.coalesce(MentionRow.entity_id, MentionRow.id)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a request may mean; what is shown of them says nothing to whoever does not know them."""

    id: str
    name: str = field(repr=False)
    employers: tuple[str, ...] = field(repr=False)

    @property
    def line(self) -> str:
        """The id, with name and employers masked."""
        return "  ".join(filter(None, (self.id, masked(self.name), ", ".join(map(masked, self.employers)))))


def find(connection: Connection, wanted: Sequence[Named]) -> list[list[str]]:
    """Return for each request the ids of the entries that it may mean, sorted; none where nobody is held.

    Everything that is held counts, also what no page shows any more. An id decides alone; where a request names several
    other identifiers, whoever answers to all of those that are held is meant.
    """
    by_value = _by_value(connection, {text for one in wanted for _, text in one.values})
    by_name = _by_name(connection, {one.name for one in wanted if one.name})
    employers = _employers(connection, {home for homes in by_name.values() for home in homes})
    found = []
    for one in wanted:
        if one.id:
            found.append(sorted(_by_id(connection, one.id)))
            continue
        groups = [_with(by_value.get(text, ()), properties) for properties, text in one.values]
        if one.name:
            groups.append({home for home in by_name[one.name] if _works_at(employers[home], one.organisation)})
        found.append(sorted(_meant([group for group in groups if group])))
    return found


def candidates(connection: Connection, ids: Collection[str]) -> list[Candidate]:
    """Return what a reader needs to choose between entries, in the order of their ids."""
    names = _said(connection, ids, Property.NAME)
    employers = _said(connection, ids, Property.WORKS_FOR)
    return [Candidate(one, next(iter(names[one]), ""), tuple(employers[one])[:3]) for one in sorted(ids)]


def _meant(groups: Sequence[set[str]]) -> set[str]:
    if not groups:
        return set()
    everywhere = set.intersection(*groups)
    return everywhere or set.union(*groups)


def _with(found: Iterable[tuple[str, str]], properties: Collection[Property]) -> set[str]:
    return {home for prop, home in found if Property(prop) in properties}


def people() -> ColumnElement[bool]:
    """The condition on which a mention is about a person."""
    return MentionRow.type == MentionType.PERSON.value


def _by_value(connection: Connection, values: Collection[str]) -> Mapping[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for chunk in chunks(sorted(values)):
        query = (
            select(StatementRow.normalised, StatementRow.property, HOME)
            .join(MentionRow, MentionRow.id == StatementRow.mention_id)
            .where(StatementRow.normalised.in_(chunk), people())
            .where(StatementRow.property.in_([prop.value for prop in _CONTACTS]))
        )
        for value, prop, home in connection.execute(query):
            found[value].add((prop, home))
    return found


def _by_id(connection: Connection, beginning: str) -> set[str]:
    mentions = select(HOME).where(begins(MentionRow.id, beginning), people())
    merged = (
        select(RedirectRow.target_id)
        .join(PersonRow, PersonRow.id == RedirectRow.target_id)
        .where(begins(RedirectRow.id, beginning))
    )
    return set(connection.scalars(mentions.union(merged)))


def _by_name(connection: Connection, names: Collection[str]) -> dict[str, set[str]]:
    """Return who has a name, however it is written in capitals and accents, as far as the database can tell."""
    found: dict[str, set[str]] = {name: set() for name in names}
    spelled: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for form in {name, name.lower(), name.upper(), name.title()}:
            spelled[form].append(name)
    for chunk in chunks(sorted(spelled)):
        said = (
            select(StatementRow.normalised, HOME)
            .join(MentionRow, MentionRow.id == StatementRow.mention_id)
            .where(StatementRow.property == Property.NAME.value, StatementRow.normalised.in_(chunk), people())
        )
        for value, home in connection.execute(said):
            for name in spelled[value]:
                found[name].add(home)
    _otherwise_written(connection, {name_key(name): homes for name, homes in found.items() if not homes})
    return found


def _otherwise_written(connection: Connection, missing: Mapping[str, set[str]]) -> None:
    """Look through all names of the master for some by their keys; no database folds accents alike."""
    if missing:
        query = select(PersonRow.id, PersonRow.name).execution_options(yield_per=5_000)
        for one, written in connection.execute(query):
            if (homes := missing.get(name_key(written))) is not None:
                homes.add(one)


def _employers(connection: Connection, ids: Collection[str]) -> dict[str, list[str]]:
    return _said(connection, ids, Property.WORKS_FOR)


def _works_at(employers: Iterable[str], organisation: str) -> bool:
    """Return whether one of the employers is the organisation, legal form and capitals aside, where one is given."""
    return not organisation or parse(organisation).key in {parse(one).key for one in employers}


def _said(connection: Connection, ids: Collection[str], prop: Property) -> dict[str, list[str]]:
    """Return what the mentions of some entries say for a property, the longest first."""
    found: dict[str, set[str]] = {one: set() for one in ids}
    for chunk in chunks(sorted(ids)):
        query = (
            select(HOME, StatementRow.normalised)
            .join(StatementRow, StatementRow.mention_id == MentionRow.id)
            .where(or_(MentionRow.entity_id.in_(chunk), MentionRow.id.in_(chunk)))
            .where(StatementRow.property == prop.value)
        )
        for home, value in connection.execute(query):
            if home in found:
                found[home].add(value)
    return {one: sorted(values, key=lambda text: (-len(text), text)) for one, values in found.items()}
