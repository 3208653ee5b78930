"""Job titles: a title must read like one.

A title is a noun phrase. Where a verb, a pronoun, an age or a word of family begins, the title ends: what follows is
about the person, not about the job. The reader therefore cuts by what a title may be, not by what must not be said.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler import lexicon
from crawler.remembering import REPEATS
from pipelines.values.clean import Clean, Rejected
from pipelines.values.text import tidy

LONGEST, MOST_WORDS = 140, 18
_LABEL = re.compile(
    r"(?i)^(?:job\s*title|title|position|role|functie|funktion|fonction|poste|cargo|puesto|ruolo|função|stanowisko)\s*:\s*"
)
_EDGES = ' ,;:|•·–—-"“”„«»'
_SPLIT = re.compile(
    r"(\s*(?:[;|•·]|,(?!\d)|\s[–—-]\s|(?<=\w{4})\.\s+(?=[A-ZÀ-ÞŁŚŻ])|\s\+\s)\s*|\s+(?:and|en|und|et|y|e|i|oraz|&)\s+)"
)
_BRACKET = re.compile(r"\s*\(([^()]*)\)\s*")
_WORD = re.compile(r"[^\W_]+(?:['’/.-][^\W_]+)*")
#: From 14 on a number of years is an age more often than a time in office.
_AGE = re.compile(
    r"(?i)\b(?:1[4-9]|[2-9]\d|1[01]\d)\s*[-–]?\s*(?:years?|yrs?|y/?o|jaar|jahre?|ans|años|anni|anos|lat|lata)\b"
    r"|\b\d{2}\s*-?\s*(?:year-old|jarige?|jährige[rn]?|letni[a]?|enne)\b"
    r"|^\(?\d{1,3}\)?$"
)
_NOT_A_TITLE = re.compile(r"@|https?://|www\.|\+?\d[\d\s()/.-]{6,}\d")


#: Behind one of these a word of family is a topic: "Head of Mother and Child Health".
_TOPIC = re.compile(
    r"(?i)^(?:of|for|on|de|du|des|d['’]|da|do|del|della|dei|delle|di|für|der|von|voor|van|aan|ds|dla|to|y|and|e)$"
)


@cache
def _stops(kind: str, language: str) -> frozenset[str]:
    """Words of a class that end a title; without a language, those that mean nothing else in another one."""
    words = lexicon.words("private", kind, language)
    if language in lexicon.topic("private"):
        return words
    small = frozenset[str]().union(*(lexicon.words("prose", kind) for kind in ("of", "link", "article")))
    return lexicon.words("private", kind) - lexicon.words("private", "ambiguous", "mul") - small


@lru_cache(maxsize=REPEATS)
def title(text: str, language: str = "") -> Clean | Rejected:
    """Read one job title; what is not part of one is cut off or left out. `language` is a primary tag or empty."""
    written = _LABEL.sub("", tidy(text)).strip(_EDGES)
    if not any(letter.isalpha() for letter in written):
        return Rejected("title-no-letters")
    if _NOT_A_TITLE.search(written):
        return Rejected("title-contact")
    kept = _read(written, language)
    if not any(letter.isalpha() for letter in kept):
        return Rejected("title-personal")
    if len(kept) > LONGEST or len(kept.split()) > MOST_WORDS:
        return Rejected("title-too-long")
    return Clean(kept, () if kept == written else ("title-clause",))


def _read(written: str, language: str) -> str:
    """Keep the clauses that read like a title, with the separators between them."""
    pieces = _SPLIT.split(_BRACKET.sub(lambda found: _bracket(found, language), written).strip())
    kept, told = "", False
    for place in range(0, len(pieces), 2):
        joint = pieces[place - 1] if place else ""
        told = told and bool(_WORD.search(joint))  # behind "and", a sentence goes on
        clause = "" if told else _clause(pieces[place], language)
        if clause:
            kept += (joint if kept else "") + clause
            told = clause != pieces[place]
    return kept.strip(_EDGES)


def _bracket(found: re.Match[str], language: str) -> str:
    inside = _read(found.group(1), language)
    return found.group() if inside == found.group(1).strip() else " "


def _clause(clause: str, language: str) -> str:
    """Return the clause up to the first word that cannot stand in a title, or nothing."""
    if _AGE.search(clause):
        return ""
    tokens = list(_WORD.finditer(clause))
    for place, found in enumerate(tokens):
        word = found.group()
        spoken = word.islower() or place == 0
        if (
            spoken
            and not word.isupper()
            and (word.casefold() in _stops("copula", language) or word.casefold() in _stops("pronoun", language))
        ):
            return clause[: found.start()].strip(_EDGES) if place > 1 else ""
        if word.casefold() in _stops("family", language) and not any(
            _TOPIC.match(before.group()) for before in tokens[:place]
        ):
            return ""
    return clause
