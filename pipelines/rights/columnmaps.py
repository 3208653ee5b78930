"""Column maps: a person as the row that another system imports. Pure but for the file that declares them.

    [[column]]
    name = "Last Name"                  # the heading there
    from = ["familyName", "name"]       # the first of these that has a value

`from` names properties, `id`, `emailContactable`, `emailReason`, `telephoneContactable`, `telephoneReason`, or what is
made of them: `noEmail` and `noCall` ("TRUE" unless the person may be contacted so), `contactReasons` (both reasons).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from crawler.items import Property
from pipelines.errors import UsageError
from pipelines.rights.contactability import Channel, May
from pipelines.rights.gate import Verdict
from pipelines.rights.renderings import COLUMNS, CONTACT, contact_cells, csv_line, safe
from pipelines.rights.subjects import Subject

#: The maps that come with the program, as `crm_<name>.toml`.
BUNDLED = ("hubspot", "salesforce")
_MADE = ("id", "noEmail", "noCall", "contactReasons")
_KNOWN = frozenset({*(prop.value for prop in COLUMNS), *CONTACT, *_MADE})


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Headings, each with what fills it."""

    columns: tuple[tuple[str, tuple[str, ...]], ...]

    def heading(self) -> bytes:
        """Return the first line."""
        return csv_line([name for name, _ in self.columns])

    def line(self, subject: Subject, verdict: Verdict) -> bytes:
        """Return a person's line: one value a cell, the best-supported one."""
        found = _facts(subject, verdict)
        cells = (next(filter(None, (found[one] for one in sources)), "") for _, sources in self.columns)
        return csv_line([safe(cell) for cell in cells])

    @property
    def properties(self) -> frozenset[Property]:
        """The properties of which a value can leave by this map."""
        named = {one for _, sources in self.columns for one in sources}
        return frozenset(prop for prop in COLUMNS if prop.value in named)


def _facts(subject: Subject, verdict: Verdict) -> dict[str, str]:
    found = {prop.value: next(iter(subject.values(prop, verdict.held)), "") for prop in COLUMNS}
    found |= dict(zip(CONTACT, contact_cells(verdict), strict=True))
    stays = {channel for channel, _ in verdict.blocked}
    closed = {one: one in stays or one not in verdict.contact or _no(verdict, one) for one in Channel}
    reasons = filter(None, (found["emailReason"], found["telephoneReason"]))
    made = {"id": subject.id, "noEmail": closed[Channel.EMAIL], "noCall": closed[Channel.TELEPHONE]}
    return (
        found
        | {"contactReasons": "; ".join(reasons)}
        | {key: value if isinstance(value, str) else str(value).upper() for key, value in made.items()}
    )


def _no(verdict: Verdict, channel: Channel) -> bool:
    return verdict.contact[channel].may is not May.YES


def load(name: str) -> ColumnMap:
    """Return a map: one of those that come with the program, or a TOML file; raises UsageError for a wrong one."""
    try:
        if name in BUNDLED:
            text = resources.files("pipelines.rights").joinpath(f"crm_{name}.toml").read_text("utf-8")
        else:
            text = Path(name).read_text("utf-8-sig")
        columns = tomllib.loads(text).get("column", [])
    except OSError as error:
        raise UsageError(
            f"The column map {name} cannot be read ({error.strerror}); use {' or '.join(BUNDLED)}, or a TOML file."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"The column map {name} is not valid TOML: {error}.") from None
    return ColumnMap(
        tuple(_column(name, number, table) for number, table in enumerate(columns, start=1)) or _none(name)
    )


def _column(name: str, number: int, table: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(table, dict) or set(table) != {"name", "from"} or not isinstance(table["from"], list):
        raise UsageError(f'The column map {name}, column {number}: it has a name and from = ["…"].')
    unknown = [one for one in table["from"] if one not in _KNOWN]
    if unknown or not table["from"]:
        known = ", ".join(sorted(_KNOWN))
        raise UsageError(f"The column map {name}, column {number}: from names some of {known}.")
    return str(table["name"]), tuple(table["from"])


def _none(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    raise UsageError(f"The column map {name} has no [[column]].")
