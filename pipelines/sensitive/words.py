"""The words of a running text and what they may be, for `pieces`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from crawler import lexicon
from crawler.remembering import REPEATS
from pipelines.sensitive.categories import Category
from pipelines.sensitive.tripwire import body, pattern, secular

_TOKEN = re.compile(
    r"(?P<email>[\w.+%-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<url>(?:https?://|www\.)[^\s<>()\"']+)"
    r"|(?P<phone>(?<![\w.])(?<!\d )(?:\+|00|\(0|0)\d[\d\s()/.–-]{6,18}\d(?![\w-]))"
    r"|(?P<local>(?<!\d )(?<![\w./])(?=(?:\d ?){8,9}(?![\w/]| \d))(?!\d+ 000)\d{2,3}(?: \d{2,3}){2,3})"
    r"|(?P<elided>\b(?:[ldn]|dell|dall|nell|sull|all|un|quell)['’](?=\w))"
    r"|(?P<word>[^\W_]+(?:(?:['’][^\W_]+)|(?:[-&/][^\W_]+)|(?:\.[^\W_]+))*\.?)"
    r"|(?P<mark>[^\s\w]|_)"
)
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d")


@dataclass(slots=True, frozen=True)
class Token:
    """A word, mark or contact of a text with its place."""

    text: str
    kind: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The case-folded word without a full stop behind it; empty for anything else."""
        return self.text.casefold().rstrip(".") if self.kind == "word" else ""

    @property
    def code(self) -> bool:
        """Whether it holds a number of four or more digits that is no year: no name, title or firm is written so."""
        digits = sum(sign.isdigit() for sign in self.text)
        return digits > 3 and not _YEAR.fullmatch(self.text)

    @property
    def capital(self) -> bool:
        """Whether it is a word that begins with a capital letter."""
        return self.kind == "word" and self.text[0].isupper()


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text; a full stop that ends a sentence is a mark of its own."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, start, end = match.lastgroup or "mark", match.start(), match.end()
        kind = "word" if kind == "elided" else kind
        written = match.group()
        if kind in ("email", "url"):
            written = written.rstrip(".,;:")
            end = start + len(written)
        if kind == "word" and written.endswith(".") and _ends_sentence(written, text[end:]):
            found += [Token(written[:-1], kind, start, end - 1), Token(".", "mark", end - 1, end)]
            continue
        found.append(Token(written, kind, start, end))
    return found


def _ends_sentence(word: str, rest: str) -> bool:
    """A full stop ends a sentence unless it abbreviates: an honorific, a legal form, a word before small letters."""
    bare, following = word[:-1], rest.lstrip()[:1]
    if not following or not (following.isupper() or following in "\n–—"):
        return not following or len(bare) > 3
    return len(bare) > 1 and "." not in bare and bare.casefold() not in _abbreviated()


@cache
def _abbreviated() -> frozenset[str]:
    kinds = ("academic", "professional", "courtesy", "nobility", "religious", "generation")
    words = frozenset[str]().union(*(lexicon.words("honorifics", kind) for kind in kinds))
    words |= lexicon.words("prose", "of") | lexicon.words("prose", "saint")
    return words | {"st", "co", "no", "nr", "tel", "sp", "ul"}


@cache
def known(topic: str, kind: str, language: str) -> frozenset[str]:
    """Return a class of words of a language and of what all languages share; of all languages when it has no table."""
    if language and language in lexicon.topic(topic):
        return lexicon.words(topic, kind, language)
    return lexicon.words(topic, kind)


@cache
def _suffixes(language: str) -> tuple[str, ...]:
    return tuple(known("roles", "suffix", language)) if language in ("nl", "de", "sv", "da", "no", "fi") else ()


