"""What may leave for a recipient: pure, person by person, and closed where something is missing (invariant 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crawler.items import Property
from pipelines.rights.clocks import retention_ends
from pipelines.rights.jurisdiction import infer
from pipelines.rights.subjects import Held, Subject


class Withheld(StrEnum):
    """Why a person stays out of an export."""

    SUPPRESSED = "suppressed"
    OTHER_PURPOSE = "other-purpose"
    EXPIRED = "retention-ended"
    NOT_NOTIFIED = "not-notified"
    NO_NAME = "no-name-for-this-purpose"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may leave of a person, or why nothing may."""

    held: Sequence[Held] = ()
    withheld: Withheld | None = None


def decide(subject: Subject, purpose: str, now: datetime, *, suppressed: bool) -> Verdict:
    """Return what may be disclosed of a person for a purpose at a moment (UTC).

    Only values that were collected for this purpose and whose retention has not ended leave. Who is protected by
    European law, or by a law that nobody knows, must have been told of this purpose before (Article 14(3)(c) GDPR).
    """
    if suppressed:
        return Verdict(withheld=Withheld.SUPPRESSED)
    collected = [one for one in subject.held if one.origin.purpose == purpose]
    if not collected:
        return Verdict(withheld=Withheld.OTHER_PURPOSE)
    kept = [one for one in collected if retention_ends(one.first_seen, one.origin.retention_days) > now]
    if not kept:
        return Verdict(withheld=Withheld.EXPIRED)
    if not any(one.property is Property.NAME for one in kept):
        return Verdict(withheld=Withheld.NO_NAME)
    told = subject.notified.get(purpose)
    if protected(subject) and (told is None or told > now):
        return Verdict(withheld=Withheld.NOT_NOTIFIED)
    return Verdict(kept)


def protected(subject: Subject) -> bool:
    """Return whether a person has the rights of the GDPR, as far as what is held can tell."""
    countries = {one.country for one in subject.held}
    return infer(subject.values(Property.TELEPHONE), subject.values(Property.EMAIL), countries).protected
