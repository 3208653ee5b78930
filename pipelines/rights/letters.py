"""Texts beside the notices: to people after a breach (Article 34(2) GDPR), and before a sale or the end of the service.

As with notices, a text is made of blocks, one for each item that it has to say; one that lacks a block, leaves it
empty, or was not reviewed in time is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipelines.errors import RightsError
from pipelines.rights.sheets import Notice, filled

#: What each text has to say.
ITEMS: Mapping[str, tuple[str, ...]] = {
    "breach": ("art_34_2_nature", "art_33_3_b", "art_33_3_c", "art_33_3_d"),
    "sale": ("event", "successor", "art_21_4", "rights"),
    "withdrawal": ("event", "deletion", "rights"),
}


def letter(kind: str, language: str, facts: Mapping[str, Any], today: date) -> Notice:
    """Return a text of a kind (`ITEMS`) in a language; raises RightsError when it may not be used."""
    try:
        return filled(f"{kind}.{language}.txt.j2", language, facts, ("subject", *ITEMS[kind]), today)
    except RightsError as error:
        raise RightsError(f"The text for a {kind}: {error}") from None
