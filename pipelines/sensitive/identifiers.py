"""National identifiers, told by their check digits and by the words beside them.

A number of the right length is not yet an identifier: a purchase order or a VAT number of an organisation looks alike.
It counts when its check digits are right and its shape is telling (letters, dots, many digits), or when a cue stands
beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from crawler import lexicon

_CANDIDATE = re.compile(r"(?<![\w+])[A-Za-z]{0,6}\d[\dA-Za-z]*(?:[ .\-/][\dA-Za-z]{1,6}){0,7}(?!\w)")
_DIGIT, _SEPARATOR = re.compile(r"\d"), re.compile(r"[ .\-/]")
#: With fewer a number is no identifier, whatever stands beside it; each of `_KINDS` has more.
FEWEST_DIGITS = 5
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
#: Values of the signs 0-9 and A-Z in odd places of an Italian fiscal code (decree of 23 December 1976).
_FISCAL_ORDER = "BAKPLCQDREVOSFTGUHMINJWZYX"  # the letters A-Z by their value in an odd place
_FISCAL_ODD = {letter: _FISCAL_ORDER.index(letter) for letter in _FISCAL_ORDER} | {
    str(digit): _FISCAL_ORDER.index(letter) for digit, letter in enumerate("ABCDEFGHIJ")
}


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def pesel(code: str) -> bool:
    """Poland, 11 digits: weights 1-3-7-9, and a month that exists in its century."""
    month = int(code[2:4]) % 20
    return (
        _weighted(code, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0 and 1 <= month <= 12 and 1 <= int(code[4:6]) <= 31
    )


def bsn(code: str) -> bool:
    """Netherlands, 9 digits: the "elfproef"."""
    return _weighted(code, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0 and code != "0" * 9


def steuer_id(code: str) -> bool:
    """Germany, 11 digits: ISO/IEC 7064 MOD 11,10."""
    product = 10
    for digit in code[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return code[0] != "0" and (11 - product) % 10 == int(code[10])


def rijksregister(code: str) -> bool:
    """Belgium, 11 digits: MOD 97, people born from 2000 with a 2 in front."""
    return any(97 - int(century + code[:9]) % 97 == int(code[9:]) for century in ("", "2"))


def nir(code: str) -> bool:
    """France, 13 digits and a key: MOD 97, Corsica's departments by letter."""
    number = code[:13].upper().replace("2A", "19").replace("2B", "18")
    return number.isdigit() and code[0] in "12" and 97 - int(number) % 97 == int(code[13:])


def dni(code: str) -> bool:
    """Spain, 8 digits and a letter; NIE begins with X, Y or Z."""
    number = code[:-1].upper().replace("X", "0").replace("Y", "1").replace("Z", "2")
    return number.isdigit() and _DNI_LETTERS[int(number) % 23] == code[-1].upper()


def codice_fiscale(code: str) -> bool:
    """Italy, 16 letters and digits: the last letter checks the others."""
    total = sum(
        _FISCAL_ODD[sign] if place % 2 == 0 else int(sign) if sign.isdigit() else ord(sign) - 65
        for place, sign in enumerate(code[:15].upper())
    )
    return chr(65 + total % 26) == code[15].upper()


def cpf(code: str) -> bool:
    """Brazil, 11 digits, two of them check digits."""

    def check(length: int) -> int:
        return _weighted(code[:length], tuple(range(length + 1, 1, -1))) * 10 % 11 % 10

    return len(set(code)) > 1 and check(9) == int(code[9]) and check(10) == int(code[10])


def ahv(code: str) -> bool:
    """Switzerland, 13 digits from 756: the check digit of EAN-13."""
    return (10 - _weighted(code[:12], (1, 3) * 6) % 10) % 10 == int(code[12])


#: Shape without separators → check; the third entry says that the shape alone is telling enough without a cue.
_KINDS: tuple[tuple[re.Pattern[str], Callable[[str], bool], bool], ...] = (
    (re.compile(r"\d{11}"), pesel, True),
    (re.compile(r"\d{11}"), steuer_id, False),
    (re.compile(r"\d{11}"), rijksregister, True),
    (re.compile(r"\d{11}"), cpf, False),
    (re.compile(r"[12]\d{4}(?:\d\d|2[AB])\d{8}"), nir, True),
    (re.compile(r"(?:\d{8}|[XYZ]\d{7})[A-Z]", re.IGNORECASE), dni, True),
    (re.compile(r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]", re.IGNORECASE), codice_fiscale, True),
    (re.compile(r"756\d{10}"), ahv, True),
    (re.compile(r"\d{9}"), bsn, False),
    (
        re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", re.IGNORECASE),
        lambda code: code[:2].upper() not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"},
        True,
    ),
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")


@cache
def _cue() -> re.Pattern[str]:
    words = sorted(lexicon.words("private", "identifier"), key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def identifiers(text: str) -> list[tuple[int, int]]:
    """Return the places of national identifiers in a text as (start, end)."""
    if not _DIGIT.search(text):
        return []
    found = [match.span() for match in _SSN.finditer(text)]
    for match in _CANDIDATE.finditer(text):
        code = _SEPARATOR.sub("", match.group())
        if sum(sign.isdigit() for sign in code) < FEWEST_DIGITS:
            continue
        cued = bool(_cue().search(text[max(0, match.start() - 40) : match.start()]))
        checked = any(shape.fullmatch(code) and (telling or cued) and check(code) for shape, check, telling in _KINDS)
        if checked or cued:
            found.append(match.span())
    return sorted(set(found))
