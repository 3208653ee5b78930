"""People in running text: "…, said Jane Roe, chief executive of Example NV", appositions, titles before the name.

A name alone is not read here: it must come with a title, an employer or a contact in the same sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from crawler.extraction.fields import split_job
from crawler.extraction.lines import Line
from crawler.extraction.meaning import full_stop, organisation_score, title_score
from crawler.extraction.names import NameReading, is_particle, read_name, strip_titles
from crawler.lexicon import fold, words

_TOKEN = re.compile(r"\S+")
_OPENING = "\"“”„«»‘’'([–—"
_CLOSING = "\"“”«»’'.,;:!?)]–—"
_STOP = re.compile(r"[.;!?…]\s+(?=[\"“„«]?[A-ZÀ-ÝА-Я0-9])|[;:]\s|\s[–—-]\s|[\"”»“]\s")
_ARTICLES = (
    "an? the der die das den ein eine de het een le la les un une el los las il lo o a os um uma und and et y e i "
    "currently as deren dessen its su seine ihre"
)
_ARTICLE = re.compile(rf"^(?:(?:{'|'.join(_ARTICLES.split())})\s+|l['’])+", re.IGNORECASE)
_COPULA = (
    "is|was|ist|war|est|es|è|é|jest|has been|serves as|currently serves as|works as|joined|wurde|arbeitet als|leads|"
    "is currently|was appointed|является"
)
_IS = re.compile(rf"^,?\s*(?:who\s+)?(?:{_COPULA})\s+", re.IGNORECASE)
_AS = re.compile(
    r"^\s+(?:as|als|comme|como|come|jako|tot|zum|zur)\s+(?:its\s+|their\s+|new\s+|neuen?\s+|nuevo\s+)*", re.IGNORECASE
)
_RELATIVE = re.compile(
    r"\s(?:who|which|where|der|die|welche[rs]?|qui|que|die|che|która|który|and (?:is|was|has))\s(?=[a-z])"
)
_LED = re.compile(
    r"^(?:according to|volgens|laut|selon|según|secondo|segundo|zdaniem|według|по словам|dazu|so)\s+", re.IGNORECASE
)
_TAIL = re.compile(
    r"\s(?:with|during|on|after|when|since|während|seit|lors|durante|podczas|tijdens|pendant|depuis)\s(?=[a-z])"
)
_MAX_SENTENCE = 500
_SURE = 0.7  # below it a name must be quoted and have a title


@dataclass(slots=True)
class Sighting:
    """A person in a sentence: the name and where it stands in the line, the title and the employer beside it."""

    name: NameReading
    start: int
    end: int
    title: str = ""
    organisation: str = ""
    quoted: bool = False


def is_prose(line: Line) -> bool:
    """Tell whether a line is running text rather than a record: many words, most of them in lower case."""
    found = line.text.split()
    if len(found) < 12:
        return False
    small = sum(word[0].islower() for word in found)
    return len(found) > 60 or 2 * small >= len(found) or (len(found) > 25 and 5 * small >= 2 * len(found))


@cache
def _speech() -> re.Pattern[str]:
    found = sorted((re.escape(word) for word in words("cues", "speech")), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE)


def _spans(text: str) -> list[tuple[int, int, NameReading]]:
    """Return the stretches of a text that read as names, longest first at each place, without overlaps."""
    tokens = [(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(text)]
    spans: list[tuple[int, int, NameReading]] = []
    place = 0
    while place < len(tokens):
        found = _span_at(tokens, place)
        if found is None:
            place += 1
            continue
        stop, reading = found
        start, end = tokens[place][1], tokens[stop - 1][2]
        raw = text[start:end]
        start += len(raw) - len(raw.lstrip(_OPENING))
        end -= len(raw) - len(raw.rstrip(_CLOSING))
        if not _eponym(tokens, place, stop):
            spans.append((start, end, reading))
        place = stop
    return spans


def _span_at(tokens: list[tuple[str, int, int]], place: int) -> tuple[int, NameReading] | None:
    first = tokens[place][0].lstrip(_OPENING)
    if not first[:1].isupper() or first[:1] > "\u2e80":
        return None
    stop = place + 1
    while stop < min(len(tokens), place + 7) and tokens[stop - 1][0][-1] not in ',;:!?)”"»':
        token = tokens[stop][0]
        before = tokens[stop - 1][0]
        if before.endswith(".") and len(before.strip(_OPENING)) > 4 and not _is_title(before):
            break
        if not (token[:1].isupper() or token[:1] in "‘“\"'(" or is_particle(fold(token))):
            break
        stop += 1
    if stop == place + 1:
        return None
    reach = range(stop, place + 1, -1)
    clean = [end for end in reach if not any(_of_a_title(token) for token, _, _ in tokens[place:end])]
    weak: tuple[int, NameReading] | None = None
    for end in clean:
        raw = " ".join(token for token, _, _ in tokens[place:end]).strip(_OPENING + _CLOSING)
        reading = read_name(raw)
        if reading.score >= _SURE and (reading.known >= 2 or reading.titled or reading.score >= 0.73):
            return end, reading
        if reading.score >= 0.4 and reading.known and place and reading.words in {2, 3}:
            weak = weak or (end, reading)
    return weak


@lru_cache(maxsize=16384)
def _of_a_title(token: str) -> bool:
    word = token.strip(_OPENING + _CLOSING).casefold()
    hyphened = "-" in word and title_score(word) >= 0.75
    return word in words("roles", "head") or word in words("cues", "organisation_word") or hyphened


def _is_title(token: str) -> bool:
    return not strip_titles(f"{token} Xx")[0].startswith(token)


def _eponymous(folded: str) -> bool:
    return folded in words("cues", "organisation_word") or folded in words("cues", "street")


def _eponym(tokens: list[tuple[str, int, int]], place: int, stop: int) -> bool:
    """Tell whether a name names a street, a firm or an institution."""
    after = fold(tokens[stop][0].strip(_OPENING + _CLOSING)) if stop < len(tokens) else ""
    before = fold(tokens[place - 1][0].strip(_OPENING + _CLOSING)) if place else ""
    if tokens[stop - 1][0][-1] not in ",.;:)" and stop < len(tokens):
        capital = tokens[stop][0][0].isupper()
        if (capital and _eponymous(after)) or after[:1].isdigit():
            return True
    return before == "the" or (before in words("cues", "street") and len(before) > 1)


def sightings(text: str) -> list[Sighting]:
    """Return the people of a running text with what the sentence says about their work."""
    found = []
    spans = _spans(text[:6000])
    for number, (start, end, reading) in enumerate(spans):
        upto = spans[number + 1][0] if number + 1 < len(spans) else len(text)
        sight = Sighting(reading, start, end)
        _after(sight, text[end : min(end + _MAX_SENTENCE, max(upto, end))])
        since = spans[number - 1][1] if number else 0
        if not sight.title:
            _before(sight, text[max(since, start - 200) : start])
        near = text[max(0, start - 40) : start] + " " + text[end : end + 60]
        sight.quoted = bool(_speech().search(near))
        surname_only = " " not in reading.text and reading.text[:1] < "\u2e80"
        if not surname_only and (reading.score >= _SURE or (sight.quoted and sight.title)):
            found.append(sight)
    return found


def _job(sight: Sighting, phrase: str) -> bool:
    phrase = _LED.sub("", phrase.strip())
    phrase = _ARTICLE.sub("", phrase.strip(' ,.;:()"“”»«–—-'))
    if not 2 < len(phrase) <= 140:
        return False
    title, organisation = split_job(phrase)
    if title_score(title) >= 0.75 and len(title.split()) <= 14:
        sight.title, sight.organisation = title.strip(" ,"), full_stop(_TAIL.split(organisation)[0].strip(" ,."))
        return True
    return False


def _after(sight: Sighting, tail: str) -> None:
    stop = _STOP.search(tail)
    if tail.startswith((" (", "(")):
        inside = tail.lstrip(" (").split(")")[0]
        if not _job(sight, inside) and organisation_score(inside) >= 0.5:
            sight.organisation = inside
        return
    dashed = re.match(r"\s*[–—-]\s+", tail)
    sentence = tail[: stop.start()] if stop and stop.start() > 3 else tail
    said = _IS.match(tail) or _AS.match(tail)
    if said:
        clause = tail[said.end() : stop.start() if stop else len(tail)]
        _shorter(sight, clause)
    elif sentence.startswith((",", "，")) or dashed:
        _shorter(sight, sentence.lstrip(" ,–—-"))


def _shorter(sight: Sighting, phrase: str) -> None:
    """Read the longest beginning of a phrase, cut at commas and verbs of speech, that is a job."""
    spoken = _speech().search(phrase)
    if spoken:
        phrase = phrase[: spoken.start()]
    phrase = _RELATIVE.split(phrase)[0]
    first, *rest = phrase.split(",")
    if title_score(" ".join(_ARTICLE.sub("", first.strip()).split()[:5])) < 0.75:
        return
    for piece in rest[:2]:
        apart = piece.strip()
        employer = apart[:1].isupper() and len(apart.split()) <= 6
        if not (employer or organisation_score(apart) >= 0.5):
            break
        first = f"{first},{piece}"
    _job(sight, first)


def _before(sight: Sighting, head: str) -> None:
    cut = list(re.finditer(r"[.;:!?(\"“„«»]\s*|\s[–—]\s", head))
    clause = head[cut[-1].end() :] if cut else head
    if clause.rstrip().endswith(","):
        piece = clause.rstrip(" ,").rsplit(",", 1)[-1]
        _job(sight, piece)
        return
    near = clause.rsplit(",", 1)[-1].split()[-7:]
    starts = [at for at in range(len(near) - 1, -1, -1) if title_score(" ".join(near[at:])) >= 0.75]
    if not starts:
        return
    at = starts[0]
    while at and near[at - 1][0].isupper() and at - 1 in starts:
        at -= 1
    _job(sight, " ".join(near[at:]))
