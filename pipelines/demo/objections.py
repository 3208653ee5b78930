"""Who has objected: the letters that an operator receives, as a file beside the sites.

[[opt_out]]
name = "Saskia Hoogeveen-Prins"          # counts together with the organisation, never alone
organisation = "Noordlicht Energie B.V."
email = "s.hoogeveen@noordlicht.example"
telephone = "+31305550125"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.rights.suppression import Identifier, name_at
from pipelines.values.clean import Clean
from pipelines.values.email import email
from pipelines.values.name import PersonName, person_name
from pipelines.values.organisation import organisation
from pipelines.values.phone import phone

_KEYS = frozenset({"name", "organisation", "email", "telephone"})


def objections(file: Path) -> frozenset[Identifier]:
    """Return the identifiers in a file of `[[opt_out]]` tables, normalised; none where there is no such file.

    Raises UsageError, which names the table by its number, for what cannot be used: an objection that is silently
    passed over would bring a person back.
    """
    if not file.is_file():
        return frozenset()
    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("opt_out", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not valid TOML: {error}.") from None
    found: set[Identifier] = set()
    for number, table in enumerate(tables, 1):
        read = set(_identifiers(table)) if isinstance(table, dict) and set(table) <= _KEYS else set()
        if not read:
            raise UsageError(
                f"{file}: [[opt_out]] number {number} names nobody; give an email, a telephone, "
                "or a name with its organisation."
            )
        found |= read
    return frozenset(found)


def _identifiers(table: dict[str, Any]) -> Iterator[Identifier]:
    texts = {key: str(value) for key, value in table.items()}
    for kind, reading in (("email", email(texts.get("email", ""))), ("telephone", phone(texts.get("telephone", "")))):
        if isinstance(reading, Clean):
            yield kind, reading.text
    name, employer = person_name(texts.get("name", "")), organisation(texts.get("organisation", ""))
    if isinstance(name, PersonName) and isinstance(employer, Clean):
        yield name_at(name.name, employer.text)
