"""From what came in to what may be carried out: who is meant, whether enough is shown, and under which clock it runs."""

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
from pipelines.requests.people import Person, gather
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
    """A request on its way: its entry in the book, the person it means (None: nobody who is held), and why it is refused.

    `choices` are lines that show masked candidates where several people may be meant.
    """

    ask: Ask
    entry: Entry
    person: Person | None = None
    refusal: str = ""
    choices: tuple[str, ...] = ()

    @property
    def identifiers(self) -> set[Identifier]:
        """What identifies the person: what the request says, and what is held that nobody else has."""
        held = self.person.identifiers if self.person else set()
        return held if self.ask.named.id else held | self.named_by

    @property
    def named_by(self) -> set[Identifier]:
        """What the request itself says, less what is held of others too."""
        said = set(self.ask.named.identifiers)
        if self.person is None:
            return said | ({name_only(self.ask.named.name)} if self.ask.named.name else set())
        return {one for one in said if one in self.person.identifiers}

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
    for case in cases:
        if not case.refusal:
            case.refusal = _missing(case)
    return cases


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
        if ask.kind in (Kind.ERASE, Kind.OBJECT, Kind.RESTRICT) and not ask.named.identifiers:
            return "Nobody is held by that, and it cannot be kept out: give --email, --telephone, --url, or --name with --organisation."
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
