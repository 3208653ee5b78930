"""What the rights register declares: the controller, its recipients, and what it has planned. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipelines.errors import RightsError


@dataclass(frozen=True, slots=True)
class Controller:
    """Who decides about the data (Article 4(7) GDPR), as every notice names it."""

    name: str
    address: str
    email: str
    authority: str
    time_zone: str = "UTC"
    protection_officer: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its periods run."""
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who may receive data, for which purposes, by which contract and, outside the EEA, by which safeguard."""

    id: str
    name: str
    country: str
    purposes: tuple[str, ...]
    contract: str
    contract_until: date
    confidentiality: str
    transfer: str = ""
    transfer_until: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the entry as it stood, for the ledger of disclosures."""
        return {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in asdict(self).items()
            if value not in (None, "")
        } | {"purposes": list(self.purposes)}


@dataclass(frozen=True, slots=True)
class Retention:
    """How long beyond what a source declares: what shortens the retention of values, and what happens to records.

    A person whose last role ended goes after `ended_role_months`; a value that its page no longer shows, or that the
    site has reserved, after `lost_support_days`. Notices, requests, disclosures and closed breaches are kept for
    `records_months`, because claims can be brought for as long.
    """

    ended_role_months: int = 6
    lost_support_days: int = 90
    records_months: int = 36


@dataclass(frozen=True, slots=True)
class Planned:
    """When people will first be written to, or their data first disclosed, for a purpose (Article 14(3)(b) and (c))."""

    purpose: str
    contact_on: date | None = None
    disclosure_on: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Data collected for one purpose are to be used for another one (Articles 13(3) and 14(4)), from a day on.

    `assessment` says why the new purpose is compatible (Article 6(4)) or on what else it stands.
    """

    purpose: str
    from_purpose: str
    begins_on: date
    assessment: str


@dataclass(frozen=True, slots=True)
class ReviewedText:
    """A privacy text of the controller outside this program, and when somebody has to read it again."""

    name: str
    reviewed_on: date
    review_by: date


@dataclass(frozen=True, slots=True)
class RightsRegister:
    """One controller, its recipients by id, and what it has planned."""

    path: Path
    controller: Controller
    recipients: Mapping[str, Recipient]
    retention: Retention = Retention()
    planned: Sequence[Planned] = ()
    changes: Sequence[Change] = ()
    texts: Sequence[ReviewedText] = ()
    security: Sequence[str] = ()

    def plan(self, purpose: str) -> Planned:
        """Return when people are first contacted, and their data first disclosed, for a purpose: the earliest days."""
        contacts = [one.contact_on for one in self.planned if one.purpose == purpose and one.contact_on]
        disclosures = [one.disclosure_on for one in self.planned if one.purpose == purpose and one.disclosure_on]
        return Planned(purpose, min(contacts, default=None), min(disclosures, default=None))

    def origins(self, purpose: str) -> frozenset[str]:
        """Return the purposes for which data were collected that may be used for a purpose: its own, and changed ones.

        Before a change begins it counts as well: what holds it back is `held_purposes`.
        """
        return frozenset({purpose, *(one.from_purpose for one in self.changes if one.purpose == purpose)})

    def recipient(self, recipient_id: str, purpose: str, today: date) -> Recipient:
        """Return who may receive data for a purpose today; raises RightsError that says what stands against it."""
        recipient = self.recipients.get(recipient_id)
        if recipient is None:
            near = get_close_matches(recipient_id, self.recipients, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise RightsError(f"Recipient {recipient_id!r} is not registered in {self.path}.{hint}")
        if purpose not in recipient.purposes:
            raise RightsError(
                f"Recipient {recipient.id!r} receives data for {', '.join(recipient.purposes)}, not for {purpose!r}."
            )
        if today > recipient.contract_until:
            raise RightsError(
                f"Recipient {recipient.id!r}: its contract {recipient.contract!r} ended on {recipient.contract_until}."
            )
        if recipient.transfer_until and today > recipient.transfer_until:
            raise RightsError(
                f"Recipient {recipient.id!r}: what carries the transfer to {recipient.country} "
                f"({recipient.transfer}) ended on {recipient.transfer_until}."
            )
        return recipient