@lru_cache(maxsize=REPEATS)
def is_head(word: str, language: str) -> bool:
    """Return whether a word makes a phrase a job title, in its own language or in English.

    A membership alone is none: "Vorstandsmitglied" is an office, "Kirchenmitglied" a belief.
    """
    if not word or word in lexicon.words("private", "family"):
        return False
    if personal(word, language):
        return _subject(word, language)
    for member in known("prose", "member", language):
        if word.endswith(member):
            return word.removesuffix(member) in known("prose", "board", language)
    heads = _heads(language)
    if word in heads or (len(word) > 5 and word.endswith(_suffixes(language))):
        return True
    if any(base in heads for base in _bases(word, language)):
        return True
    parts = re.split(r"[-/]", word)
    joined = len(parts) > 1 and any(len(part) > 2 and part in heads for part in parts)
    return joined or _subject(word, language)


def _subject(word: str, language: str) -> bool:
    """Whether a compound is a job in a field of work that would tell something of anybody else: "Krebsforscherin"."""
    fields = () if language in ("", "en") else lexicon.words("prose", "subject", language)
    field = next((one for one in sorted(fields, key=len, reverse=True) if word.startswith(one)), "")
    rest = word.removeprefix(field).lstrip("-")
    return bool(field and rest) and not personal(rest, language) and is_head(rest, language)


#: Endings that inflect a job, and what stands in their place in the dictionary: first the other gender, then cases.
_ENDINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "de": (("erin", "er"), ("in", ""), ("innen", ""), ("en", "")),
    "nl": (("ster", ""), ("e", ""), ("en", ""), ("s", "")),
    "fr": (("euse", "eur"), ("rice", "eur"), ("ère", "er"), ("ienne", "ien"), ("e", ""), ("s", ""), ("es", "")),
    "es": (("ora", "or"), ("a", "o"), ("a", ""), ("es", ""), ("s", "")),
    "it": (("rice", "ore"), ("era", "ere"), ("a", "o"), ("a", "e"), ("i", "o"), ("i", "e"), ("e", "a")),
    "pt": (("ora", "or"), ("a", "o"), ("a", ""), ("eira", "eiro"), ("es", ""), ("s", "")),
    "pl": (
        ("iem", ""), ("em", ""), ("kiem", "k"), ("ką", "ka"), ("ą", "a"), ("ą", ""), ("owi", ""), ("a", ""), ("ę", "a"),
        ("ki", "ka"),
    ),
    "cs": (("em", ""), ("kou", "ka"), ("ka", ""), ("a", "")),
}  # fmt: skip


def _bases(word: str, language: str) -> Iterator[str]:
    for ending, base in _ENDINGS.get(language, ()) if len(word) > 5 else ():
        if word.endswith(ending):
            yield word.removesuffix(ending) + base


@cache
def _heads(language: str) -> frozenset[str]:
    heads = known("roles", "head", language) | known("prose", "head", language)
    heads |= lexicon.words("roles", "head", "en") | lexicon.words("prose", "head", "en")
    return heads - lexicon.words("prose", "no_head")


@cache
def _legal_forms() -> frozenset[str]:
    tables = lexicon.topic("legal_forms").values()
    return frozenset(_squeezed(word) for table in tables for words in table.values() for word in words)


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


@lru_cache(maxsize=REPEATS)
def is_legal_form(text: str) -> bool:
    """Return whether a text is a legal form: "GmbH", "sp. z o.o."; two letters count only as capitals or with stops."""
    return _squeezed(text) in _legal_forms() and (len(text) > 2 or text.isupper())


@lru_cache(maxsize=REPEATS)
def personal(word: str, language: str) -> bool:
    """Return whether a word says what a person is: a creed, an origin, an illness, a family status."""
    return any(pattern(category.value, language).search(word) for category in Category)


@lru_cache(maxsize=REPEATS)
def demonym(word: str, language: str) -> bool:
    """Return whether a word written small names a nation or a people: "directeur breton" is a director."""
    return bool(pattern("demonym", language).fullmatch(word))


def belonging(word: str) -> bool:
    """Return whether a word says that the one before it is a nation or an origin: "citizen", "descent", "passport"."""
    return word in lexicon.words("prose", "belonging")


@lru_cache(maxsize=REPEATS)
def revealing(text: str) -> bool:
    """Return whether an organisation's name says that its people share a party, a union or a church."""
    return body(text) is not None and not secular(text)
