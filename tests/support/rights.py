"""A rights register: a controller and one recipient."""

from __future__ import annotations

from pathlib import Path

RIGHTS = """
[controller]
name = "Contacts BV"
address = "Kade 1, Voorbeeld"
email = "privacy@contacts.example"
authority = "the authority"
time_zone = "Europe/Amsterdam"

[[recipient]]
id = "acme"
name = "Acme Sales Ltd"
country = "US"
purposes = ["business-directory"]
contract = "licence 3"
contract_until = 2027-12-31
confidentiality = "article 7"
transfer = "standard-contractual-clauses"
transfer_until = 2027-06-30
"""


def written(folder: Path, text: str = RIGHTS) -> Path:
    """Write a register into a folder and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "rights.toml"
    file.write_text(text, "utf-8")
    return file
