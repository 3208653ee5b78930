"""What may leave for a recipient: pure, person by person, and closed where something is missing (invariant 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crawler.items import Property
from pipelines.rights.clocks import retention_ends
from pipelines.rights.contactability import Answer, Channel, Form, Screen, Screened, contactable, form_of, screen
from pipelines.rights.jurisdiction import Jurisdiction, dialled, infer
from pipelines.rights.subjects import Held, Subject
from pipelines.rights.suppression import NO_EMAIL, NO_TELEPHONE, NOTHING, RESTRICTION, SALE, Standing

CONSENT = "consent"
PROCESSING = "processing"


class Withheld(StrEnum):
    """Why a person stays out of an export."""

    SUPPRESSED = "suppressed"
    RESTRICTED = "restricted"
    SALE = "opted-out-of-sale"
    NAMESAKE = "namesake-undecided"
    OTHER_PURPOSE = "other-purpose"
    EXPIRED = "retention-ended"
    NO_CONSENT = "no-consent"
    NOT_NOTIFIED = "not-notified"
    NO_NAME = "no-name-for-this-purpose"


class Blocked(StrEnum):
    """Why a value stays here although its person leaves."""

    OBJECTED = "objected"
    LISTED = "do-not-call"
    NOT_SCREENED = "not-screened"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants as far as is known: what stands against them, what they agreed to, what registers say.

    `namesake` says that the name is that of somebody who is out and that nobody has decided whether it is the same
    person. `consents` are channels of consent to the purpose in question (`pipelines.rights.consents`).
    """

    standing: Standing = NOTHING
    namesake: bool = False
    consents: frozenset[str] = frozenset()
    screened: Mapping[tuple[str, Screen], Screened] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may leave of a person, or why nothing may.

    `contact` says for each channel that a value leaves for, or would, whether the person may be contacted by it;
    `blocked` are the channels of which values stay here, with the reason.
    """

    held: Sequence[Held] = ()
    withheld: Withheld | None = None
    contact: Mapping[Channel, Answer] = field(default_factory=dict)
    blocked: Sequence[tuple[Channel, Blocked]] = ()


def decide(
    subject: Subject, purpose: str, now: datetime, wishes: Wishes, origins: frozenset[str] = frozenset()
) -> Verdict:
    """Return what may be disclosed of a person for a purpose at a moment (UTC).

    Only values that were collected for this purpose and whose retention has not ended leave; those that lean on consent
    while it lasts. Who is protected by European law, or by a law that nobody knows, must have been told of this purpose
    before (Article 14(3)(c) GDPR). `origins` are the purposes of collection that a change lets be used for this one.
    """
    if reason := _stays(purpose, wishes):
        return Verdict(withheld=reason)
    kept, reason = _kept(subject, origins | {purpose}, now, wishes)
    if reason:
        return Verdict(withheld=reason)
    law = jurisdiction(subject)
    told = subject.notified.get(purpose)
    if law.protected and (told is None or told > now):
        return Verdict(withheld=Withheld.NOT_NOTIFIED)
    return _by_channel(subject, kept, wishes, law)


def _kept(
    subject: Subject, origins: frozenset[str], now: datetime, wishes: Wishes
) -> tuple[list[Held], Withheld | None]:
    """Return the values that may leave for a purpose, or why there is none that may."""
    steps: tuple[tuple[Withheld, Callable[[Held], bool]], ...] = (
        (Withheld.OTHER_PURPOSE, lambda one: one.origin.purpose in origins),
        (Withheld.EXPIRED, lambda one: retention_ends(one.first_seen, one.origin.retention_days) > now),
        (Withheld.NO_CONSENT, lambda one: one.origin.legal_basis != CONSENT or PROCESSING in wishes.consents),
    )
    kept = list(subject.held)
    for reason, may_stay in steps:
        kept = [one for one in kept if may_stay(one)]
        if not kept:
            return kept, reason
    named = any(one.property is Property.NAME for one in kept)
    return kept, None if named else Withheld.NO_NAME


def _stays(purpose: str, wishes: Wishes) -> Withheld | None:
    standing = wishes.standing
    if standing.out(purpose):
        return Withheld.SUPPRESSED
    if RESTRICTION in standing.scopes:
        return Withheld.RESTRICTED
    if SALE in standing.scopes:
        return Withheld.SALE
    return Withheld.NAMESAKE if wishes.namesake else None


def _by_channel(subject: Subject, kept: Sequence[Held], wishes: Wishes, law: Jurisdiction) -> Verdict:
    """Take out the values of channels that are closed, and say of each channel whether it may be used."""
    form = legal_form(subject)
    everywhere = {country for _, country in law.evidence}
    numbers = {country for kind, country in law.evidence if kind == "telephone"}
    scopes = wishes.standing.scopes
    leaving, blocked = [], set()
    for one in kept:
        if reason := _blocks(one, form, wishes):
            blocked.add((_CHANNELS[one.property], reason))
        else:
            leaving.append(one)
    contact: dict[Channel, Answer] = {}
    for channel, scope, countries in (
        (Channel.EMAIL, NO_EMAIL, everywhere),
        (Channel.TELEPHONE, NO_TELEPHONE, numbers or everywhere),
    ):
        if any(_CHANNELS.get(one.property) is channel for one in kept):
            contact[channel] = contactable(
                countries, form, channel, objected=scope in scopes, consented=channel.value in wishes.consents
            )
    return Verdict(leaving, contact=contact, blocked=sorted(blocked))


_CHANNELS = {
    Property.EMAIL: Channel.EMAIL,
    Property.TELEPHONE: Channel.TELEPHONE,
    Property.FAX_NUMBER: Channel.TELEPHONE,
}


def _blocks(one: Held, form: Form, wishes: Wishes) -> Blocked | None:
    closed = {NO_EMAIL: Channel.EMAIL, NO_TELEPHONE: Channel.TELEPHONE}
    if any(scope in wishes.standing.scopes and _CHANNELS.get(one.property) is closed[scope] for scope in closed):
        return Blocked.OBJECTED
    if one.property is not Property.TELEPHONE:
        return None
    register = screen(dialled(one.value), form)
    if register is None or Channel.TELEPHONE.value in wishes.consents:
        return None
    said = wishes.screened.get((one.value, register), Screened.NOT_SCREENED)
    return {Screened.LISTED: Blocked.LISTED, Screened.NOT_SCREENED: Blocked.NOT_SCREENED}.get(said)


def to_screen(subject: Subject) -> Iterator[tuple[str, Screen]]:
    """Yield the telephone numbers of a person that a do-not-call register has to be asked about, and which one."""
    form = legal_form(subject)
    for number in subject.values(Property.TELEPHONE):
        if register := screen(dialled(number), form):
            yield number, register


def legal_form(subject: Subject) -> Form:
    """Return as what a person works, by the names of the employers."""
    return form_of(subject.values(Property.WORKS_FOR), subject.values(Property.FAMILY_NAME))


def jurisdiction(subject: Subject) -> Jurisdiction:
    """Return whose law protects a person, as far as what is held can tell."""
    countries = {one.country for one in subject.held}
    return infer(subject.values(Property.TELEPHONE), subject.values(Property.EMAIL), countries)


def protected(subject: Subject) -> bool:
    """Return whether a person has the rights of the GDPR, as far as what is held can tell."""
    return jurisdiction(subject).protected
