"""Putting people on the suppression list, and what is held of them out of the store: one person or a long list."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from crawler.registers.records import Layout, format_of, records
from pipelines.errors import UsageError
from pipelines.master.choices import SuppressionRow
from pipelines.master.statements import Reading, mention_ids, write_readings
from pipelines.requests.finding import find
from pipelines.requests.naming import KEYS, Named, named
from pipelines.requests.people import Person, gather
from pipelines.requests.telling import erasure, known_as, received
from pipelines.resolution.resolver import lock
from pipelines.rights import apart
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import ALL, NAME_ONLY, Identifier, keyed_hashes, name_only, suppress
from pipelines.upkeep.removal import take_out

#: What a column of a list may be called besides the names of `KEYS`.
_COLUMNS = {
    "e-mail": "email", "mail": "email", "email address": "email", "phone": "telephone", "phone number": "telephone",
    "mobile": "telephone", "profile": "url", "linkedin": "url", "website": "url", "full name": "name",
    "organization": "organisation", "company": "organisation", "employer": "organisation",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list: where it stands, and whom it names."""

    place: str
    named: Named


@dataclass(slots=True)
class Outcome:
    """What a suppression did, or would do: counts, and no value.

    `identifiers` are those given and those of the people who are held, `new` the ones that were not on the list in this
    scope. `ambiguous` are the places whose identifier several people share: nothing was done about them. `lines` are
    what recipients have to be told, by recipient (Article 19 GDPR).
    """

    given: int = 0
    identifiers: int = 0
    new: int = 0
    people: int = 0
    mentions: int = 0
    apart: int = 0
    ambiguous: list[str] = field(default_factory=list)
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list), repr=False)

    def add(self, other: Outcome) -> None:
        """Count what another group did."""
        for name in ("given", "identifiers", "new", "people", "mentions", "apart"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ambiguous += other.ambiguous
        for recipient, lines in other.lines.items():
            self.lines[recipient] += lines

    def counts(self) -> dict[str, int]:
        """Return it as value-free totals."""
        return {
            "given": self.given,
            "identifiers": self.identifiers,
            "new": self.new,
            "people": self.people,
            "mentions": self.mentions,
            "apart": self.apart,
            "ambiguous": len(self.ambiguous),
            "recipients": len(self.lines),
        }


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with everybody on a list; `everyone` takes all who share an identifier that is given."""

    scope: str
    reason: str
    now: datetime
    today: date
    reference: str = ""
    everyone: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9-]{1,40}", self.reason):
            raise UsageError("--reason is a code such as objection or opt-out-form: letters, digits and '-'.")


def apply(connection: Connection, keys: Keyring, listed: Sequence[Listed], order: Order) -> Outcome:
    """Suppress some people, in the caller's transaction.

    The entry follows the person: with the identifiers that are given go all those of whoever is held under them and
    that nobody else has. In the scope `all` everything held goes as well, also what waits apart. A name without an
    organisation suppresses nobody; it asks about whoever comes with it.
    """
    lock(connection)
    done, people = _meant(connection, listed, order)
    hashes: set[Identifier] = set()
    for one, person in people:
        hashes |= _identifiers(one.named, person, order.scope)
    done.identifiers = len(hashes)
    done.new = suppress(connection, keys, hashes, order.reason, order.now, scope=order.scope)
    held = [person for _, person in people if person]
    if order.scope == ALL:
        waiting = apart.having(connection, keyed_hashes(keys, hashes))
        done.apart = apart.forget(connection, waiting)
        _tell(connection, held, order, done)
        done.mentions = take_out(connection, {mention for person in held for mention in person.everything})
    return done


def preview(connection: Connection, listed: Sequence[Listed], order: Order) -> Outcome:
    """Return what `apply` would do, as far as it can be told without the list of hashes; changes nothing."""
    done, people = _meant(connection, listed, order)
    done.identifiers = len({key for one, person in people for key in _identifiers(one.named, person, order.scope)})
    if order.scope == ALL:
        done.mentions = len({mention for _, person in people if person for mention in person.everything})
        _tell(connection, [person for _, person in people if person], order, done)
    return done


def _meant(
    connection: Connection, listed: Sequence[Listed], order: Order
) -> tuple[Outcome, list[tuple[Listed, Person | None]]]:
    """Return who is held of those listed; who may be several is counted and left out."""
    done = Outcome(given=len(listed))
    alone = [bool(one.named.name) and not one.named.organisation and not one.named.identifiers for one in listed]
    found = find(connection, [one.named for one in listed])
    groups = [[] if by_name else ids for by_name, ids in zip(alone, found, strict=True)]
    gathered = iter(gather(connection, [ids if order.everyone else ids[:1] for ids in groups if ids]))
    people: list[tuple[Listed, Person | None]] = []
    entities: set[str] = set()
    for one, ids in zip(listed, groups, strict=True):
        person = next(gathered) if ids else None
        if person and not set(ids) <= person.entities:
            done.ambiguous.append(one.place)
            continue
        people.append((one, person))
        entities |= person.entities if person else set()
    done.people = len(entities)
    return done, people


def _identifiers(given: Named, person: Person | None, scope: str) -> set[Identifier]:
    found = {*given.identifiers, *(person.identifiers if person else ())}
    if given.name:
        found.add(name_only(given.name))
    asks = scope == ALL or scope.startswith("purpose:")
    return found if asks else {one for one in found if one[0] != NAME_ONLY}


def _tell(connection: Connection, people: Sequence[Person], order: Order, done: Outcome) -> None:
    for person, listed in zip(people, received(connection, [one.everything for one in people]), strict=True):
        for who in listed:
            ids = known_as(connection, person.entities, person.mentions)
            done.lines[who.recipient].append(erasure(who, ids, order.reference, order.today))


def reading(path: Path, country: str, told: Callable[[str], None]) -> Iterator[Listed]:
    """Yield whom the lines of a list name; a line that names nobody is told with its place, never with its value.

    Raises UsageError for a file of another format, or of which no column names people.
    """
    form = format_of(path.name)
    if form is None:
        raise UsageError(f"{path.name} is no list; use CSV, JSON Lines or XLSX with columns {', '.join(KEYS[1:])}.")
    known = False

    def rejected(place: str, reason: str) -> None:
        told(f"{path.name}, {place}: {reason}")

    with path.open("rb") as stream:
        for record in records(stream, form, Layout(), rejected):
            row = _row(record.data)
            if not known and not row:
                columns = ", ".join(KEYS[1:])
                raise UsageError(f"{path.name} has no column that names people; it needs one of {columns}.")
            known = True
            if not any(row.values()):
                continue
            try:
                yield Listed(record.locator, named(row, country))
            except UsageError as error:
                told(f"{path.name}, {record.locator}: {error}")


def _row(data: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, value in data.items():
        key = " ".join(str(column).casefold().replace("_", " ").split())
        key = key if key in KEYS else _COLUMNS.get(key, "")
        if key and key != "id":
            found[key] = str(value or "").strip()
    return found


def decide(
    connection: Connection, keys: Keyring, waiting: apart.Waiting, *, same: bool, by: str, now: datetime
) -> Collection[str]:
    """Answer whether a mention that waits is of the person who was suppressed; return the ids to resolve.

    The same person: the entry grows by what identifies the mention, and the mention goes. Somebody else: whoever has
    this name with one of its identifiers passes from now on, and the mention enters the store as it was read.
    """
    if same:
        suppress(connection, keys, set(apart.named(waiting.mention)), "same-person", now)
        apart.forget(connection, [waiting.id])
        return ()
    apart.clear(connection, keys, apart.Named.of(waiting.mention), by, now)
    apart.forget(connection, [waiting.id])
    write_readings(connection, [Reading(waiting.mention)])
    return mention_ids(waiting.mention)


def by_scope(connection: Connection) -> Counter[tuple[str, str, str, bool]]:
    """Return how many entries stand by scope, kind and reason, and whether they were lifted."""
    lifted = SuppressionRow.lifted_at.is_not(None)
    columns = (SuppressionRow.scope, SuppressionRow.kind, SuppressionRow.reason, lifted)
    rows = connection.execute(select(*columns, func.count()).group_by(*columns))
    return Counter({(row[0], row[1], row[2], bool(row[3])): row[4] for row in rows})
