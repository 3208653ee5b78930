"""From what came in to what may be carried out: who is meant, whether enough is shown, and until when it is due."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from pipelines.errors import RefusedError
from pipelines.requests import book
from pipelines.requests.book import Entry
from pipelines.requests.finding import candidates, find
from pipelines.requests.naming import Named
from pipelines.requests.people import Person, gather, held_values
from pipelines.requests.rules import Identity, Kind, identified
from pipelines.rights.register import RightsRegister
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import Identifier, keyed_hashes, name_only


@dataclass(frozen=True, slots=True)
class Desk:
    """What every request is handled with: the keys of hashes, the rights register, the moment, and who handles it."""

    keys: Keyring
    register: RightsRegister
    now: datetime
    by: str

    @property
    def today(self) -> date:
        """The day in the controller's zone."""
        return self.now.astimezone(self.register.controller.zone).date()


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as it came in; `request` is the id of the one in the book that it carries on, empty for a new one.

    `details` are what its kind needs besides, such as the values to set right.
    """

    kind: Kind
    named: Named
    received_on: date
    identity: Identity = Identity.NONE
    request: str = ""
    details: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Case:
    """A request on its way: its entry in the book, the person it means (None: nobody who is held), why it is refused.

    `choices` are lines that show masked candidates where several people may be meant. `said` is what the request names
    the person by, less what is held of others.
    """

    ask: Ask
    entry: Entry
    person: Person | None = None
    refusal: str = ""
    choices: tuple[str, ...] = ()
    said: set[Identifier] = field(default_factory=set, repr=False)

    @classmethod
    def new(cls, ask: Ask, desk: Desk) -> Case:
        """Return the case of a request that comes in now."""
        return cls(ask, book.open_entry(ask.kind, ask.received_on, ask.identity, desk.by, desk.now))

    @property
    def identifiers(self) -> set[Identifier]:
        """What identifies the person: what the request says, and what is held that nobody else has."""
        return self.said | (self.person.identifiers if self.person else set())

    def done(self, now: datetime, counts: Mapping[str, Any], proof: str = "") -> None:
        """Note that it was carried out, or that nobody was held."""
        outcome = book.DONE if self.person else book.NOTHING_HELD
        self.entry = replace(self.entry, outcome=outcome, closed_at=now, counts=dict(counts), proof=proof)


def open_cases(connection: Connection, asks: Sequence[Ask], desk: Desk) -> list[Case]:
    """Return a case for each request; what stands against one is in `refusal`, and it stays open in the book.

    Raises RefusedError for a request that carries on one which is closed, of another kind, or somebody else's.
    """
    cases = [Case(ask, _entry(connection, ask, desk)) for ask in asks]
    found = find(connection, [ask.named for ask in asks])
    held = [(case, ids) for case, ids in zip(cases, found, strict=True) if ids]
    people = gather(connection, [ids[:1] for _, ids in held])
    for (case, ids), person in zip(held, people, strict=True):
        case.person = person
        _choose(connection, case, ids)
    taken = held_values(connection, {one for case in cases for one in case.ask.named.identifiers})
    for case in cases:
        case.said = _said(case, taken)
        if not case.refusal:
            case.refusal = _missing(case)
    return cases


def _said(case: Case, taken: Collection[Identifier]) -> set[Identifier]:
    """Return what the request names its person by; where somebody is held, without what is held of others."""
    named = case.ask.named
    own = case.person.identifiers if case.person else set(taken)
    said = {one for one in named.identifiers if one in own or one not in taken}
    return said | {name_only(named.name)} if named.name and said else said


def recorded(connection: Connection, cases: Sequence[Case], desk: Desk) -> None:
    """Write the requests into the book as they stand now."""
    book.record(connection, [(case.entry, _subject(case)) for case in cases], desk.keys)


def _subject(case: Case) -> Collection[Identifier]:
    """Return what a request is found by again: what it said, as it said it."""
    named = case.ask.named
    ids = [("entry", named.id)] if named.id else []
    return [*named.identifiers, *ids, *([name_only(named.name)] if named.name else [])]


def _entry(connection: Connection, ask: Ask, desk: Desk) -> Entry:
    if not ask.request:
        return book.open_entry(ask.kind, ask.received_on, ask.identity, desk.by, desk.now)
    entry = book.find(connection, ask.request)
    if entry.outcome:
        raise RefusedError(f"Request {entry.id[:12]} is closed ({entry.outcome}); open a new one.")
    if entry.kind is not ask.kind:
        raise RefusedError(f"Request {entry.id[:12]} asks for {entry.kind}; answer it with `scrapy {entry.kind}`.")
    same = {one.id for one in book.of_subject(connection, desk.keys, _subject(Case(ask, entry)))}
    if entry.id not in same:
        raise RefusedError(f"Request {entry.id[:12]} named its person by something else; say it as it was said then.")
    return replace(entry, identity=ask.identity, by=desk.by)


def _choose(connection: Connection, case: Case, ids: Sequence[str]) -> None:
    """Refuse where several people may be meant, or where a name alone has to be enough."""
    assert case.person is not None
    named = case.ask.named
    alone = bool(named.name) and not (named.id or named.identifiers)
    if not alone and set(ids) <= case.person.entities:
        return
    case.person = None
    case.choices = tuple(one.line for one in candidates(connection, ids))
    why = "a name alone may be anybody's" if alone else f"{len(ids)} entries answer to it"
    case.refusal = f"It is not certain who is meant: {why}. Choose one by --id."


def _missing(case: Case) -> str:
    """Return what is missing before a request can be carried out; empty when nothing is."""
    ask = case.ask
    if case.person is None:
        if ask.kind in (Kind.ERASE, Kind.OBJECT) and not ask.named.identifiers:
            return (
                "Nobody is held by that, and a name alone cannot be kept out: give --email, --telephone, --url, or"
                " --name with --organisation."
            )
        return ""
    if refusal := identified(ask.kind, ask.identity, held=True):
        return refusal
    needed = identified(ask.kind, Identity.NONE, held=True)
    if needed and ask.identity is Identity.EMAIL_LOOP and not case.person.has(("email", ask.named.email)):
        return (
            "An answer from that address shows nothing: it is not held about this person alone. Give the --email that"
            " the answer came from, which has to be one that is held, or identify the person in another way."
        )
    return ""


def hashes(case: Case, keys: Keyring) -> frozenset[str]:
    """Return the keyed hashes under which the case's person stands anywhere."""
    return keyed_hashes(keys, case.identifiers)
