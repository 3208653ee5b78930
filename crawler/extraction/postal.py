"""The grammar of printed postal addresses: postal codes with their towns, streets with their numbers, by country.

Pure string functions over `crawler.lexicon` (`postal_codes`, `postal_words`, `regions`). Each looks at one segment of
an address, as commas, dashes and line ends part it; which segments make an address is for `addresses` to say. Nothing
is looked up in a gazetteer: a code and a street that stand together are the evidence, and either alone is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache, lru_cache

from crawler.lexicon import fold, topic, words
from crawler.remembering import REPEATS

#: Characters of a segment; the longest streets and towns of Europe stay well below.
MAX_SEGMENT = 80
_SHORT_CODE = 4  # digits of a code that needs no country to be one
_SHORT_TOWN, _LONG_TOWN = 4, 6  # characters of a town in small letters at least, words of any town at most
_COMPOUND = 5  # letters that a street of one word has more than: "Seestr"
_LONG_WORD = 7  # letters of a word that says by itself what somebody is
_COMMA = re.compile(
    r"\s*[,;|·•●▪►\t]\s*|\s+[-–—/]\s+|[:：]\s+|\s*\((?=[^()]{0,80}\d)|(?<=[a-z0-9]{4})\.\s+(?=[A-ZÀ-Þ])"
)
_CALLED = re.compile(
    r"(?<=\S)\s+(?=(?:tel|tél|fon|phone|telefon|teléfono|telefone|telefono|puh|tlf|fax|mob|mobile|e-?mail)\b)",
    re.IGNORECASE,
)
_TOWN = r"(?P<town>[^\W\d_](?:[^\W\d_]|[ '’.()/-]){1,44}?(?: (?:cedex )?\d{1,2})?)[ .]{0,2}$"
_HOUSE = r"\d{1,4}(?: ?[a-zA-Z])?(?: ?[-–/+&] ?\d{1,4}(?: ?[a-zA-Z])?){0,3}"
_NUMBERED = re.compile(rf"^[^\W\d][^\d]{{2,50}}?[ .°º]{_HOUSE}\.?$")
_NUMBER_FIRST = re.compile(rf"^{_HOUSE}(?: (?:bis|ter|quater))?,? [^\W\d_][^\d]{{3,50}}$")
_BARE_NUMBER = re.compile(rf"^(?:n[.°ºo]{{0,2}} ?|nr\.? ?|№ ?)?{_HOUSE}(?: (?:bis|ter|quater))?$", re.IGNORECASE)
_LEADING_NUMBER = re.compile(r"(?:n[.°ºo]{0,2} ?|nr\.? ?)?\d{1,4}\b(?![.,]\d)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’/-])*")
_WORD_OR_NUMBER = re.compile(r"\d{1,4}[a-z]?\b|[^\W\d_](?:[^\W\d_]|[.'’-])*")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONG_DIGITS = re.compile(r"\d{5,}")


@dataclass(slots=True, frozen=True)
class Town:
    """A postal code and its town in a segment.

    `start` is where it begins: what stands before it in the segment may be a street. `countries` are those whose codes
    have this form. `sure` says that the form itself or a mark before it names the country; `complete` that the town
    stands in the same segment.
    """

    code: str
    start: int
    countries: frozenset[str]
    sure: bool
    complete: bool


@cache
def _country_codes(kind: str) -> dict[str, tuple[str, ...]]:
    return {country: found for country, table in topic("postal_codes").items() if (found := table.get(kind, ()))}


@cache
def _prefixes() -> dict[str, str]:
    return {prefix: country for country, found in _country_codes("prefix").items() for prefix in found}


@cache
def _before() -> re.Pattern[str]:
    forms = dict.fromkeys(form for found in _country_codes("before").values() for form in found)
    code = "|".join(sorted(forms, key=len, reverse=True))
    prefix = "|".join(sorted(_prefixes(), key=len, reverse=True))
    return re.compile(rf"(?:^|(?<=[\s(]))(?:(?P<prefix>{prefix})(?:\s?[-–]\s?|\s))?(?P<code>{code})\s{{1,2}}{_TOWN}")


@cache
def _after() -> re.Pattern[str]:
    found = [form for forms in _country_codes("after").values() for form in forms]
    label = "|".join(re.escape(word) for table in _country_codes("label").values() for word in table)
    states = [*_regions("us"), *_regions("au")]
    region = "|".join(re.escape(name) for name in sorted(states, key=len, reverse=True))
    forms = "|".join(form for forms in _country_codes("region").values() for form in forms)
    return re.compile(
        rf"(?:^|(?<=[\s(]))(?:(?:(?:{label})[: ]{{0,2}})?(?P<code>{'|'.join(found)})|"
        rf"(?P<region>{region})\.?,? {{1,2}}(?P<zip>{forms}))\)?[ .]{{0,2}}$"
    )


def _regions(country: str) -> Iterator[str]:
    for name, short in topic("regions")[country].items():
        yield name.title()
        yield from short


@cache
def hint() -> re.Pattern[str]:
    """Return a pattern of what may be a postal code: the cheap question before an address is looked for in a line."""
    return re.compile(
        r"(?<![\w.,/])(?=[A-Z\d])(?:(?:[A-Z]{1,3}-)?(?:\d{4,5}(?=[ -][A-ZÀ-Þa-z]|$|-\d{3,4}\b|, |\))|"
        r"\d{4} ?[A-Z]{2} \w|\d{3} (?:\d{2} \w|[A-ZÀ-Þ])|\d{2} \d{3} \w|\d{2}-\d{3} \w)|\d{2}\.\d{3}-\d{3}|"
        r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|[A-Z]\d[\dA-Z] ?[\dA-Z]{3,4}\b)"
    )


@lru_cache(maxsize=REPEATS)
def town(segment: str, near: frozenset[str]) -> Town | None:
    """Return the postal code and town that a segment ends in, or None.

    `near` are the countries (ISO 3166-1 alpha-2, small letters) that the page speaks of: they tell whose code four or
    five digits are.
    """
    if len(segment) > MAX_SEGMENT or not _DIGIT.search(segment):
        return None
    return _town_behind(segment, near) or _town_before(segment)


def _town_behind(segment: str, near: frozenset[str]) -> Town | None:
    found = _before().search(segment)
    if found is None or _no_town(found["town"]):
        return None
    code, prefix = found["code"], found["prefix"]
    countries = frozenset(
        country
        for country, forms in _country_codes("before").items()
        if any(re.fullmatch(form, code) for form in forms)
    )
    if prefix:
        countries &= {country for country, marks in _country_codes("prefix").items() if prefix in marks}
    if not countries:
        return None
    lettered = bool(re.search(r"[A-Z]|-", code))
    sure = bool(prefix) or lettered or bool(countries & near)
    if (_YEAR.fullmatch(code) or len(code) < _SHORT_CODE) and not prefix and not countries & near:
        return None
    return Town(code, found.start(), countries, sure and not found["town"][0].islower(), complete=True)


def _town_before(segment: str) -> Town | None:
    found = _after().search(segment)
    if found is None:
        return None
    code = found["code"] or found["zip"]
    kind = "region" if found["zip"] else "after"
    countries = frozenset(
        country for country, forms in _country_codes(kind).items() if any(re.fullmatch(form, code) for form in forms)
    )
    return Town(code, found.start(), countries, sure=True, complete=False)


@cache
def _folded(kind: str) -> frozenset[str]:
    return frozenset(fold(word).rstrip(".") for word in words("postal_words", kind))


def _no_town(text: str) -> bool:
    """Tell whether what stands behind a number is no town: a unit ("1500 members"), a sentence, two small letters."""
    found = [fold(word).strip(".") for word in _WORD.findall(text)]
    small = text[0].islower() and len(text) < _SHORT_TOWN
    return not found or small or len(found) > _LONG_TOWN or found[0] in _folded("no_town")


@cache
def _endings() -> tuple[str, ...]:
    return tuple(sorted(_folded("ending")))


@lru_cache(maxsize=REPEATS)
def names_street(text: str) -> bool:
    """Tell whether a text holds a word that streets are called by: "Rue …", "… Road", "…straße"."""
    for word in _WORD.findall(text):
        folded = fold(word).rstrip(".")
        if folded in _folded("street") or (len(folded) > _COMPOUND and folded.endswith(_endings())):
            return True
        if "-" in folded and folded.rpartition("-")[2] in _folded("street") | _folded("ending"):
            return True
    return False


@lru_cache(maxsize=REPEATS)
def street(text: str) -> str:
    """Return how a segment reads as a street: "box", "known", "named" (no house number), "shaped" or an empty string.

    "shaped" has a house number where streets have theirs, and no word that streets are called by.
    """
    if not 3 < len(text) <= MAX_SEGMENT or "@" in text or _LONG_DIGITS.search(_box().sub("", text)):
        return ""
    if _box().search(text):
        return "box"
    known = names_street(text)
    if known and (_DIGIT.search(text) or _unnumbered(text)):
        return "known"
    if _NUMBERED.match(text) or _NUMBER_FIRST.match(text):
        return "shaped"
    return "named" if known and len(text.split()) < 7 else ""


def _unnumbered(text: str) -> bool:
    return fold(text.rpartition(" ")[2]).rstrip(".") in _folded("no_number")


@cache
def _box() -> re.Pattern[str]:
    found = sorted((re.escape(word) for word in words("postal_words", "box")), key=len, reverse=True)
    return re.compile(
        rf"(?:^|(?<=\s))(?:{'|'.join(found)})\.?:? (?:n[°ºr.]{{0,2}} ?)?\d[\d ]{{0,7}}(?!\w)", re.IGNORECASE
    )


def is_number(text: str) -> bool:
    """Tell whether a segment is a house number by itself, as in "Calle Mayor, 3", or says that there is none."""
    return bool(_BARE_NUMBER.match(text)) or fold(text).strip(". ") in _folded("no_number")


def begins_with_number(text: str) -> bool:
    """Tell whether a segment goes on with the number of a house: "274 bloco A sala 607"."""
    return is_number(text) or bool(_LEADING_NUMBER.match(text))


def is_unit(text: str) -> bool:
    """Tell whether a segment names a part of a building: "Suite 4", "2nd floor", "Gebäude B"."""
    found = [fold(word).strip(".") for word in _WORD.findall(text)]
    return len(text) <= 60 and bool(found) and not _folded("unit").isdisjoint((*found[:2], found[-1]))


def is_part(text: str) -> bool:
    """Tell whether a text is the label of a part of an address: "Town", "PLZ / Ort"."""
    found = [fold(word).strip(".") for word in re.findall(r"[^\W\d_]+", text[:MAX_SEGMENT])]
    return bool(found) and all(word in _folded("part") for word in found)


def country(text: str) -> bool:
    """Tell whether a segment is the name of a country and nothing else."""
    return fold(text).strip(" .()") in _folded("country")


def said(text: str, kind: str) -> bool:
    """Tell whether a text holds one of the words of a class, whole: "Our postal address:"."""
    found = _joined(text)
    return bool(found) and bool(_spoken(kind).search(found))


def is_said(text: str, kind: str, besides: Set[str] = frozenset()) -> bool:
    """Tell whether a text is one of the words of a class and nothing else but some folded words: "Office Westmark"."""
    found = " ".join(word for word in _joined(text).split() if word not in besides)
    return found in _folded(kind)


@lru_cache(maxsize=REPEATS)
def _joined(text: str) -> str:
    return " ".join(fold(word).strip(".") for word in re.findall(r"[^\W_]+(?:[.'’-][^\W_]+)*", text[:120]))


def is_private(text: str) -> bool:
    """Tell whether a text holds a word for what is private: "privat", "home address"."""
    return bool(_private().search(_joined(text)))


@cache
def _private() -> re.Pattern[str]:
    return _whole(map(fold, words("cues", "private")))


@lru_cache(maxsize=REPEATS)
def spoken_in(language: str) -> frozenset[str]:
    """Return the countries (ISO 3166-1 alpha-2, small letters) where a language (BCP 47 primary tag) is written."""
    return frozenset(country for country, found in _country_codes("language").items() if language in found)


def street_start(text: str) -> int:
    """Return where in a segment the street begins if words stand before it that are no part of its name, else 0.

    A street of one word ("Seestr. 12") or with its number first ("12 High Street") is whole by itself, so what
    stands before it may be a name that nothing parts from it.
    """
    for found in _WORD_OR_NUMBER.finditer(text):
        if found.start() == 0:
            continue
        word = fold(found.group()).rstrip(".")
        number_first = word[0].isdigit() and names_street(text[found.end() :])
        if number_first or (len(word) > _COMPOUND and word.endswith(_endings()) and word not in _folded("street")):
            return found.start()
    return 0


def names_other(text: str) -> bool:
    """Tell whether a line, that is no heading, names a party of another kind: an authority, a chamber, an insurer.

    Short words count only by themselves; in a line of several they may be part of any name ("Roe & Partner").
    """
    return any(is_said(text, kind) for kind in ("other", "venue")) or bool(_long_others().search(_joined(text)))


@cache
def _long_others() -> re.Pattern[str]:
    return _whole(word for word in _folded("other") if len(word) >= _LONG_WORD)


@cache
def _spoken(kind: str) -> re.Pattern[str]:
    return _whole(_folded(kind))


def _whole(found: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for folded words and phrases that stand whole in a text as `_joined` returns it."""
    longest_first = sorted(map(re.escape, found), key=len, reverse=True)
    return re.compile(rf"(?:^|(?<= ))(?:{'|'.join(longest_first)})(?: |$)")


def segments(text: str) -> list[tuple[int, int]]:
    """Return start and end of the segments of a line, without what parts them and without labels before a colon."""
    cuts = [found.span() for found in _COMMA.finditer(text)]
    cuts += [found.span() for found in _CALLED.finditer(text)]
    found, at = [], 0
    for start, end in (*sorted(cuts), (len(text), len(text))):
        if start > at and text[at:start].strip():
            found.append((at, start))
        at = max(at, end)
    return [_bare(text, start, end) for start, end in found]


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " (":
        start += 1
    while end > start and text[end - 1] == " ":
        end -= 1
    return start, end
