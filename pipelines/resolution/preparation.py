"""A record parsed once, so that a pair costs only the comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from crawler.items import MentionType
from pipelines.resolution import contacts, names, organisations
from pipelines.resolution.contacts import Address, Mailbox, Profile, Telephone
from pipelines.resolution.folding import skeleton
from pipelines.resolution.names import PersonName
from pipelines.resolution.organisations import Organisation
from pipelines.resolution.record import Record

T = TypeVar("T")

#: More values of one property say nothing new about who it is, and would make one pair cost their product.
_MOST = 8


@dataclass(frozen=True, slots=True)
class Prepared:
    """The folded features of one record; `repr` shows the id alone.

    `names` is empty for organisations, `organisations` holds the employer of a person and the names of an organisation.
    """

    id: str
    type: MentionType
    names: tuple[PersonName, ...] = field(repr=False)
    organisations: tuple[Organisation, ...] = field(repr=False)
    titles: tuple[frozenset[str], ...] = field(repr=False)
    mailboxes: tuple[Mailbox, ...] = field(repr=False)
    telephones: tuple[Telephone, ...] = field(repr=False)
    addresses: tuple[Address, ...] = field(repr=False)
    profiles: tuple[Profile, ...] = field(repr=False)
    page: str = field(repr=False)

    @property
    def hints(self) -> frozenset[str]:
        """The words that stand beside the surname in a personal mailbox or profile ("jan" of jan.visser@)."""
        return hints(self.names, self.mailboxes, self.profiles)


def hints(people: tuple[PersonName, ...], boxes: tuple[Mailbox, ...], pages: tuple[Profile, ...]) -> frozenset[str]:
    """Return the words that stand beside a surname in personal mailboxes and profiles."""
    spelled = [box.tokens for box in boxes if not box.generic] + [page.tokens for page in pages]
    if not spelled:
        return frozenset()
    surnames = {skeleton(part) for name in people for part in name.surname}
    return frozenset(
        word
        for tokens in spelled
        if any(skeleton(token) in surnames for token in tokens)
        for word in tokens
        if len(word) > 2 and word.isalpha() and skeleton(word) not in surnames
    )


def prepare(record: Record) -> Prepared:
    """Parse every value of a record; a value that cannot be read is left out, never an error."""
    person = record.type is MentionType.PERSON
    workplaces = record.organisations if person else (*record.names, *record.organisations)
    return Prepared(
        id=record.id,
        type=record.type,
        names=person_names(record.names) if person else (),
        organisations=firms(workplaces),
        titles=titles(record.job_titles),
        mailboxes=mailboxes(record.emails),
        telephones=telephones(record.telephones),
        addresses=addresses(record.addresses),
        profiles=profiles(profile_texts(record)),
        page=record.page,
    )


def person_names(texts: Sequence[str]) -> tuple[PersonName, ...]:
    """Return the parsed names of a person, each once, those without a letter left out."""
    return _each(name if name.given or name.surname else None for name in map(names.parse, texts[:_MOST]))


def firms(texts: Sequence[str]) -> tuple[Organisation, ...]:
    """Return the parsed names of organisations, each once."""
    return _each(firm if firm.tokens else None for firm in map(organisations.parse, texts[:_MOST]))


def titles(texts: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Return the canonical words of job titles, each title once."""
    return _each(title or None for title in map(contacts.title, texts[:_MOST]))


def mailboxes(texts: Sequence[str]) -> tuple[Mailbox, ...]:
    """Return the addresses that are ones, each once."""
    return _each(map(contacts.mailbox, texts[:_MOST]))


def telephones(texts: Sequence[str]) -> tuple[Telephone, ...]:
    """Return the numbers that are ones, each once."""
    return _each(map(contacts.telephone, texts[:_MOST]))


def addresses(texts: Sequence[str]) -> tuple[Address, ...]:
    """Return the postal addresses with a word or a number, each once."""
    return _each(map(contacts.address, texts[:_MOST]))


def profile_texts(record: Record) -> tuple[str, ...]:
    """Return the URLs of a record that may show a profile."""
    return (*record.same_as[:_MOST], *record.urls[:_MOST])


def profiles(texts: Sequence[str]) -> tuple[Profile, ...]:
    """Return the pages about a person that the URLs show, each once."""
    return _each(map(contacts.profile, texts[: 2 * _MOST]))


def _each(values: Iterable[T | None]) -> tuple[T, ...]:
    found = [value for value in values if value is not None]
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)
