"""A record parsed once, so that a pair costs only the comparison."""

from __future__ import annotations

from collections.abc import Iterable
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
    `hints` are given names that the mailbox or the profile spell out where the name has an initial only.
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
    hints: frozenset[str] = field(repr=False)
    page: str = field(repr=False)


def prepare(record: Record) -> Prepared:
    """Parse every value of a record; a value that cannot be read is left out, never an error."""
    person = record.type is MentionType.PERSON
    parsed = [names.parse(text) for text in record.names[:_MOST]] if person else []
    kept = tuple(dict.fromkeys(name for name in parsed if name.given or name.surname))
    workplaces = record.organisations if person else (*record.names, *record.organisations)
    mailboxes = _each(contacts.mailbox(text) for text in record.emails[:_MOST])
    profiles = _each(contacts.profile(text) for text in (*record.same_as[:_MOST], *record.urls[:_MOST]))
    return Prepared(
        id=record.id,
        type=record.type,
        names=kept,
        organisations=tuple(
            dict.fromkeys(firm for text in workplaces[:_MOST] if (firm := organisations.parse(text)).tokens)
        ),
        titles=tuple(dict.fromkeys(title for text in record.job_titles[:_MOST] if (title := contacts.title(text)))),
        mailboxes=mailboxes,
        telephones=_each(contacts.telephone(text) for text in record.telephones[:_MOST]),
        addresses=_each(contacts.address(text) for text in record.addresses[:_MOST]),
        profiles=profiles,
        hints=_hints(kept, mailboxes, profiles),
        page=record.page,
    )


def _each(values: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(value for value in values if value is not None))


def _hints(
    parsed: tuple[PersonName, ...], mailboxes: tuple[Mailbox, ...], profiles: tuple[Profile, ...]
) -> frozenset[str]:
    """Return the words that stand beside the surname in a personal mailbox or profile ("jan" of jan.visser@)."""
    spelled = [box.tokens for box in mailboxes if not box.generic] + [page.tokens for page in profiles]
    surnames = {skeleton(part) for name in parsed for part in name.surname}
    return frozenset(
        word
        for tokens in spelled
        if any(skeleton(token) in surnames for token in tokens)
        for word in tokens
        if len(word) > 2 and word.isalpha() and skeleton(word) not in surnames
    )
