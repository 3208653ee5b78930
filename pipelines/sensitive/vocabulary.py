"""The words that names of columns are made of: which class a name speaks of, and whether it can be read at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from crawler import lexicon
from crawler.lexicon.english import ordinary
from pipelines.sensitive.categories import Category

#: Classes whose words are of trade, of work and of keeping records: they can be read, and say nothing of a person.
_BUSINESS = ("keep", "trade", "work", "office", "thing", "prose", "phrase")
_JOINTS = ("", "s", "n", "e", "en", "es")  # between the parts of a compound: "handelsregister", "klantenservice"
FEWEST_LETTERS = 3  # of a part of a compound


@cache
def _whole(kind: str) -> frozenset[str]:
    """Words that count only as the whole name: `height`, but not `image_height`."""
    return frozenset(lexicon.fold(word) for word in lexicon.words("fields", kind) if word.startswith("="))


def spelled(words: Iterable[str]) -> re.Pattern[str]:
    """Return one pattern that finds any of the words whole in a folded name, the longest first; `*` is any letters."""
    longest = sorted({lexicon.fold(word) for word in words}, key=lambda word: (-len(word), word))
    either = "|".join(re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", " ") for word in longest)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)") if either else re.compile(r"(?!)")


@cache
def pattern(kind: str) -> re.Pattern[str]:
    """Return one pattern for a class of `fields.toml`, in all languages, but for words that must be the whole name."""
    return spelled(word for word in lexicon.words("fields", kind) if not word.startswith("="))


def says(kind: str, name: str) -> bool:
    """Return whether a name speaks of a class: with a word of it, or whole."""
    return bool(pattern(kind).search(name)) or f"={name}" in _whole(kind)


def made_of(kind: str, word: str) -> bool:
    """Return whether one word is of a class."""
    return bool(pattern(kind).fullmatch(word))


@cache
def listed(kind: str) -> frozenset[str]:
    """Return the folded words of a class of `vocabulary.toml`, in all languages."""
    return frozenset(lexicon.fold(word) for word in lexicon.words("vocabulary", kind))


@dataclass(slots=True, frozen=True)
class _Words:
    """Single words to look up: whole ones, beginnings ("kontor*") and the few with an open place elsewhere.

    Looking up costs a hundredth of one pattern of four thousand words, and making that 300 ms of every start.
    """

    whole: frozenset[str]
    beginnings: frozenset[str]
    others: re.Pattern[str]

    def __contains__(self, word: str) -> bool:
        begun = any(word[:end] in self.beginnings for end in range(1, len(word) + 1))
        return word in self.whole or begun or bool(self.others.fullmatch(word))


def _gathered(words: Iterable[str]) -> _Words:
    folded = {lexicon.fold(word).lstrip("=") for word in words}
    single = {word for word in folded if " " not in word}
    begun = {word for word in single if word.endswith("*") and "*" not in word[:-1]}
    plain = {word for word in single if "*" not in word}
    return _Words(frozenset(plain), frozenset(word[:-1] for word in begun), spelled(single - begun - plain))


@cache
def _business() -> _Words:
    return _gathered([*_business_words(), *lexicon.words("vocabulary", "word")])


@cache
def _phrases() -> re.Pattern[str]:
    """Phrases of trade, whose words need not be known one by one."""
    return spelled(word for word in _business_words() if " " in word)


def _business_words() -> frozenset[str]:
    return frozenset[str]().union(*(lexicon.words("fields", kind) for kind in _BUSINESS))


@cache
def _private() -> _Words:
    return _gathered(_private_words())


def _private_words() -> frozenset[str]:
    kinds = (name for category in Category for name in (category.value, f"weak_{category.value}"))
    return frozenset[str]().union(*(lexicon.words("fields", kind) for kind in kinds))


@cache
def _roots() -> frozenset[str]:
    """What compounds are made of: every listed word of one piece, without its open end.

    A private word must be longer than the others: "partage" is not of an age.
    """
    private = {lexicon.fold(word).strip("=*") for word in _private_words()}
    business = {lexicon.fold(word).strip("=*") for word in _business_words()}
    business |= {word.strip("*") for word in listed("word") | listed("short")}
    bare = {word for word in private if len(word) > FEWEST_LETTERS}
    bare |= {word for word in business if len(word) >= FEWEST_LETTERS}
    return frozenset(word for word in bare if word.isalpha())


def _known(word: str) -> bool:
    """Whether a list has the word; one that is private and was excused by the words around it is known as well."""
    return word in listed("short") or word in _business() or word in _private() or ordinary(word)


def readable(name: str) -> bool:
    """Return whether every word of a folded name is known and none of them can be said of a person.

    A list of words to catch fails at the next spelling: "geb_plaats", "wyzn", "natioanlity". A name that has been cut
    short, misspelt or made up is one that cannot be read, in any language.
    """
    return all(_known(word) for word in _phrases().sub(" ", name).split())


def opened(name: str) -> str:
    """Return a folded name with its compounds apart: "vaxeltelefon" becomes "vaxel telefon"."""
    return " ".join(" ".join(_parts(word)) or word for word in name.split())


@cache
def _parts(word: str) -> tuple[str, ...]:
    """The parts of a word that no list knows, from the longest first part on; empty where it is none or has none."""
    if _known(word):
        return ()
    for end in range(len(word) - 2, FEWEST_LETTERS - 1, -1):
        first, rest = _root(word[:end]), word[end:]
        if not first:
            continue
        if rest in _roots() or (len(rest) > FEWEST_LETTERS and _known(rest)) or rest in listed("short"):
            return first, rest
        if more := _parts(rest):
            return first, *more
    return ()


def _root(part: str) -> str:
    """The word that the first part of a compound is, without the letter that joins it."""
    bare = (part.removesuffix(joint) for joint in _JOINTS if part.endswith(joint))
    return next((word for word in bare if word in _roots() or ordinary(word)), "")
