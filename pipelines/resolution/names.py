"""Person names as records of parts, in any script and order.

A name alone does not say which word is the surname ("Tůma Alexandr", "Edgardo Feliciano Sánchez"), so nothing is
decided for good here: the parse keeps the words in order and says whether a comma or capitals fixed the order;
comparing tries the other order where nothing did.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from crawler import lexicon
from crawler.lexicon import GIVEN, name_class
from pipelines.resolution.folding import clean, fold, skeleton, unscanned, words
from pipelines.resolution.remembering import remembered

_BRACKETS = re.compile(r"[(\[«“\"']{1,2}([^()\[\]«»“”\"]{1,40})[)\]»”\"']{1,2}(?=\s|,|$)")
_DOTTED = re.compile(r"(?<![^\W\d_])((?:[^\W\d_]\.-?){2,})")
#: "Visser of Utrecht", as registers tell members of one surname apart.
_PLACE = re.compile(r"(?<=\w) of \w.*$")
_QUOTES = re.compile(r"[()\[\]«»“”\"]")
_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿ]{2})(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{2})")
_PREFIXES = ("academic", "professional", "courtesy", "nobility", "religious")
_MOST_WORDS = 12


class PersonName(NamedTuple):
    """A parsed name; every part is folded (`folding.fold`).

    `given` is the first given word ("" when there is only a surname), `middles` the words between, `surname` the family
    name without particles as a tuple of its parts (hyphens split), `generation` "first", "second", … or "", `nicknames`
    what stood in brackets. `fixed` says that the order is certain. `key` is the whole, for look-up and equality.
    """

    given: str
    middles: tuple[str, ...]
    surname: tuple[str, ...]
    generation: str = ""
    nicknames: tuple[str, ...] = ()
    fixed: bool = False

    @property
    def key(self) -> str:
        """The parts as one string; equal keys mean that nothing was written differently that matters."""
        return " ".join((self.given, *self.middles, "|", *self.surname, self.generation)).strip()

    @property
    def family(self) -> str:
        """The surname's parts joined, as it is counted and blocked on."""
        return "".join(self.surname)

    def turned(self) -> tuple[PersonName, ...]:
        """Return the other readings of a name whose order nothing fixed: the family name first.

        "Exemple Marie Anne" may be Marie Anne of the family Exemple, or Anne of the family Exemple Marie.
        """
        if self.fixed or not self.given or not self.surname:
            return ()
        rest = (*self.middles, *self.surname)
        first = PersonName(rest[0], rest[1:], (self.given,), self.generation, self.nicknames, fixed=True)
        if len(rest) == 1:
            return (first,)
        family = (self.given, *rest[:-1])
        return first, PersonName(rest[-1], (), family, self.generation, self.nicknames, fixed=True)

    def likely_turned(self) -> tuple[PersonName, ...]:
        """Return the other readings only where the word that would be the given name is known as one."""
        if not self.surname or not (_is_given((*self.middles, *self.surname)[0]) or _is_given(self.surname[-1])):
            return ()
        return tuple(name for name in self.turned() if _is_given(name.given))


@remembered(1 << 15)
def _is_given(word: str) -> bool:
    return bool(name_class(word) & GIVEN) or word in _nicknames()


@cache
def _generations() -> dict[str, str]:
    table = lexicon.topic("generations")["mul"]
    return {fold(word): rank for rank, listed in table.items() for word in listed}


@cache
def _titles() -> frozenset[str]:
    listed = {word for kind in _PREFIXES for word in lexicon.words("honorifics", kind)}
    return frozenset(fold(word) for word in listed if len(word) > 1)


@cache
def _postnominals() -> frozenset[str]:
    listed = lexicon.words("honorifics", "postnominal") | lexicon.words("honorifics", "order")
    return frozenset(fold(word) for word in listed if len(word) > 1)


@cache
def particles() -> frozenset[str]:
    """The small words that open a family name, folded."""
    return frozenset(word for listed in lexicon.words("honorifics", "particle") for word in words(listed))


@remembered(1 << 12)
def parse(text: str) -> PersonName:
    """Return the parts of a name as written; a text without a letter gives an empty name."""
    return plainly_read(text) or read(text)


#: "Ada Voorbeeld", "A. B. Voorbeeld", "Voorbeeld, Ada": most names of most files.
_PLAIN = re.compile(r"([A-Z](?:[a-z]{2,30}|\.))(?: ([A-Z](?:[a-z]{2,30}|\.)))? ([A-Z][a-z]{2,30})")
_FAMILY_FIRST = re.compile(r"([A-Z][a-z]{2,30}), ([A-Z][a-z]{2,30})")


