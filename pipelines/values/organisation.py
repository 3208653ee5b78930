"""Names of organisations, with the legal form in one spelling."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler import lexicon
from crawler.extraction.standing import is_status
from crawler.remembering import REPEATS
from pipelines.values.clean import Clean, Rejected
from pipelines.values.text import tidy

_NOT_A_NAME = re.compile(r"@|https?://|^www\.|^[\W\d_]*$")
LONGEST = 150


@cache
def _forms() -> dict[str, str]:
    """Spelling without stops and spaces → the spelling to keep; the first table that has it wins."""
    forms: dict[str, str] = {}
    for table in lexicon.topic("legal_forms").values():
        for kept, spellings in table.items():
            for spelling in spellings:
                forms.setdefault(_squeeze(spelling), kept)
    return forms


def _squeeze(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


@lru_cache(maxsize=REPEATS)
def organisation(text: str) -> Clean | Rejected:
    """Read one organisation's name.

    A word of address is part of the firm here ("Mrs. Fields"), so nothing is dropped; only a legal form at the end is
    respelled ("B.V." → "BV"), and only where dots or case show that a legal form is meant. What says that somebody is
    retired, on leave or on their own is no organisation.
    """
    written = tidy(text).strip(' ,;:|•·–—-"“”„«»')
    if _NOT_A_NAME.search(written):
        return Rejected("organisation-shape")
    if len(written) < 2:
        return Rejected("organisation-too-short")
    if len(written) > LONGEST:
        return Rejected("organisation-too-long")
    if written.casefold() in lexicon.words("placeholders", "name"):
        return Rejected("organisation-placeholder")
    if is_status(written):
        return Rejected("organisation-status")
    return Clean(_respell(written))


def _respell(written: str) -> str:
    """Respell the longest tail of up to five words that is a legal form."""
    words = written.split(" ")
    for start in range(max(1, len(words) - 5), len(words)):
        tail = " ".join(words[start:])
        form = _forms().get(_squeeze(tail))
        if form and (len(tail) > 2 or tail.isupper()):
            return f"{' '.join(words[:start]).rstrip(',')} {form}"
    return written
