"""`scrapy demo` over the bundled sites, run twice, and how its master compares with what is expected of it."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.items import MentionType
from pipelines.master.database import database_url, open_store
from pipelines.reports.entities import Entity
from pipelines.reports.provenance import entities
from tests.support import tree

SITES = tree.ROOT / "fixtures" / "sites"
EXPECTED: dict[str, Any] = json.loads((SITES / "expected.json").read_text("utf-8"))


@dataclass
class Demo:
    """Two runs of the demo into one folder: what each printed, and the master afterwards."""

    home: Path
    first: dict[str, Any]
    second: dict[str, Any]
    people: list[Entity] = field(default_factory=list)
    organisations: list[Entity] = field(default_factory=list)

    @classmethod
    def run_in(cls, home: Path) -> Demo:
        """Run the demo twice and read the master."""
        found = cls(home, run(home), run(home))
        engine = open_store(database_url("", home))
        with engine.connect() as connection:
            for entity in entities(connection):
                (found.people if entity.type is MentionType.PERSON else found.organisations).append(entity)
        engine.dispose()
        return found

    def match(self, person: dict[str, Any]) -> Entity | None:
        """Return the card of an expected person: the same name and, where one is expected, the same mailbox."""
        wanted = expected_names(person)
        cards = (card for card in self.people if names(card) & wanted)
        return next((card for card in cards if person.get("email") in {None, *values(card, "email")}), None)

    def expected_people(self) -> list[dict[str, Any]]:
        """Return who is expected, as far as there was what it takes to read them."""
        missing = {"browser"} if self.first["undrawn_pages"] else set()
        return [person for person in EXPECTED["people"] if not missing & set(person.get("needs", ()))]


def run(home: Path) -> dict[str, Any]:
    """Run the demo once, in a process of its own."""
    command = [sys.executable, "-m", "scrapy", "demo", "--home", str(home), "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    outcome: dict[str, Any] = json.loads(ended.stdout)
    return outcome


def fold(text: str) -> str:
    """Return a text without case, diacritics and doubled spaces."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join("".join(letters).casefold().split())


def values(entity: Entity, prop: str) -> set[str]:
    """Return a card's values of a property."""
    return {value.value for value in entity.values if value.property == prop}


def names(entity: Entity) -> set[str]:
    """Return the names of a card, folded."""
    return {fold(name) for name in values(entity, "name")}


def expected_names(person: dict[str, Any]) -> set[str]:
    """Return the names under which an expected person may stand, folded."""
    return {fold(name) for name in (person["name"], *person.get("readings", ()))}