def plainly_read(text: str) -> PersonName | None:
    """Return what `read` makes of a name of two or three plain words, ten times as fast; None for any other."""
    if found := _FAMILY_FIRST.fullmatch(text):
        family, given = found[1].lower(), found[2].lower()
        if given in _generations() or _is_postnominal(given):
            return None
        return PersonName(given, (), (family,), fixed=True)
    found = _PLAIN.fullmatch(text)
    if not found:
        return None
    given, middle, family = found[1].rstrip(".").lower(), (found[2] or "").rstrip(".").lower(), found[3].lower()
    if given in _titles() or middle in particles() or not _generations().keys().isdisjoint((middle, family)):
        return None
    return PersonName(given, (middle,) if middle else (), (family,))


def read(text: str) -> PersonName:
    """Return the parts of any name."""
    text = clean(text)
    nicknames = tuple(part for bracket in _BRACKETS.findall(text) for part in words(bracket))
    bare = _BRACKETS.sub(" ", text).split()
    text = _undotted(_PLACE.sub("", " ".join(bare)) if len(bare) > 1 else _QUOTES.sub("", text))
    generation, groups = _groups(text)
    if not groups:
        return PersonName("", (), (), generation, nicknames)
    if len(groups) > 1:
        return _family_first(groups[0], groups[1], generation, nicknames)
    capitals = _capital_surname(groups[0])
    folded = [_Word(word) for word in groups[0]]
    if capitals:
        family = [part for word in folded if word.raw in capitals for part in _split([word.raw], [word.folded])]
        rest = [word.folded for word in folded if word.raw not in capitals and word.folded not in particles()]
        return _assemble(rest, family, generation, nicknames, fixed=True)
    tokens = [word.folded for word in folded]
    if len(tokens) > 1 and len(tokens[-1]) == 1 and len(tokens[0]) > 2:  # "Visser J.", "Visser Jan P."
        return _assemble(tokens[1:], _split(groups[0][:1], tokens[:1]), generation, nicknames, fixed=True)
    return _natural(tokens, groups[0], generation, nicknames)


class _Word:
    __slots__ = ("folded", "raw")

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.folded = unscanned("".join(words(raw)))


def _undotted(text: str) -> str:
    """Set stacked initials apart ("R.L.S. Visser", "J.W.") and words that lost their space ("JanVisser")."""
    text = _DOTTED.sub(lambda found: re.sub(r"[.-]", " ", found.group(1)), text)
    return _CAMEL.sub(" ", text).replace("-", " ") if " " not in text.strip() else text


def _groups(text: str) -> tuple[str, list[list[str]]]:
    """Split at commas, drop titles and post-nominals, and take the generation out."""
    generation = ""
    groups: list[list[str]] = []
    for index, part in enumerate(text.split(",")):
        raw = [word for word in re.split(r"[\s_/]+", part.replace("-", " - ")) if word.strip(".'’")]
        kept, found = _without_titles(_rejoin(raw), behind=index > 0)
        generation = generation or found
        if kept:
            groups.append(_initials_apart(kept[:_MOST_WORDS]))
    return generation, groups[:2]


def _initials_apart(raw: list[str]) -> list[str]:
    """Set two capitals beside a word in small letters apart: "JW Visser" is J. W. Visser."""
    if all(word.isupper() for word in raw):
        return raw
    return [part for word in raw for part in (word if len(word) == 2 and word.isupper() else [word])]


def _rejoin(raw: list[str]) -> list[str]:
    """Put hyphenated words together again ("Anne-Marie"), now that a lone hyphen has been seen apart."""
    joined: list[str] = []
    for word in raw:
        if joined and (word == "-" or joined[-1].endswith("-")):
            joined[-1] += word
        elif word != "-":
            joined.append(word)
    return [word.strip("-") for word in joined if word.strip("-")]


def _without_titles(raw: list[str], *, behind: bool) -> tuple[list[str], str]:
    generation = ""
    kept: list[str] = []
    folded = [fold(word).replace(".", "").replace("-", "") for word in raw]
    if behind and "".join(folded) not in _generations() and _is_postnominal("".join(folded)):
        return [], ""
    for index, (word, plain) in enumerate(zip(raw, folded, strict=True)):
        left = len(raw) - index - 1
        if plain[:1].isdigit() and behind and len(raw) == 1:
            continue  # "VISSER, 3RD" is the member for the third district, as registers write
        if plain in _generations() and (kept or behind):
            generation = generation or _generations()[plain]
        elif not (_is_title(word, plain, left) if not kept else _closes(word, plain, behind or len(kept) >= 2, behind)):
            kept.append(word)
    return [word.strip(".") for word in kept], generation


