"""Names of persons: what they are called, without what they are addressed as."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crawler import lexicon
from crawler.remembering import REPEATS
from pipelines.values.clean import Rejected
from pipelines.values.honorific import DROPPED, KEPT_BEFORE, kind_after, kind_before, neutral
from pipelines.values.text import fold, tidy

_PARENTHESIS = re.compile(r"\s*[(\[{«][^)\]}»]*[)\]}»]\s*")
_QUOTED = re.compile(r"\s+[\"“”„'‘’][^\"“”„'‘’]+[\"“”„'‘’](?=\s)")
#: A birth name tells family status; what follows these words is forgotten.
_BIRTH_NAME = re.compile(
    r"(?i)[\s,]+(?:geb\.?|geborene?[rn]?|née?|nee|z\s+domu|nata|nato|nacid[ao]|nascid[ao]|born|rodné|roz\.)(?=\s).*$"
)
_GLUED = re.compile(r"(?<=[^\W\d_]\.)(?=[^\W\d_]{2})(?=[A-ZÀ-ÖØ-ÞŁŚŻŹĆŃ])")
_MC = re.compile(r"^(Mc|O['’]|D['’])(\w)")
_WORD = re.compile(r"[^\W\d_]+")
LONGEST_WORDS = 9
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(slots=True, frozen=True)
class PersonName:
    """A person's name in its parts; `given` and `family` stay empty where the order cannot be told."""

    name: str
    given: str = ""
    family: str = ""
    prefix: str = ""
    suffix: str = ""
    notes: tuple[str, ...] = ()


@lru_cache(maxsize=REPEATS)
def person_name(text: str, language: str = "") -> PersonName | Rejected:
    """Read one person's name; `language` is a primary BCP 47 tag or empty.

    Academic titles and degrees become `prefix` and `suffix`. Forms of address, ranks of nobility, religious titles and
    orders, birth names and remarks in brackets are dropped: they state gender, family status, descent or belief.
    """
    written = tidy(text)
    bare = _BIRTH_NAME.sub("", _QUOTED.sub(" ", _PARENTHESIS.sub(" ", written))).strip(" ,;:|-–—*·•")
    notes = [] if len(bare) >= len(written.strip(" ,;:|-–—*·•")) else ["name-remark"]
    if rule := _misshapen(bare):
        return Rejected(rule)
    bare = _GLUED.sub(" ", bare)
    head, *listed = [part.split() for part in bare.split(",") if part.strip()]
    suffix: list[str] = []
    swapped: list[str] = []
    for part in listed:
        kinds = [kind_after(token, listed=True) for token in part]
        if all(kinds):
            _sort(part, kinds, suffix, notes)
        elif swapped:
            return Rejected("name-shape")
        elif len(part) > 3 or any(token.islower() and not _is_particle(token) for token in part):
            notes.append("name-remark")
        else:
            swapped = part
    trailing = len(swapped) - next((n for n, token in enumerate(swapped) if n and _is_particle(token)), len(swapped))
    if trailing:
        head, swapped = swapped[-trailing:] + head, swapped[:-trailing]
    surname_first = head if swapped else []
    tokens = swapped + head
    prefix: list[str] = []
    tokens = _strip_before(tokens, language, prefix, notes)
    tokens = _strip_after(tokens, suffix, notes)
    surname_first = [token for token in surname_first if token in tokens]
    if rule := _not_a_name(tokens):
        return Rejected(rule)
    given, family = _split(tokens, surname_first, language)
    given, family = _cased(given, tokens), _cased(family, tokens)
    whole = " ".join(_cased(tokens, tokens)) if not (given and family) else " ".join(given + family)
    if _HAN.search(whole) or language == "hu":
        whole = " ".join(tokens)
    return PersonName(whole, " ".join(given), " ".join(family), " ".join(prefix), ", ".join(suffix), tuple(notes))


def _misshapen(text: str) -> str:
    if any(letter.isdigit() for letter in text):
        return "name-digits"
    if any(sign in text for sign in "@/\\<>=_#%&+?!:;{}|"):
        return "name-characters"
    if not any(letter.isalpha() for letter in text):
        return "name-no-letters"
    if len(text) > 100 or len(text.split()) > 2 * LONGEST_WORDS:
        return "name-too-long"
    return ""


