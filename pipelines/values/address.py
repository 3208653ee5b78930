"""Addresses of a work place, on one line."""

from __future__ import annotations

import re
from functools import lru_cache

from crawler.remembering import REPEATS
from pipelines.values.clean import Clean, Rejected
from pipelines.values.text import tidy

_LABEL = re.compile(
    r"(?i)^(?:(?:visiting|office|postal|business)?\s*address|(?:bezoek|post|vestigings)?adres|(?:post|geschäfts)?anschrift|adresse|"
    r"dirección|direccion|indirizzo|sede|morada|endereço|adres|location|standort|ufficio|bureau)\s*:\s*"
)
_NOT_A_PLACE = re.compile(r"@|https?://|www\.")
LONGEST = 200


@lru_cache(maxsize=REPEATS)
def address(text: str) -> Clean | Rejected:
    """Read one address or the name of an office; line breaks, bars and dots between its parts become commas.

    Nothing is looked up or completed: an address stays as the page states it.
    """
    lines = [tidy(line).strip(" ,;|") for line in re.split(r"[\n\r]+|\s[|·•●▪►]\s|<br\s*/?>", text)]
    written = re.sub(r"(?:\s*,){2,}", ",", _LABEL.sub("", ", ".join(line for line in lines if line))).strip(" ,;")
    if sum(letter.isalpha() for letter in written) < 2:
        return Rejected("address-no-letters")
    if len(written) > LONGEST:
        return Rejected("address-too-long")
    if _NOT_A_PLACE.search(written):
        return Rejected("address-not-a-place")
    return Clean(written)
