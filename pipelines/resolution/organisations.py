"""Organisation names without what says nothing: legal forms, articles, abbreviations against spelt-out words."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from crawler import lexicon
from pipelines.resolution.folding import clean, fold, unscanned, words
from pipelines.resolution.remembering import remembered

_STACKED = re.compile(r"\b((?:[^\W\d_]\.){2,}|(?:[^\W\d_]\.)+[^\W\d_]\b)")
_REGION = re.compile(r"(?:^|(?<=[\s,(]))([A-Z]\.?[A-Z]{1,2}\.?)(?=$|[\s,);])")
_ACRONYM = re.compile(r"^[A-Z][A-Z0-9&]{1,6}$")


class Organisation(NamedTuple):
    """A parsed organisation name.

    `tokens` are its folded, canonical words in order without legal forms and articles; `form` the legal form or "";
    `initials` the first letters of the words; `acronym` is set when the whole name is written as one.
    """

    tokens: tuple[str, ...]
    form: str = ""
    initials: str = ""
    acronym: str = ""

    @property
    def key(self) -> str:
        """The sorted words: "City of Mineral Springs" and "Mineral Springs, City" are equal."""
        return _key(self.tokens)


@remembered(1 << 12)
def _key(tokens: tuple[str, ...]) -> str:
    return " ".join(sorted(set(tokens)))


@cache
def _forms() -> tuple[dict[tuple[str, ...], str], int]:
    table: dict[tuple[str, ...], str] = {}
    for language in lexicon.topic("legal_forms").values():
        for form, spellings in language.items():
            for spelling in (form, *spellings):
                table.setdefault(tuple(words(_joined(spelling))), "".join(words(form)))
    for spelling in lexicon.topic("organisation_words")["mul"]["forms"]:
        table.setdefault(tuple(words(_joined(spelling))), "")
    table.pop((), None)
    return table, max(map(len, table))


@cache
def _canonical() -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    table = lexicon.topic("organisation_words")["mul"]
    ignored = frozenset(fold(word) for word in table["ignored"])
    variants = {
        fold(variant): canonical
        for canonical, listed in table.items()
        if canonical not in {"ignored", "trailing", "forms"}
        for variant in listed
    }
    return variants, ignored, frozenset(table["trailing"])


@cache
def regions() -> dict[str, str]:
    """Return abbreviations of regions in upper case with their folded names."""
    return {
        short.replace(".", ""): name
        for table in lexicon.topic("regions").values()
        for name, shorts in table.items()
        for short in shorts
    }


def _joined(text: str) -> str:
    """Join stacked letters: "A.B.C. Co." becomes "ABC Co."."""
    return _STACKED.sub(lambda found: found.group(1).replace(".", "") + " ", text)


@remembered(1 << 12)
def parse(text: str) -> Organisation:
    """Return the parts of an organisation name; one without a letter or digit has no tokens."""
    text = _joined(clean(text))
    whole = text.strip(" .,")
    acronym = fold(whole).replace("&", "") if _ACRONYM.match(whole) and whole not in regions() else ""
    spelled = _REGION.sub(_region_or_form, text)
    listed, form = _without_form([unscanned(word) for word in words(spelled.replace("&", " and ").replace("/", " "))])
    variants, ignored, trailing = _canonical()
    told = [word for word in listed if word not in ignored] or listed
    while len(told) > 1 and variants.get(told[-1], told[-1]) in trailing:
        told = told[:-1]
    core = [variants.get(word, word) for word in told]
    initials = "".join(word[0] for word in told)
    return Organisation(tuple(core), form, initials, acronym)


def _region_or_form(found: re.Match[str]) -> str:
    """Spell a region out, unless the letters are a legal form at the end of the name ("Provfabriken AB")."""
    short = found.group(1).replace(".", "")
    rest = found.string[found.end() :].strip(" .")
    is_form = not rest and "," not in found.string and (short.lower(),) in _forms()[0]
    return found.group(1) if is_form else regions().get(short, found.group(1))


def _without_form(listed: list[str]) -> tuple[list[str], str]:
    """Drop legal forms at either end, longest first; a name that is nothing but a form stays."""
    table, longest = _forms()
    form = ""
    for _ in range(2):
        for size in range(min(longest, len(listed) - 1), 0, -1):
            if (found := table.get(tuple(listed[-size:]))) is not None:
                listed, form = listed[:-size], form or found
                break
            leads = size > 1 or len(listed[0]) > 2  # two letters in front are part of the name ("AG Insurance")
            if leads and (found := table.get(tuple(listed[:size]))) is not None:
                listed, form = listed[size:], form or found
                break
        else:
            break
    while len(listed) > 1 and listed[-1] == "and":
        listed = listed[:-1]
    return listed, form
