"""What the law asks of a request: which kinds there are, who has to show what, and until when it is answered. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pipelines.errors import RefusedError
from pipelines.rights.clocks import months_after


class Kind(StrEnum):
    """What somebody asks for, named as the command is."""

    ACCESS = "access"
    RECTIFY = "rectify"
    ERASE = "erase"
    RESTRICT = "restrict"
    PORT = "port"
    OBJECT = "object"


ARTICLES = {
    Kind.ACCESS: "15",
    Kind.RECTIFY: "16",
    Kind.ERASE: "17",
    Kind.RESTRICT: "18",
    Kind.PORT: "20",
    Kind.OBJECT: "21",
}


class Identity(StrEnum):
    """How it is known that the person is who is meant, the weakest first.

    "email-loop" is an answer to a message that was sent to an address that is held about the person; "known" somebody
    whom the controller knows from dealings of its own, or who is signed in; "document" a look at a document, of which
    nothing is kept.
    """

    NONE = "none"
    EMAIL_LOOP = "email-loop"
    KNOWN = "known"
    DOCUMENT = "document"


#: The least that each kind asks for where something is held. Whoever objects shows nothing: the worst that a false
#: objection does is that data are not used. What hands data out, changes or deletes them asks for an answer from an
#: address that is held (Article 12(6): only where there are doubts, and only what is needed).
LEAST: dict[Kind, Identity] = {
    Kind.ACCESS: Identity.EMAIL_LOOP,
    Kind.PORT: Identity.EMAIL_LOOP,
    Kind.RECTIFY: Identity.EMAIL_LOOP,
    Kind.ERASE: Identity.EMAIL_LOOP,
    Kind.RESTRICT: Identity.NONE,
    Kind.OBJECT: Identity.NONE,
}


class Ground(StrEnum):
    """Why processing is restricted: the letters of Article 18(1)."""

    ACCURACY = "accuracy"  # (a): contested, until it is verified
    UNLAWFUL = "unlawful"  # (b): unlawful, and the person does not want it erased
    CLAIMS = "claims"  # (c): needed by the person for legal claims
    OBJECTION = "objection"  # (d): until it is clear whose grounds weigh more


class Extension(StrEnum):
    """Why a request takes longer (Article 12(3))."""

    COMPLEXITY = "complexity"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Term:
    """Until when a request is answered; `received_on` is the day it came in, in the controller's zone.

    A month ends on the day with the same number, or on the last day of a month without one (Regulation 1182/71,
    Article 3(2)(c)). Article 3(4) would let it run on over a weekend or holiday; holidays differ between the states, so
    the earlier day is kept, which is in time everywhere.
    """

    received_on: date
    extended_on: date | None = None

    @property
    def first_due(self) -> date:
        """The last day of the first month."""
        return months_after(self.received_on, 1)

    @property
    def due(self) -> date:
        """The last day for the answer: after one month, or three where the period was extended."""
        return months_after(self.received_on, 3) if self.extended_on else self.first_due

    def extended(self, today: date) -> Term:
        """Return the term with two further months; RefusedError once the first is over, or when it has them already."""
        if self.extended_on:
            raise RefusedError(f"The request has two further months already, until {self.due}; there are no more.")
        if today > self.first_due:
            raise RefusedError(
                f"The first month ended on {self.first_due}; the person has to be told of an extension within it"
                " (Article 12(3) GDPR). Answer the request now."
            )
        return Term(self.received_on, today)


def received(text: str, today: date) -> date:
    """Return the day on which a request came in, today where nothing is said; RefusedError for a day to come."""
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise RefusedError("--received is a day such as 2026-11-22.") from None
    if day > today:
        raise RefusedError(f"--received is {day}, which is still to come.")
    return day


def identified(kind: Kind, identity: Identity, *, held: bool) -> str:
    """Return why an identity check is not enough for a kind, and what to do; empty where it is.

    Of somebody of whom nothing is `held` nothing is handed out, so nobody has to show anything.
    """
    least = LEAST[kind]
    order = list(Identity)
    if not held or order.index(identity) >= order.index(least):
        return ""
    return (
        f"A request under Article {ARTICLES[kind]} needs to know who asks. Send a message to an address that is held"
        " about the person, and when the answer has come say --identity email-loop with that --email; somebody whom you"
        " know otherwise is --identity known or --identity document (Article 12(6) GDPR). Ask for no more than that."
    )
