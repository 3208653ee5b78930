"""How likely a short text is a person's name.

The evidence is added up in log-odds: what the words are known as (`crawler.lexicon.name_class`), their shape, and
titles before or after them. A text that is neither shaped like a name nor made of name words scores 0. Repetition on
the page is judged by the caller, who sees the siblings.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from crawler.lexicon import FAMILY, GIVEN, ORDINARY, RARE, fold, name_class, words
from crawler.remembering import REPEATS

_MAX_CHARS = 70
_MAX_WORDS = 8
_EDGES = " \t.,;:·|-–—*•●▪►»«›‹>\"“”„'‘’()[]{}✉☎📧📞👤🧑👩👨✔️✓→_/\\"
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)+|[^\W\d_]|[^\W\d_]{1,2}[ªº]\.?")
_TWO_INITIALS = re.compile(r"[^\W\d_]\.\s?-?[^\W\d_]\.?")
_LEADING = re.compile(r"^[^\w(\"'‘“„«]+")
_INTRODUCED = re.compile(
    r"^(?:ich bin|mein name ist|i am|i['’]m|hi,? i['’]m|my name is|je suis|je m['’]appelle|ik ben|mijn naam is|sono|"
    r"mi chiamo|by|soy|me llamo|eu sou|sou|jestem|nazywam się|меня зовут)\s+",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^(?:and|und|et|sowie|och|og|ed|y|e|i|en|и|&)\s+(?=[A-ZÀ-ÞА-Я])")
_ROMAN = re.compile(r"[IVX]{1,4}")
_SAINTS = frozenset({"san", "santa", "sankt", "saint", "sainte", "sao", "sint", "santo", "szent", "sant"})
_PREPOSITIONS = frozenset({"in", "op", "aan", "uit"})
_WORD = re.compile(r"[^\W\d_]+(?:[-‐'’`´.·][^\W\d_]+)*\.?")  # the dot in the middle is Catalan: Apol·lònia
_HAN = re.compile(r"[\u3400-\u9fff々]{2,4}|[\u3400-\u9fff々]{1,3}[ \u3000·・][\u3400-\u9fff々]{1,3}")
_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々]{1,6}[ \u3000][\u3040-\u30ff\u3400-\u9fff々]{1,6}")
_GLUED = re.compile(r"^((?:(?:prof|dr|ir|ing|mr|mw|drs|dipl|med|hab|inż)\.)+)(?!ssa\b)(?=[^\W\d_]{2})", re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class NameReading:
    """A text read as a name: the name without titles, its probability, and what made it so.

    `titled` says that an honorific stood beside it, `known` how many of its words are name words, `words` how many
    words it has without initials and particles.
    """

    text: str
    score: float
    titled: bool = False
    known: int = 0
    words: int = 0


NOTHING = NameReading("", 0.0)


@cache
def _honorifics() -> frozenset[str]:
    kinds = ("academic", "professional", "courtesy", "nobility", "religious")
    found = {fold(word).strip(".") for kind in kinds for word in words("honorifics", kind)}
    return frozenset(found | {fold(word) for word in ("p", "prof", "n", "hab", "nauk", "rer", "nat", "publ")})


@cache
def _postnominals() -> frozenset[str]:
    kinds = ("postnominal", "order", "generation", "academic", "professional")
    return frozenset(fold(word) for kind in kinds for word in words("honorifics", kind))


@cache
def _particles() -> frozenset[str]:
    found = words("honorifics", "particle")
    return frozenset(fold(word) for word in found) | {
        "del",
        "los",
        "abu",
        "ould",
        "vande",
        "ver",
        "le",
        "ap",
        "ab",
    }


@cache
def ordinary() -> frozenset[str]:
    """Return the case-folded words that stand in menus and labels, job titles and organisations' names."""
    kinds = [("ordinary", kind) for kind in ("ordinary", "month", "weekday")]
    kinds += [
        ("roles", "head"),
        ("roles", "body"),
        ("roles", "unit"),
        ("cues", "organisation_word"),
        ("cues", "contact"),
    ]
    kinds += [("cues", kind) for kind in ("telephone", "email", "fax", "mobile", "web", "event", "street")]
    return frozenset(word for topic, kind in kinds for word in words(topic, kind) if len(word) > 1)


def is_particle(folded: str) -> bool:
    """Tell whether a folded word is a small word of family names, as in "van der"."""
    return folded in _particles()


