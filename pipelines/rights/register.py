"""The rights register: who is responsible, who may receive what, and for how long. TOML, named by `CARDFILE_RIGHTS`.

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

[retention]
ended_role_months = 6

[[planned]]
purpose = "business-directory"
disclosure_on = 2027-01-15

[[change]]
purpose = "event-invitations"
from_purpose = "business-directory"
begins_on = 2027-03-01
assessment = "compatible: same recipients, same expectations (Article 6(4)), DPO note 12"

[[text]]
name = "privacy statement"
reviewed_on = 2026-11-01
review_by = 2027-11-01
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfoNotFoundError

from crawler.lines import line_of
from pipelines.errors import RightsError, UsageError
from pipelines.rights.declared import Change, Controller, Planned, Recipient, Retention, ReviewedText, RightsRegister
from pipelines.rights.jurisdiction import countries

__all__ = [
    "TRANSFERS",
    "Change",
    "Controller",
    "Planned",
    "Recipient",
    "Retention",
    "ReviewedText",
    "RightsRegister",
    "load",
]  # fmt: skip

#: What carries a transfer to a country outside the EEA: Articles 45, 46(2)(c), 46(2)(b) and 49 GDPR.
TRANSFERS = ("adequacy", "standard-contractual-clauses", "binding-corporate-rules", "derogation")
_TABLES = {"controller", "recipient", "retention", "planned", "change", "text", "security"}
_OPTIONAL = {
    Controller: {"time_zone", "protection_officer"},
    Recipient: {"transfer", "transfer_until"},
    Retention: {"ended_role_months", "lost_support_days", "records_months"},
    Planned: {"contact_on", "disclosure_on"},
}
_T = TypeVar("_T")


def load(path: str | Path) -> RightsRegister:
    """Read and check a register; raises UsageError where it is missing, RightsError for the first mistake in it."""
    if not str(path):
        raise UsageError("No rights register: set CARDFILE_RIGHTS to a TOML file (docs/rights.md shows one).")
    file = Path(path)
    try:
        text = file.read_text("utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"The rights register {file} cannot be read ({error.strerror}).") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RightsError(f"The rights register {file} is no valid TOML: {error}.") from None
    return _Reader(file, text).read(document)


class _Reader:
    """Checks one document; keeps the text at hand to name lines."""

    def __init__(self, file: Path, text: str) -> None:
        self.file, self.lines = file, text.splitlines()

    def read(self, document: Mapping[str, Any]) -> RightsRegister:
        for key in document:
            if key not in _TABLES:
                raise self._error(f"unknown table {key!r}; it has [controller], [[recipient]] and more", key)
        if not isinstance(document.get("controller"), dict):
            raise self._error("[controller] is missing: it says who is responsible")
        recipients: dict[str, Recipient] = {}
        for index, recipient in enumerate(self._all(document, "recipient", Recipient)):
            self._check_transfer(recipient, index)
            if recipient.id in recipients:
                raise self._error(f"recipient id {recipient.id!r} is used twice", "recipient", "id", index)
            recipients[recipient.id] = recipient
        return RightsRegister(
            self.file,
            self._controller(document["controller"]),
            recipients,
            self._made(Retention, document.get("retention", {}), "retention"),
            self._all(document, "planned", Planned),
            self._changes(document),
            self._all(document, "text", ReviewedText),
            self._security(document.get("security", {})),
        )

    def _controller(self, table: dict[str, Any]) -> Controller:
        controller = self._made(Controller, table, "controller")
        try:
            controller.zone  # noqa: B018  asked for its error
        except (ZoneInfoNotFoundError, ValueError):
            raise self._error(
                f"unknown time zone {controller.time_zone!r}; write Europe/Amsterdam", "controller", "time_zone"
            ) from None
        return controller

    def _check_transfer(self, recipient: Recipient, index: int) -> None:
        if recipient.country in countries("eea"):
            return
        sentence, key = "", "transfer"
        if recipient.transfer not in TRANSFERS:
            sentence = f"{recipient.country} is outside the EEA; transfer is one of {', '.join(TRANSFERS)}"
        elif recipient.transfer == "adequacy" and recipient.country not in countries("adequate"):
            sentence = f"no decision finds {recipient.country} adequate; name another transfer"
        elif recipient.transfer != "adequacy" and recipient.transfer_until is None:
            sentence = f"transfer_until says how long {recipient.transfer} holds"
        if sentence:
            raise self._error(sentence, "recipient", key, index)

    def _changes(self, document: Mapping[str, Any]) -> tuple[Change, ...]:
        found = self._all(document, "change", Change)
        for index, change in enumerate(found):
            if change.purpose == change.from_purpose:
                raise self._error("a change leads from one purpose to another one", "change", "purpose", index)
        return found

    def _security(self, table: Any) -> tuple[str, ...]:
        measures = table.get("measures", []) if isinstance(table, dict) else None
        texts = isinstance(measures, list) and all(isinstance(one, str) and one for one in measures)
        if not texts or set(table) - {"measures"}:
            raise self._error('[security] holds measures = ["…"], a list of texts', "security")
        assert isinstance(measures, list)
        return tuple(measures)

    def _all(self, document: Mapping[str, Any], name: str, kind: type[_T]) -> tuple[_T, ...]:
        tables = document.get(name, [])
        if not isinstance(tables, list):
            raise self._error(f"write [[{name}]], in double brackets: there may be several", name)
        return tuple(self._made(kind, table, name, index) for index, table in enumerate(tables))

    def _made(self, kind: type[_T], table: Any, name: str, index: int = 0) -> _T:
        """Return an object of a table that has what its class needs, each of the right kind."""
        known = {entry.name: str(entry.type) for entry in fields(kind)}  # type: ignore[arg-type]
        if not isinstance(table, dict):
            raise self._error(f"{name} is a table", name)
        for key, value in table.items():
            if key not in known:
                near = get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"it may hold {', '.join(sorted(known))}"
                raise self._error(f"unknown key {key!r}; {hint}", name, key, index)
            if wrong := _wrong(known[key], value):
                raise self._error(f"{key} is {wrong}", name, key, index)
        for key in known:
            if key not in _OPTIONAL.get(kind, set()) and not table.get(key):
                raise self._error(f"{key!r} is missing", name, "", index)
        return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})

    def _error(self, sentence: str, table: str = "", key: str = "", index: int = 0) -> RightsError:
        line = line_of(self.lines, key, table, index)
        return RightsError(f"The rights register {self.file}, line {line}: {sentence}.")


def _wrong(kind: str, value: Any) -> str:
    """Return what a value should be, or nothing when it is that."""
    if "date" in kind:
        return "" if type(value) is date else "a date such as 2027-12-31"
    if kind == "int":
        return "" if type(value) is int and value >= 0 else "a whole number"
    if "tuple" in kind:
        texts = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
        return "" if texts else "a list of purposes that sources state"
    return "" if isinstance(value, str) else "a text"