def _not_a_name(tokens: list[str]) -> str:
    letters = sum(letter.isalpha() for token in tokens for letter in token)
    if letters < 2:
        return "name-too-short"
    if len(tokens) > LONGEST_WORDS:
        return "name-too-long"
    if fold(" ".join(tokens)) in lexicon.words("placeholders", "name"):
        return "name-placeholder"
    return ""


def _sort(tokens: list[str], kinds: list[str], kept: list[str], notes: list[str]) -> None:
    """Put honorifics where they belong: into `kept`, or into the counts."""
    for token, kind in zip(tokens, kinds, strict=True):
        if kind in DROPPED:
            notes.append(DROPPED[kind])
        elif (spelling := neutral(token)) not in kept:
            kept.append(spelling)


def _strip_before(tokens: list[str], language: str, prefix: list[str], notes: list[str]) -> list[str]:
    while len(tokens) > 1:
        double = f"{tokens[0]} {tokens[1]}"
        if len(tokens) > 2 and kind_before(double, language, room=True) == "courtesy":
            notes.append(DROPPED["courtesy"])
            tokens = tokens[2:]
            continue
        kind = kind_before(tokens[0].strip(","), language, room=len(tokens) > 2)
        if not kind:
            break
        if kind in KEPT_BEFORE:
            prefix.append(neutral(tokens[0]))
        else:
            notes.append(DROPPED[kind])
        tokens = tokens[1:]
    return tokens


def _strip_after(tokens: list[str], suffix: list[str], notes: list[str]) -> list[str]:
    shouted = all(token.isupper() for token in tokens if len(token) > 2)
    found: list[str] = []
    while len(tokens) > 1 and (not shouted or fold(tokens[-1]) in {"phd", "jr", "sr", "ii", "iii"}):
        kind = kind_after(tokens[-1], listed=False)
        if not kind or (kind == "generation" and len(tokens) < 3):
            break
        _sort([tokens[-1]], [kind], found, notes)
        tokens = tokens[:-1]
    suffix[:0] = [token for token in reversed(found) if token not in suffix]
    return tokens


def _split(tokens: list[str], surname_first: list[str], language: str) -> tuple[list[str], list[str]]:
    """Tell given and family names apart by a comma, by capitals, by particles, by the language's order."""
    if surname_first:
        return [token for token in tokens if token not in surname_first], surname_first
    if len(tokens) < 2 or _HAN.search(tokens[0]):
        return [], []
    shouting = [len(token) > 1 and token.isupper() and "." not in token for token in tokens]
    if any(shouting) and not all(shouting):
        family = [token for token, loud in zip(tokens, shouting, strict=True) if loud or _is_particle(token)]
        given = [token for token in tokens if token not in family]
        if given and not (len(given) == 1 and len(family) > 2 and shouting[0] and shouting[-1] and len(tokens) > 4):
            return given, family
    if language == "hu":
        return tokens[1:], tokens[:1]
    shouted = all(shouting)
    first = next((n for n, token in enumerate(tokens[1:-1], 1) if _is_particle(token.lower() if shouted else token)), 0)
    if not first:
        first = _last_names(tokens, language)
    return tokens[:first], tokens[first:]


def _last_names(tokens: list[str], language: str) -> int:
    """Spanish names end in two family names, unless the second word is one of the usual second given names."""
    if (
        language == "es"
        and len(tokens) > 2
        and "." not in tokens[1]
        and (len(tokens) > 3 or fold(tokens[1]) not in _second())
    ):
        return len(tokens) - 2
    return len(tokens) - 1


def _second() -> frozenset[str]:
    return lexicon.words("honorifics", "second_given")


def _is_particle(token: str) -> bool:
    return token.casefold().rstrip("'’") in lexicon.words("honorifics", "particle") and not token.isupper()


def _cased(part: list[str], tokens: list[str]) -> list[str]:
    """Give words in capitals, and names without any capital, the usual case; leave all others alone."""
    quiet = all(token.islower() for token in tokens)
    loud = all(token.isupper() for token in tokens if len(token) > 1)
    return [
        _case(token, loud) if quiet or (len(token.rstrip(".")) > 1 and _is_loud(token)) else token for token in part
    ]


def _is_loud(token: str) -> bool:
    return token.isupper() and "." not in token[:-1]


def _case(token: str, loud: bool) -> str:
    if (loud or token.islower()) and token.casefold() in lexicon.words("honorifics", "particle"):
        return token.casefold()
    cased = _WORD.sub(lambda found: found.group()[:1].upper() + found.group()[1:].lower(), token)
    return _MC.sub(lambda found: found.group(1) + found.group(2).upper(), cased)
