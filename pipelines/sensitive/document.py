"""The documented table of field actions, written from the data that the stage uses.

`python -m pipelines.sensitive.document` prints it; `docs/minimising.md` holds it, and a test compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pipelines.sensitive.categories import LAW, Category
from pipelines.sensitive.fields import actions

_REASONS = {
    "keep": ("part of a business card", "Art. 6(1)(f)"),
    "transform": ("reduced to a validated value first", "Art. 5(1)(c)"),
    "unneeded": ("no part of a business card", "Art. 5(1)(c)"),
}
_SAID = {
    Category.RELIGION: "religion or belief",
    Category.POLITICS: "political opinion",
    Category.UNION: "trade union membership",
    Category.ORIGIN: "racial or ethnic origin",
    Category.HEALTH: "health or disability",
    Category.SEX_LIFE: "sex life or orientation",
    Category.BIOMETRIC: "genetic, biometric or bodily data",
    Category.GENDER: "gender",
    Category.AGE: "age",
    Category.BIRTH: "date or place of birth or death",
    Category.FAMILY: "family status",
    Category.NATIONALITY: "nationality",
    Category.IDENTIFIER: "national identifier",
    Category.HOME: "private address",
    Category.PRIVATE_CONTACT: "private contact or profile",
    Category.CRIMINAL: "criminal record",
}


def field_table() -> Iterator[str]:
    """Yield the lines of the table in Markdown, one section a format, one row an action and reason."""
    for table in actions().values():
        yield f"### {table['title']}"
        yield ""
        yield "| action | fields | reason | law |"
        yield "|---|---|---|---|"
        for action, (reason, law) in _REASONS.items():
            if table.get(action):
                yield f"| {action} | {_listed(table[action])} | {reason} | {law} |"
        for category in Category:
            if names := table["drop"].get(category.value):
                yield f"| drop | {_listed(names)} | {_SAID[category]} | {LAW[category].value} |"
        yield ""


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in field_table())