def _closes(word: str, plain: str, late: bool, behind: bool) -> bool:
    """Tell whether a word behind a name is a degree: anything known behind a comma, else only short capitals."""
    return late and _is_postnominal(plain) and (behind or (word.isupper() and len(plain) <= 4))


def _is_postnominal(plain: str) -> bool:
    return plain in _postnominals() or (plain in _titles() and plain not in _nicknames())


def _is_title(word: str, plain: str, left: int) -> bool:
    """Tell a title from a given name: "Don" and "Dom" are both, so the name must go on for two words more.

    Titles without a vowel (Dr, Mr, Mw) are nothing else, and an abbreviation of three letters or more is an office
    ("Sen.", "Capt.") when a whole name follows.
    """
    if plain in _titles():
        return left >= (1 if not set(plain) & set("aeiou") else 2)
    return word.endswith(".") and len(plain) >= 3 and left >= 2


def _capital_surname(raw: list[str]) -> frozenset[str]:
    """Return the words in capitals where others are not: "DUPONT Marie", "Marie DUPONT"."""
    upper = [word for word in raw if len(word) > 2 and word.isupper()]
    lower = [word for word in raw if len(word) > 1 and not word.isupper() and fold(word) not in particles()]
    return frozenset(upper) if upper and lower else frozenset()


def _family_first(family: list[str], rest: list[str], generation: str, nicknames: tuple[str, ...]) -> PersonName:
    surname = _split(family, [_Word(word).folded for word in family])
    given = [_Word(word).folded for word in rest if not word[:2].isdigit()]
    return _assemble(
        [word for word in given if word not in particles() or len(given) == 1],
        surname,
        generation,
        nicknames,
        fixed=True,
    )


def _natural(tokens: list[str], raw: list[str], generation: str, nicknames: tuple[str, ...]) -> PersonName:
    """Read "Given Middle van der Family": the family name starts at the first particle, else it is the last word."""
    start = len(tokens) - 1
    opening = [index for index in range(1, len(tokens) - 1) if tokens[index] in particles() and len(tokens[index]) > 1]
    if opening:
        start = opening[0]
    return _assemble(tokens[:start], _split(raw[start:], tokens[start:]), generation, nicknames, fixed=bool(opening))


def _split(raw: list[str], tokens: list[str]) -> list[str]:
    return [part for word, token in zip(raw, tokens, strict=True) for part in (words(word) if "-" in word else [token])]


def _assemble(
    given: list[str], family: list[str], generation: str, nicknames: tuple[str, ...], *, fixed: bool
) -> PersonName:
    core = [word for word in family if word not in particles()] or family
    given = [word for word in given if word]
    return PersonName(
        given[0] if given else "", tuple(given[1:]), tuple(word for word in core if word), generation, nicknames, fixed
    )


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    """Each given name with the formal names that it may stand for (itself among them)."""
    table: dict[str, set[str]] = {}
    for names in lexicon.topic("nicknames").values():
        for formal, variants in names.items():
            for variant in (formal, *variants):
                table.setdefault(fold(variant), {fold(variant)}).add(fold(formal))
    return {variant: frozenset(formals) for variant, formals in table.items()}


@remembered(1 << 12)
def formals(given: str) -> frozenset[str]:
    """Return the formal names that a given name may stand for, with itself; `formals("bill")` holds "william"."""
    return _nicknames().get(given, frozenset((given,)))


@cache
def _initials() -> dict[str, frozenset[str]]:
    """Each formal name with the first letters of all its variants."""
    table: dict[str, set[str]] = {}
    for variant, listed in _nicknames().items():
        for formal in listed:
            table.setdefault(formal, set()).add(variant[0])
    return {formal: frozenset(letters) for formal, letters in table.items()}


def has_initial(given: str, letter: str) -> bool:
    """Tell whether a given name or one of its variants begins with a letter: "B." fits "william" through "bill"."""
    return any(letter == formal[0] or letter in _initials().get(formal, ()) for formal in formals(given))


def sounds(name: PersonName) -> str:
    """Return the skeleton of the whole surname, as it is blocked on."""
    return skeleton(name.family)
