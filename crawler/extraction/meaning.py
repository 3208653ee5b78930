"""What a short text means: a job title, an organisation, a degree, or what a person is in private."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

from crawler.lexicon import fold, topic, words
from crawler.remembering import REPEATS

_ACRONYM = re.compile(r"[A-ZÄÖÜ](?=[&0-9-]*[A-ZÄÖÜ])[A-ZÄÖÜ&0-9-]{2,6}")  # two letters: "U15" is a team's age
_LEGAL_END = re.compile(r"\b(?:e\.\s?V|A\.\s?C|S\.\s?[AL]|S\.r\.l|S\.p\.A|Sp\. z o\.\s?o)$")
_GENDERED = re.compile(r"(?<=\w{3})(?:[*:_/·]-?(in|innen|r|e)|\((?:in|innen)\))\b", re.IGNORECASE)
_TWO_SENTENCES = re.compile(r"\s[^\W\d_A-ZÀ-Þ]{4,}[.!?]\s+[A-ZÀ-Þ]")
_NUMBERED = re.compile(r"#\s?\d|\d{3}|\b(?:19|20)\d\d\b|@|https?:")
_WORDS = re.compile(r"[^\W\d_]+(?:[-.'’&:][^\W\d_]+)*")
#: Whether a short text is a title, an organisation, a degree or a course is asked one after the other. Longer ones are
#: asked about once, and a page may bring them by the megabyte.
_LONGEST_REMEMBERED = 400
_AND = frozenset({"und", "en", "och", "og", "ja"})
HANS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@cache
def word_class(name: str, kind: str) -> frozenset[str]:
    """Return the folded words of one class of a lexicon topic, of all languages together."""
    return frozenset(fold(word).strip(".") for word in words(name, kind))


@cache
def _suffixes() -> tuple[str, ...]:
    return tuple(sorted(fold(word) for word in words("roles", "suffix")))


@cache
def _organisation_suffixes() -> tuple[str, ...]:
    return tuple(sorted(fold(word) for word in words("cues", "organisation_suffix")))


@cache
def han_endings(name: str, kind: str) -> tuple[str, ...]:
    """Return the words of a class in scripts without spaces, which are looked for inside a text."""
    return tuple(word for word in words(name, kind) if HANS.match(word))


@cache
def legal_forms() -> frozenset[str]:
    """Return the folded spellings of legal forms, without full stops."""
    return frozenset(
        fold(form).replace(".", "")
        for table in topic("legal_forms").values()
        for forms in table.values()
        for form in forms
        if len(form) > 1
    )


def tokens(text: str) -> tuple[str, ...]:
    """Return the folded words of a text."""
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _tokens(text)


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(fold(word).strip(".") for word in _WORDS.findall(_GENDERED.sub(r"\1", text)))


_remembered = lru_cache(maxsize=REPEATS)(_tokens)


def _phrases(found: Sequence[str]) -> set[str]:
    pairs = {f"{one} {other}" for one, other in pairwise(found)}
    return set(found) | pairs | {" ".join(found[at : at + 3]) for at in range(len(found) - 2)}


def is_degree(text: str) -> bool:
    """Tell whether a text is nothing but academic degrees."""
    return all(word.replace(".", "") in _degrees() for word in tokens(text))


def is_study(text: str) -> bool:
    """Tell whether a text is a course of study or a degree, as stands in brackets behind a student's name."""
    found = tokens(text)
    return bool(found) and not _phrases(found).isdisjoint(word_class("roles", "weak"))


def full_stop(name: str) -> str:
    """Return an organisation's name with the full stop that its legal form ends in, where trimming took it."""
    return f"{name}." if _LEGAL_END.search(name) else name


def is_private(text: str) -> bool:
    """Tell whether a text says what a person is in private or by fate: a patient, a parent, a pensioner."""
    return not word_class("roles", "private").isdisjoint(tokens(text))


