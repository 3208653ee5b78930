"""The rights register: who is responsible, and who may receive what. TOML, named by `CARDFILE_RIGHTS`.

[controller]
name = "Example Contacts BV"
address = "Kade 1, 1000 AA Voorbeeld, Netherlands"
email = "privacy@contacts.example"
authority = "Autoriteit Persoonsgegevens"
time_zone = "Europe/Amsterdam"

[[recipient]]
id = "acme"
name = "Acme Sales Ltd"
country = "US"
purposes = ["business-directory"]
contract = "data licence 2026-3"
contract_until = 2027-12-31
confidentiality = "article 7 of the licence"
transfer = "standard-contractual-clauses"
transfer_until = 2027-06-30
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.errors import RightsError, UsageError
from pipelines.rights.jurisdiction import countries

#: What carries a transfer to a country outside the EEA: Articles 45, 46(2)(c), 46(2)(b) and 49 GDPR.
TRANSFERS = ("adequacy", "standard-contractual-clauses", "binding-corporate-rules", "derogation")


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
class RightsRegister:
    """One controller and its recipients, by id."""

    path: Path
    controller: Controller
    recipients: Mapping[str, Recipient]

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


def load(path: str | Path) -> RightsRegister:
    """Read and check a register; raises UsageError where it is missing, RightsError for the first mistake in it."""
    if not str(path):
        raise UsageError("No rights register: set CARDFILE_RIGHTS to a TOML file (docs/rights.md shows one).")
    file = Path(path)
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"The rights register {file} cannot be read ({error.strerror}).") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RightsError(f"The rights register {file} is no valid TOML: {error}.") from None
    for key in document:
        if key not in {"controller", "recipient"}:
            raise _error(file, f"unknown table {key!r}; it has [controller] and [[recipient]]")
    if not isinstance(document.get("controller"), dict):
        raise _error(file, "[controller] is missing: it says who is responsible")
    recipients: dict[str, Recipient] = {}
    for number, table in enumerate(document.get("recipient", []), start=1):
        recipient = _recipient(file, table, f"[[recipient]] number {number}")
        if recipient.id in recipients:
            raise _error(file, f"recipient id {recipient.id!r} is used twice")
        recipients[recipient.id] = recipient
    return RightsRegister(file, _controller(file, document["controller"]), recipients)


def _controller(file: Path, table: dict[str, Any]) -> Controller:
    _keys(file, table, Controller, "[controller]", {"time_zone", "protection_officer"})
    controller = Controller(**table)
    try:
        controller.zone  # noqa: B018  asked for its error
    except (ZoneInfoNotFoundError, ValueError):
        raise _error(
            file, f"[controller]: unknown time zone {controller.time_zone!r}; write Europe/Amsterdam"
        ) from None
    return controller


def _recipient(file: Path, table: dict[str, Any], where: str) -> Recipient:
    _keys(file, table, Recipient, where, {"transfer", "transfer_until"})
    purposes = table["purposes"]
    if not isinstance(purposes, list) or not purposes or not all(isinstance(one, str) for one in purposes):
        raise _error(file, f"{where}: purposes is a list of purposes that sources state")
    recipient = Recipient(**{**table, "purposes": tuple(purposes)})
    if recipient.country in countries("eea"):
        return recipient
    if recipient.transfer not in TRANSFERS:
        raise _error(
            file, f"{where}: {recipient.country} is outside the EEA; transfer is one of {', '.join(TRANSFERS)}"
        )
    if recipient.transfer == "adequacy" and recipient.country not in countries("adequate"):
        raise _error(file, f"{where}: no decision finds {recipient.country} adequate; name another transfer")
    if recipient.transfer != "adequacy" and recipient.transfer_until is None:
        raise _error(file, f"{where}: transfer_until says how long {recipient.transfer} holds")
    return recipient


def _keys(file: Path, table: Any, kind: type[Controller | Recipient], where: str, optional: set[str]) -> None:
    """Check that a table has what a class needs, each of the right kind."""
    known = {entry.name: entry.type for entry in fields(kind)}
    if not isinstance(table, dict):
        raise _error(file, f"{where} is a table")
    for key, value in table.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it may hold {', '.join(sorted(known))}"
            raise _error(file, f"{where}: unknown key {key!r}; {hint}")
        dated = "date" in str(known[key])
        if dated != (type(value) is date) or (not dated and key != "purposes" and not isinstance(value, str)):
            raise _error(file, f"{where}: {key} is {'a date such as 2027-12-31' if dated else 'a text'}")
    for key in known:
        if key not in optional and not table.get(key):
            raise _error(file, f"{where}: {key!r} is missing")


def _error(file: Path, sentence: str) -> RightsError:
    return RightsError(f"The rights register {file}: {sentence}.")
