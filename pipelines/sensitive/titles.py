"""What a job title may say of a person: the job, not what the person is.

A creed, an origin, an illness or a family status may stand in a title as the field of the work ("Head of Religion",
"Deaf Services Coordinator"), never as what describes who does it ("Catholic press officer", "widow and treasurer").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from crawler import lexicon
from crawler.extraction.standing import is_pronoun
from crawler.remembering import REPEATS
from pipelines.sensitive.categories import Category
from pipelines.sensitive.persons import avows, said_of, without_mistaken
from pipelines.sensitive.tripwire import body, categories, pattern, secular
from pipelines.sensitive.words import Token, demonym, is_head, is_legal_form, known, personal, tokens

#: Languages in which the lexicons know the heads of job titles well enough to miss one.
SPOKEN = frozenset({"en", "nl", "de", "fr", "es", "it", "pt", "pl"})
_SPLIT = re.compile(r"(\s*(?:[;|,•·/]|\s[–—-]\s|\s\+\s)\s*|\s+(?:and|en|und|et|y|e|i|oraz|&)\s+)")
#: A year in which somebody at work may have been born, or a number of years.
_AGED = re.compile(
    r"\b(?:19[2-9]\d|200[0-6])\b|\baged \d|"
    r"\b[1-9]\d[ -]?(?:year|jahr|jähr|jaar|jarig|ans\b|años|anni\b|anos|lat\b|something)",
    re.IGNORECASE,
)
_EDGES = " ,;:|•·–—-/&"


@lru_cache(maxsize=REPEATS)
def business_title(text: str, language: str = "") -> tuple[str, tuple[Category, ...]]:
    """Return the title without what it says about the person, and the categories of what was left out.

    The title comes back empty when nothing of it is a job. `language` is a primary tag or empty.
    """
    pieces = _SPLIT.split(text)
    kept, left_out, seat, job = "", set[Category](), False, False
    for place in range(0, len(pieces), 2):
        clause, gone, elected = _clause(pieces[place], language)
        headed = elected or _has_head(clause, language)
        said = set() if headed else _said(clause)
        if clause and not headed and (seat or said or avows(clause) or _tells(clause, language)):
            clause, gone = "", gone | said | ({Category.POLITICS} if seat else set())
        seat, job = seat or elected, job or headed
        left_out |= gone
        if clause:
            kept += (pieces[place - 1] if kept and place else "") + clause
    if not kept or (left_out and not job):
        return "", tuple(sorted(left_out))
    return _trim(kept), tuple(sorted(left_out))


def _said(clause: str) -> set[Category]:
    """Return what a clause without the head of a job title says of the person, in whatever language it is written."""
    return {*categories(clause), *said_of(clause), *({Category.AGE} if _AGED.search(clause) else ())}


def _trim(text: str) -> str:
    """Strip separators from the ends, and a bracket whose other half was cut off."""
    trimmed = text.strip(_EDGES)
    return trimmed if trimmed.count("(") == trimmed.count(")") else trimmed.strip(f"{_EDGES}()")


def _tells(clause: str, language: str) -> bool:
    """Whether a clause without the head of a job title tells something in words of its own.

    A sentence does, and so does an unknown word "of" another: "Witness of …" reads like "Director of …", and only the
    head says which of the two is a job.
    """
    if language not in SPOKEN:
        return False
    words = [token for token in tokens(clause) if token.kind == "word"]
    told = [token for token in words if token.text.islower() and token.word not in _small(language)]
    joined = any(token.word in known("prose", "of", language) for token in words)
    sentence = len(words) > 3 and len(told) > 1
    return (sentence or joined) and not any(token.word in _units(language) for token in words)


@cache
def _small(language: str) -> frozenset[str]:
    kinds = ("of", "article", "link")
    return frozenset[str]().union(*(known("prose", kind, language) for kind in kinds))


@cache
def _units(language: str) -> frozenset[str]:
    """Words for a department or an organisation."""
    kinds = (("roles", "unit"), ("prose", "unit"), ("roles", "body"), ("cues", "organisation_word"))
    return frozenset[str]().union(*(known(topic, kind, language) for topic, kind in kinds))


def _clause(clause: str, language: str) -> tuple[str, set[Category], bool]:
    """Return what stays of one clause, the categories of the rest, and whether it names an elected office."""
    found = pattern("seat").search(clause)
    if found:
        tail = _trim(clause[found.end() :])
        return clause[: found.end()], {Category.POLITICS} if tail else set(), True
    words = [token for token in tokens(clause) if token.kind == "word"]
    heads = [place for place, token in enumerate(words) if is_head(token.word, language)]
    cut = [place for place in range(len(words)) if _describes(words, place, heads, language)]
    if not cut:
        return _without_body(clause, words, heads, language)
    gone = {category for place in cut for category in _categories(words[place].word, language)}
    if not heads or min(heads) < max(cut):
        return (_trim(clause[: words[cut[0]].start]) if heads and min(heads) < cut[0] else ""), gone, False
    return _trim(clause[words[max(cut)].end :]), gone, False


def _describes(words: list[Token], place: int, heads: list[int], language: str) -> bool:
    """Whether a word describes the person: it is personal, and neither behind "of" nor before a field of work."""
    if not personal(words[place].word, language):
        return False
    before = {token.word for token in words[:place]}
    if heads and min(heads) < place and before & known("prose", "of", language):
        return False
    following = words[place + 1].word if place + 1 < len(words) else ""
    return not (following in lexicon.words("sensitive", "topic") and any(head > place for head in heads))


def _without_body(clause: str, words: list[Token], heads: list[int], language: str) -> tuple[str, set[Category], bool]:
    """Cut the party, union or church that an office is held in: "General Secretary of the Workers' Party".

    Without the head of a job beside it, belonging to one is all that is said.
    """
    revealed = body(clause)
    if not revealed:
        return clause, set(), False
    found, category = revealed
    if not heads:
        return "", {category}, False
    following = next((token.word for token in words if token.start >= found.end()), "")
    if words[min(heads)].start > found.start() or following in lexicon.words("sensitive", "topic"):
        return clause, set(), False
    joining = known("prose", "of", language) | known("prose", "link", language)
    joints = [token.start for token in words if token.word in joining]
    inside = (start for start in joints if words[min(heads)].end < start < found.start())
    return _trim(clause[: next(inside, found.start())]), {category}, False


def _categories(word: str, language: str) -> set[Category]:
    return {category for category in Category if pattern(category.value, language).search(word)}


def _has_head(text: str, language: str) -> bool:
    if not any(is_head(token.word, language) for token in tokens(text)):
        return False
    rest = without_mistaken(text)
    return rest == text or any(is_head(token.word, language) for token in tokens(rest))


@lru_cache(maxsize=REPEATS)
def business_organisation(text: str) -> tuple[Category, ...]:
    """Return the categories that an employer's name reveals about its people, empty when it may be kept.

    A party, a union or a church shares a belief with those who work there; a Catholic university does not.
    """
    revealed = body(text)
    if revealed and not secular(text):
        return (revealed[1],)
    words = [token.word for token in tokens(text) if token.kind == "word"]
    if words and all(personal(word, "") for word in words):
        return tuple(sorted(_categories(words[0], "")))
    return ()


@lru_cache(maxsize=REPEATS)
def no_employer(text: str) -> tuple[Category, ...]:
    """Return the categories of what stands in an employer's place and says what somebody is: "South Korean", "aged 45".

    Pages put both in brackets behind a name, and pronouns too. Empty for what may be an organisation.
    """
    if is_pronoun(text):
        return (Category.GENDER,)
    words = [token.word for token in tokens(text) if token.kind == "word"]
    if not words or _names_itself(text, words):
        return ()
    if all(map(_of_a_nation, _without_parts(words))):
        return (Category.NATIONALITY,)
    left, said = business_title(text, "")
    return () if left or body(text) else said


def _of_a_nation(word: str) -> bool:
    return word in lexicon.words("sensitive", "nation") or demonym(word, "")


def _without_parts(words: Sequence[str]) -> Sequence[str]:
    """Return words without "South" and the like before the name of a nation; the last of them stays."""
    return [*(word for word in words[:-1] if word not in lexicon.words("sensitive", "nation_part")), words[-1]]


def _names_itself(text: str, words: Sequence[str]) -> bool:
    """Whether a name says that it is an organisation's: by a legal form at its end, or by a word for its kind."""
    parts = {part for word in words for part in word.split("-")}
    return bool(parts & lexicon.words("cues", "organisation_word")) or is_legal_form(text.rsplit(maxsplit=1)[-1])