#: Endings of the plural and, in Slavic languages, of the cases that a sentence puts an office into, with what the
#: word ends in otherwise: "директора", "председателя", "dyrektorem", "prezeską".
_ENDINGS = (
    *(("innen", ""), ("en", ""), ("es", ""), ("s", ""), ("n", ""), ("e", "")),
    *(("а", ""), ("у", ""), ("ом", ""), ("ы", ""), ("и", ""), ("я", "ь"), ("ю", "ь"), ("ем", "ь"), ("ой", "а")),
    *(
        ("a", ""),
        ("em", ""),
        ("owi", ""),
        ("ą", "a"),
        ("ki", "ka"),
        ("kę", "ka"),
        ("ego", "y"),
        ("ej", "a"),
        ("y", "a"),
    ),
)


@lru_cache(maxsize=REPEATS)
def _singular(word: str) -> str:
    """Return a word without the commonest ending of plural or case; only to look it up."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 4:
            stem = word[: -len(ending)] + instead
            if stem in word_class("roles", "head"):
                return stem
    return word


def _organisation_first(found: Sequence[str]) -> bool:
    """Tell whether a word of organisations leads or ends a text and no title does: "Roe Consultants"."""
    head, organisation = word_class("roles", "head"), word_class("cues", "organisation_word")
    if len(found) < 2 or found[0] in head or found[-1] in head or _singular(found[0]) in head:
        return False
    return found[0] in organisation or found[-1] in organisation


@lru_cache(maxsize=REPEATS)
def title_score(text: str) -> float:
    """Return how likely a short text is a job title or an office: 0.9 for a head word, 0.6 for a body or unit."""
    if HANS.search(text):
        return _han_title(text.replace(" ", "").replace("\u3000", ""))
    found = tokens(text) if len(text) <= 160 and not _NUMBERED.search(text) else ()
    if found and found[0] in word_class("roles", "opener"):
        return 0.0
    return _title_score(found) if 0 < len(found) <= 18 else 0.0


def _han_title(bare: str) -> float:
    if len(bare) > 40 or not any(word in bare for word in han_endings("roles", "head")):
        return 0.0
    ends_in_one = bare.endswith(han_endings("roles", "head"))
    named = len(bare) > 4 and bare.endswith(han_endings("cues", "organisation_word"))
    return 0.85 if ends_in_one or not named else 0.0


def _is_trade(found: Sequence[str]) -> bool:
    """Tell whether a text is a trade that is a surname as well and nothing else: "Koch", not "Anna Koch"."""
    trades, units, head = word_class("roles", "trade"), word_class("roles", "unit"), word_class("roles", "head")
    return not trades.isdisjoint(found) and all(
        word in trades or word in units or word in head or len(word) < 4 for word in found
    )


def _title_score(found: Sequence[str]) -> float:
    phrases = _phrases(found)
    body = bool(phrases & word_class("roles", "body"))
    if _organisation_first(found) or phrases & word_class("roles", "private"):
        return 0.55 if body and len(found) <= 4 else 0.45
    head, suffixes = word_class("roles", "head"), _suffixes()
    hits = phrases & head or {word for word in found if "-" in word and set(word.split("-")) & head}
    hits = hits or {word for word in found if (len(word) > 7 and word.endswith(suffixes)) or _singular(word) in head}
    if hits or _is_trade(found):
        return 0.9 if len(found) <= 10 else 0.75
    if body:
        return 0.55 if len(found) <= 6 else 0.0
    return 0.5 if _is_unit(found, phrases) else 0.0


@cache
def _unit_suffixes() -> tuple[str, ...]:
    return tuple(sorted(fold(word) for word in words("roles", "unit_suffix")))


def is_listing(text: str) -> bool:
    """Tell whether a heading says that a list of people follows, and not what they do: "Staff directory"."""
    found = tokens(text)
    return bool(found) and not word_class("roles", "listing").isdisjoint((found[0], found[-1]))


def _compounds(found: Sequence[str]) -> set[str]:
    """Return the words of a text that are compounds for a department: "Finanzmanagement".

    What is joined to one by "and" is the first half of another: "Gebäude und Eventmanagement".
    """
    long = [word for word in found if len(word) > 9]
    if not long:
        return set()
    suffixes = _unit_suffixes()
    named = {word for word in long if word.endswith(suffixes)}
    joined = len(found) == 3 and found[2] in named and found[1] in _AND
    return named | set(found[:1]) if joined else named


def _is_unit(found: Sequence[str], phrases: set[str]) -> bool:
    """Tell whether a text names departments and how far they reach, and nothing else: "Global Sales and Marketing"."""
    units = (phrases & word_class("roles", "unit")) | _compounds(found) if len(found) <= 6 else ()
    if not units:
        return False
    named = {word for unit in units for word in unit.split()}
    said = [word for word in found if len(word) > 3]
    return len(said) <= 4 and all(
        word in named or word in word_class("roles", "body") or word in word_class("roles", "scope") for word in said
    )


@cache
def _generic_words() -> frozenset[str]:
    """Return words of bodies and departments: alone, they name no organisation."""
    small = {
        "of",
        "and",
        "the",
        "de",
        "der",
        "und",
        "du",
        "des",
        "en",
        "et",
        "y",
        "e",
        "program",
        "programme",
        "office",
    }
    return word_class("roles", "body") | word_class("roles", "unit") | small


@lru_cache(maxsize=REPEATS)
def organisation_score(text: str) -> float:
    """Return how likely a short text is an organisation's name, from its words and legal form."""
    if not 2 <= len(text) <= 140 or not ((text[0].isalnum() and text[0].upper() == text[0]) or HANS.search(text)):
        return 0.0
    if HANS.search(text):
        known = han_endings("cues", "organisation_word")  # one character, as in 部, also stands inside names
        named = any(len(word) > 1 and word in text for word in known) or text.endswith(known)
        told = re.search(r"[。，！？]", text) or text.startswith(han_endings("cues", "career"))
        told = told or text in words("ordinary", "ordinary")
        return 0.85 if len(text) <= 40 and named and not told else 0.0
    found = tokens(text)
    if not found or len(found) > 14 or all(word in _generic_words() for word in found) or _TWO_SENTENCES.search(text):
        return 0.0
    return _organisation_score(text, found)