@lru_cache(maxsize=REPEATS)
def strip_titles(text: str) -> tuple[str, bool]:
    """Return a name without the titles before and after it, and whether a title before it was found."""
    text = _JOINED.sub("", text.strip())
    text = _LEADING.sub("", text).strip(_EDGES + " ")
    if "." in text:
        text = _GLUED.sub(r"\1 ", text)
    titled, known = False, _honorifics()
    tokens = _INTRODUCED.sub("", text).split()
    while len(tokens) > 1:
        bare = fold(tokens[0]).strip(".,:")
        if len(bare) == 1 and (len(tokens) == 2 or len(tokens[1].strip(".,")) == 1):
            break  # "M. Feijen", "O P Holloway": initials and a surname, or it loses nothing by being read so
        if (
            bare in known
            or bare.replace(".", "") in known
            or (("." in bare or "-" in bare) and _are_all(re.split(r"[.\-/]", bare), known))
        ):
            titled = titled or len(bare) > 1
            tokens.pop(0)
        else:
            break
    while len(tokens) > 2:
        bare = fold(tokens[-1]).replace(".", "").strip(",()")
        if bare in _postnominals() and (tokens[-1].isupper() or "." in tokens[-1] or tokens[-2].endswith(",")):
            tokens.pop()
        else:
            break
    return " ".join(tokens).strip(" ,;"), titled


def _are_all(pieces: list[str], known: frozenset[str]) -> bool:
    said = [piece for piece in pieces if piece]
    return bool(said) and all(piece in known for piece in said)


def _given_first(text: str) -> str:
    """Return "Family, Given" as "Given Family", and an empty string where the comma means something else."""
    family, comma, given = (part.strip() for part in text.partition(","))
    if not comma:
        return text
    places = any(word in words("ordinary", "place") for word in given.casefold().split())
    return "" if "," in given or not given or len(family.split()) > 3 or places else f"{given} {family}"


def _small_odds(tokens: list[str], place: int) -> float | None:
    """Return the evidence of an initial, a particle or a generation; None for a full word."""
    token, following = tokens[place], tokens[place + 1] if place + 1 < len(tokens) else ""
    folded = fold(token.strip(".,'\"“”„‘’()"))
    if _INITIALS.fullmatch(token):
        return 0.3 if token[0].isupper() else -1.5
    if place == 0 and following and token.isupper() and len(token) <= 3 and not set(token) & set("AEIOUY"):
        return 0.3  # initials without full stops
    if place and _ROMAN.fullmatch(token):
        return 0.0
    if token.isupper() and len(token) <= 3 and not all(one.isupper() for one in tokens):
        known = name_class(folded) & (GIVEN | FAMILY)
        return -1.5 if not place else 0.3 if known else -1.2  # an acronym, or a short surname in capitals
    if folded in _PREPOSITIONS and (not place or fold(following) not in _particles()):
        return None
    return 0.3 if folded in _particles() and following and (token.islower() or place) else None


def _word_shaped(tokens: list[str], place: int) -> bool:
    token = tokens[place].strip(".,'\"“”„‘’()")
    following = fold(tokens[place + 1]) if place + 1 < len(tokens) else ""
    if fold(token) in _PREPOSITIONS and (not place or following not in _particles()):
        return False
    caseless = token[:1].isalpha() and token[:1].upper() == token[:1].lower() and len(tokens) <= 5
    return bool(_WORD.fullmatch(token)) and (token[0].isupper() or token[0] in "'’" or caseless)


def _latin(text: str, titled: bool) -> NameReading:
    text = _given_first(text)
    tokens = text.split()
    if not (2 if not titled else 1) <= len(tokens) <= _MAX_WORDS:
        return NOTHING
    if fold(tokens[0]).strip(".") in _SAINTS and not titled:
        return NOTHING  # places are named after them
    small = [_small_odds(tokens, place) for place in range(len(tokens))]
    places = [place for place, odds in enumerate(small) if odds is None]
    if not places or not all(_word_shaped(tokens, place) for place in places):
        return NOTHING
    if len(places) == 1 and len(tokens) == 1 and not titled:
        return NOTHING
    full = [word_odds(tokens[place].strip(".,'\"“”„‘’()").casefold(), place) for place in places]
    odds = sum(full) + sum(one for one in small if one is not None) - 1.0 + 2.0 * titled
    if len(full) == 1 and full[0] > -1 and "." in tokens[0] and small[0] is not None:
        odds += 0.7  # "J. Boenders" as a whole
    if len(full) == 1 and full[0] > -1 and len(tokens) == 2 and _TWO_INITIALS.fullmatch(tokens[1]):
        odds += 1.8  # "Boenders A.B." is how lists write names, and nothing else
    if not text.isupper() and any(token.isupper() and len(token) > 3 and name_class(fold(token)) for token in tokens):
        odds += 0.6  # "Given FAMILY" is how names are written and little else
    return NameReading(text, 1 / (1 + math.exp(-odds)), titled, sum(weight > 0.5 for weight in full), len(full))


