"""How far two person names agree, part by part, as levels that carry no value."""

from __future__ import annotations

from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from crawler.lexicon import GIVEN, name_class
from pipelines.resolution.folding import consonants, skeleton
from pipelines.resolution.names import PersonName, formals, has_initial
from pipelines.resolution.remembering import remembered

#: How good a level is, only to choose between the two orders of a name; the weights say what it is worth.
RANK = {
    "same": 4.0, "variant": 3.6, "spelling": 3.2, "rival": 2.9, "initials": 2.6, "initial": 2.5, "short": 3.0,
    "part": 2.8, "middle": 2.0, "similar": 1.5, "missing": 1.0, "different": 0.0,
}  # fmt: skip
#: From here on (Jaro and Winkler) two names are similar.
CLOSE = 0.9
_GENDERED = ("a", "o", "e", "ina", "ine", "ette", "ella")


class NameAgreement(NamedTuple):
    """Levels of the given name, what stands between, the surname; whether one order had to be turned."""

    given: str
    middle: str
    surname: str
    swapped: bool

    @property
    def rank(self) -> float:
        """A rough order of agreements, best highest."""
        return (
            RANK[self.given]
            + 1.2 * RANK[self.surname]
            - (1.0 if self.middle == "conflict" else 0.0)
            - 0.3 * self.swapped
        )


@remembered(1 << 13)
def compare_names(a: PersonName, b: PersonName) -> NameAgreement:
    """Return the best agreement over the orders in which the two names may be read."""
    natural = _in_order(a, b, swapped=False)
    if natural.surname == "same" and natural.given not in {"different", "similar", "missing"}:
        return natural  # no turned reading is better than one whose surnames are equal and whose given names fit
    turned = [(left, b) for left in a.turned()] if _may_be_turned(a, b) else []
    turned += [(a, right) for right in b.turned()] if _may_be_turned(b, a) else []
    found = [_in_order(left, right, swapped=True) for left, right in turned]
    # Turned and called by a middle name at once is no reading but a coincidence.
    readings = [natural, *(each for each in found if each.given != "middle")]
    return max(readings, key=lambda each: (each.rank, each))


def _may_be_turned(a: PersonName, b: PersonName) -> bool:
    """Tell whether a's first word may be the surname of b: a cheap no for nearly every pair of strangers."""
    return any(word[:1] == a.given[:1] for word in b.surname)


def _in_order(a: PersonName, b: PersonName, *, swapped: bool) -> NameAgreement:
    given = _best_given(a, b)
    return NameAgreement(given, _middle(a, b, given), surname_level(a, b), swapped)


def _best_given(a: PersonName, b: PersonName) -> str:
    level = given_level(a.given, b.given)
    if level not in {"different", "similar"}:
        return level
    for nickname in a.nicknames:
        if given_level(nickname, b.given) in {"same", "variant"}:
            return "variant"
    for nickname in b.nicknames:
        if given_level(nickname, a.given) in {"same", "variant"}:
            return "variant"
    if _goes_by_middle(a, b) or _goes_by_middle(b, a):
        return "middle"
    return level


def _goes_by_middle(a: PersonName, b: PersonName) -> bool:
    """Tell whether b's first given name is a's second one ("T. S. Visser" is called "Sanne Visser")."""
    return any(given_level(word, b.given) in {"same", "variant", "initial"} for word in a.middles[:3])


@remembered(1 << 15)
def given_level(a: str, b: str) -> str:
    """Return how two folded given names agree, as a level of `RANK`."""
    if not a or not b:
        return "missing"
    if a == b:
        return "initials" if len(a) == 1 else "same"
    if len(a) == 1 or len(b) == 1:
        return _initial(a, b)
    if formals(a) & formals(b):
        return "variant"
    if _misspelt(a, b):
        return slip_or_rival(a, b)
    return _alike(*sorted((a, b), key=len))


def _alike(short: str, long: str) -> str:
    if len(short) > 2 and long.startswith(short) and not _gendered(short, long):
        return "rival" if name_class(short) & name_class(long) & GIVEN else "short"
    return "similar" if JaroWinkler.similarity(short, long) >= CLOSE and not _gendered(short, long) else "different"


