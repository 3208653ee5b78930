"""Telephone numbers: E.164, an extension kept as `;ext=` (RFC 3966)."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from crawler.remembering import REPEATS
from pipelines.values.clean import Clean, Rejected
from pipelines.values.text import tidy

_LETTER = re.compile(r"[^\W\d_]")
_SCHEME = re.compile(r"(?i)^(?:tel|callto|fax|sms):(?://)?")
#: Words for an extension that phonenumbers does not know.
_EXTENSION = re.compile(
    r"(?i)[\s,;(]*\b(?:durchwahl|dw|toestel|tst|poste|interno|int|anexo|ramal|wewn?|apparat)\b[.:\s]*(\d{1,6})\)?\s*$"
)
_LABEL = re.compile(r"(?i)^(?:tel(?:ephone|efon|efoon|efono|éfono|éphone)?|phone|fax|mobile?|[tmf])\b[.:\s]*(?=[+(\d])")
_MEANINGLESS = re.compile(r"(\d)\1{6,}|0?123456789?0?$|^9?87654321")


@lru_cache(maxsize=REPEATS)
def phone(text: str, country: str = "") -> Clean | Rejected:
    """Read one number; `country` (ISO 3166-1 alpha-2) is where a number without `+` is dialled.

    A number must be valid in its numbering plan, not only of a possible length: article numbers and dates of the
    right length are met more often than mistyped numbers.
    """
    written = tidy(text).replace("%20", " ")
    if _LETTER.search(written):  # most are written in digits, and none of these has anything to take out of them
        written = _EXTENSION.sub(r" ext. \1", _LABEL.sub("", _SCHEME.sub("", written)))
    if not country and not written.lstrip(" (").startswith(("+", "00")):
        return Rejected("telephone-no-country")
    if written.lstrip(" (").startswith("00"):
        written = "+" + written.lstrip(" (")[2:]
    try:
        number = phonenumbers.parse(written, country.upper() or None)
    except phonenumbers.NumberParseException:
        return Rejected("telephone-syntax")
    if not phonenumbers.is_valid_number(number):
        return Rejected("telephone-invalid")
    if _MEANINGLESS.search(str(number.national_number)):
        return Rejected("telephone-placeholder")
    extension, number.extension = number.extension, None
    dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Clean(f"{dialled};ext={extension}" if extension else dialled)