def _organisation_score(text: str, found: Sequence[str]) -> float:
    made, by = word_class("cues", "made"), word_class("cues", "by")
    credit = not made.isdisjoint(found) and any(one in made and other in by for one, other in pairwise(found))
    if credit or found[0] in {"about", "uber", "apropos"} or _is_headline(text):
        return 0.0
    if found[-1].replace(".", "") in legal_forms() and len(found) > 1 and not text.endswith(" se"):  # a pronoun
        return 0.95
    hits = set(found) & word_class("cues", "organisation_word")
    if hits or any(len(word) > 8 and word.endswith(_organisation_suffixes()) for word in found):
        return 0.85 if len(found) > 1 or len(found[0]) > 5 else 0.5
    first, _, rest = text.strip().partition(" ")
    if text.strip().casefold() in words("ordinary", "place"):
        return 0.0
    placed = not rest or rest.casefold() in words("ordinary", "place")
    return 0.55 if placed and _ACRONYM.fullmatch(first) and found[0] not in _degrees() else 0.0


def _is_headline(text: str) -> bool:
    """Tell whether a text is written as the title of a talk: "Bank feeds without tears", "Banques : comment choisir".

    Small letters from its second word on, and a word that asks, tells or lacks something among them. "Médecins sans
    frontières" is an organisation, so that the words are those that names do not hold in their language.
    """
    others = text.split()[1:]
    telling = words("cues", "telling")
    if len(others) < 2 or any(word[0].isupper() for word in others):
        return False
    return any(word.strip(",?!:").casefold() in telling for word in others)


@cache
def _degrees() -> frozenset[str]:
    return word_class("honorifics", "postnominal") | word_class("honorifics", "academic")