def _initial(a: str, b: str) -> str:
    short, long = sorted((a, b), key=len)
    if len(long) == 1:
        return "different"
    return "initial" if has_initial(long, short) else "different"


def _gendered(short: str, long: str) -> bool:
    """Tell "Martin" from "Martina": names of two people, however alike the strings are."""
    return any(long == short + ending for ending in _GENDERED) or (
        len(short) == len(long) and short[:-1] == long[:-1] and {short[-1], long[-1]} <= set("aoe")
    )


def slip_or_rival(a: str, b: str) -> str:
    """Tell a slip or another spelling from two names that both exist and sound different ("Hansen", "Hanson")."""
    return "rival" if name_class(a) and name_class(b) and skeleton(a) != skeleton(b) else "spelling"


def _misspelt(a: str, b: str) -> bool:
    """Tell a slip or another spelling from another name: one edit in four letters or more, or one sound."""
    short, long = sorted((a, b), key=len)
    if _gendered(short, long):
        return False
    if skeleton(a) == skeleton(b):
        return len(short) > 2
    if _lost_vowels(a, b):
        return True
    allowed = 1 if len(short) >= 4 else 0
    return OSA.distance(a, b, score_cutoff=allowed) <= allowed


def _lost_vowels(a: str, b: str) -> bool:
    """Tell whether one word is the other without some of its vowels, as files that lost accented letters have it."""
    return len(a) != len(b) and consonants(a) == consonants(b) != ""


def _middle(a: PersonName, b: PersonName, given: str) -> str:
    if given == "middle":
        return "none"
    left, right = a.middles, b.middles
    if not left or not right:
        return "one" if left or right else "none"
    levels = {given_level(one, other) for one in left[:4] for other in right[:4]}
    if levels & {"same", "variant", "spelling"}:
        return "partial" if _own_words(a, b) and _own_words(b, a) else "same"
    if levels & {"initial", "initials", "short"}:
        return "initial"
    everything = {*left, *right, *a.surname, *b.surname}
    return "conflict" if len(everything) == len(left) + len(right) + len({*a.surname, *b.surname}) else "one"


def _own_words(a: PersonName, b: PersonName) -> bool:
    """Tell whether a has a middle name, written out, that is no word of b."""
    words = [*b.middles, *b.surname, b.given]
    return any(len(own) > 2 and not any(_fits(own, word) for word in words) for own in a.middles[:4])


def _fits(own: str, word: str) -> bool:
    return given_level(own, word) in {"same", "variant", "spelling", "short", "initial"}


@remembered(1 << 13)
def _surname_level(
    a: tuple[str, ...], b: tuple[str, ...], a_middles: tuple[str, ...], b_middles: tuple[str, ...]
) -> str:
    left, right = "".join(a), "".join(b)
    if not left or not right:
        return "missing"
    if left == right:
        return "same"
    if len(left) == 1 or len(right) == 1:
        return "initial" if left[0] == right[0] else "different"
    if _same_sound(left, right):
        return slip_or_rival(left, right)
    alone = len(a) == len(b) == 1 and not a_middles and not b_middles
    if not alone and (_is_part(a, b, b_middles) or _is_part(b, a, a_middles)):
        return "part"
    return "similar" if JaroWinkler.similarity(left, right) >= CLOSE else "different"


def surname_level(a: PersonName, b: PersonName) -> str:
    """Return how two surnames agree: same, spelling, part (of a double one), initial, similar, different, missing."""
    return _surname_level(a.surname, b.surname, a.middles, b.middles)


def _same_sound(left: str, right: str) -> bool:
    if len(left) > 2 and len(right) > 2 and skeleton(left) == skeleton(right):
        return True
    if _lost_vowels(left, right):
        return True
    allowed = 1 if min(len(left), len(right)) >= 4 else 0
    allowed += min(len(left), len(right)) >= 9
    return OSA.distance(left, right, score_cutoff=allowed) <= allowed


def _is_part(short: tuple[str, ...], long: tuple[str, ...], middles: tuple[str, ...]) -> bool:
    """Tell whether every part of a surname stands in the other's surname or before it (a double or maiden name)."""
    wide = [word for word in (*middles, *long) if len(word) > 1]
    return all(len(part) > 1 and any(part == word or _same_sound(part, word) for word in wide) for part in short)