@lru_cache(maxsize=REPEATS)
def word_odds(word: str, place: int = 0) -> float:
    """Return the evidence in log-odds that a case-folded word is part of a name; `place` 0 is the first word."""
    folded = fold(word)
    parts = [part for part in re.split(r"[-‐'’`´.]", word) if part]
    kind = name_class(folded)
    if not kind and len(parts) > 1:
        kind = max((name_class(fold(part)) for part in parts if len(part) > 1), default=0)
    if word in words("ordinary", "place"):
        return 0.8 if kind & GIVEN else -2.0
    common = word in ordinary() or any(
        part in ordinary() and not name_class(fold(part)) & (GIVEN | FAMILY) for part in parts[1:]
    )
    if common:
        if kind & GIVEN and len(folded) > 3:
            return -0.2
        return -1.2 if kind & (FAMILY | GIVEN) else -3.0
    doubt = 0.5 if kind & ORDINARY and not place else 0.6 if kind & ORDINARY else 0.0
    if kind & (GIVEN | FAMILY):
        return (1.2 if not kind & GIVEN else 2.0 if place == 0 else 1.5) - doubt
    shaped = _shaped_odds(folded, place)
    rare = -0.4 if doubt else 0.9
    return max(rare, shaped) if kind & RARE else shaped if len(folded) > 2 else -0.7


@cache
def _endings(kind: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in words("surnames", kind))


def _shaped_odds(folded: str, place: int) -> float:
    """Return what the form of a word that no list knows says: the ending of a patronymic or of a family name."""
    if len(folded) > 5 and folded.endswith(_endings("patronymic")):
        return 2.5 if place else 1.2
    return 0.9 if len(folded) > 4 and folded.endswith(_endings("ending")) else 0.0


@cache
def _han_bodies() -> tuple[str, ...]:
    return tuple(
        word
        for word in words("cues", "organisation_word") | words("roles", "head")
        if word[0] > "\u2e80" and len(word) > 1
    )


def _han_score(text: str, bare: str) -> float:
    """Return how well a text in Chinese characters is made of a surname and a given name."""
    japanese, chinese = words("surnames", "surname", "ja"), words("surnames", "surname", "zh")
    spaced = len(bare) < len(text)
    for size in (3, 2, 1):
        if bare[:size] in japanese and 1 <= len(bare) - size <= 3:
            return 0.85 if size > 1 or spaced else 0.5  # one character opens many ordinary words: 東京都
    own = not words("surnames", "not_given").intersection(bare[1:])
    if own and ((bare[0] in chinese and 2 <= len(bare) <= 3) or (bare[:2] in chinese and 3 <= len(bare) <= 4)):
        return 0.8
    return 0.45 if _KANA.fullmatch(text) else 0.0


def _han(text: str, titled: bool) -> NameReading:
    bare = re.sub(r"[ \u3000·・]", "", text)
    score = _han_score(text, bare)
    if bare in ordinary() or bare.endswith(_han_bodies()):
        return NOTHING
    if not score and not words("surnames", "not_given").intersection(bare):
        score = 0.25  # for siblings to confirm
    return NameReading(text, min(0.97, score + 0.1 * titled), titled, 2 if score > 0.7 else 0, 2) if score else NOTHING


def _hangul(text: str, titled: bool) -> NameReading:
    """Read a Korean name: a surname and one to three syllables; many other words have the same form."""
    bare = text.replace(" ", "")
    known = any(bare.startswith(name) for name in words("surnames", "surname", "ko"))
    if not known or not 2 <= len(bare) <= 4 or bare in ordinary() or not bare.isalpha():
        return NOTHING
    return NameReading(text, (0.55 if len(bare) == 3 else 0.3) + 0.3 * titled, titled, int(titled), 2)


@cache
def _countries() -> frozenset[str]:
    return frozenset(fold(name) for name in words("ordinary", "country"))


@lru_cache(maxsize=REPEATS)
def read_name(text: str) -> NameReading:
    """Return how a short text reads as a person's name."""
    if len(text) > _MAX_CHARS or len(text) < 2 or any(char.isdigit() for char in text) or "@" in text:
        return NOTHING
    text = re.sub(r"\([^()]{1,30}\)", " ", text)
    stripped, titled = strip_titles(text)
    if not stripped or stripped.count(" ") >= _MAX_WORDS:
        return NOTHING
    if "\uac00" <= stripped[0] <= "\ud7a3":
        return _hangul(stripped, titled)
    if "\u3040" <= stripped[0] <= "\u9fff":
        stripped = re.sub(r"\s*(?:さん|氏|先生|女士|様)$", "", stripped)
        return _han(stripped, titled) if _HAN.fullmatch(stripped) or _KANA.fullmatch(stripped) else NOTHING
    reading = _latin(stripped, titled)
    country = reading.score >= 0.2 and not titled and fold(stripped).replace("-", " ") in _countries()
    return NOTHING if country else reading
