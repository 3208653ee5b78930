"""People in running text: "…, said Jane Roe, chief executive of Example NV", appositions, titles before the name.

A name alone is not read here: it must come with a title, an employer or a contact in the same sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crawler.extraction.clauses import ARTICLE, after, before, speech
from crawler.extraction.lines import Line
from crawler.extraction.meaning import title_score, word_class
from crawler.extraction.names import NameReading, is_particle, read_name, strip_titles, word_odds
from crawler.lexicon import fold, name_class, words
from crawler.remembering import REPEATS

_TOKEN = re.compile(r"\S+")
_OPENING = "\"“”„«»‘’'([–—"
_CLOSING = "\"“”«»’'.,;:!?)]–—"
# Two sentences, or a sentence with a quotation in it.
_SENTENCES = re.compile(
    r"[^\W\d_A-ZÀ-Þ]{3}[.!?][\"”“»]?\s+[\"“„«–—]?\s?[A-ZÀ-ÞА-Я]|[”\"»],?\s(?:[^\W\d_A-ZÀ-Þ]{2,}\s){1,3}[A-ZÀ-ÞА-Я]"
)
_NAME_DASH = re.compile(r"([^\W\d_][^\s:–—]*(?: [^\s:–—]+){1,3}?)(?: [-–—] ?|[–—] )(\S+(?: \S+)?)")
_MAX_SENTENCE = 500
_JOINING = frozenset("and und et y e i en och og и in im em w z au aux dans".split())  # noqa: SIM905
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
    """Tell whether a line is running text rather than a record: many words, most of them in lower case.

    Short text with a full stop inside it or a quotation needs fewer small words: "…, sagt Jane Roe. Auch John Doe …".
    """
    found = line.text.split()
    small = sum(word[0].islower() for word in found)
    if 7 <= len(found) < 12 and line.text.endswith((".", '."', ".“", ".”", ".»")) and 2 * small >= len(found):
        return any(sight.title and sight.start for sight in sightings(line.text))
    if len(found) < 12:
        return False
    if len(found) <= 30 and not line.text.endswith(".") and _opens_a_record(line.text):
        return False
    if len(found) > 60 or 2 * small >= len(found) or (len(found) > 25 and 5 * small >= 2 * len(found)):
        return True
    return 3 * small >= len(found) and (line.text.endswith(".") or bool(_SENTENCES.search(line.text)))


def _opens_a_record(text: str) -> bool:
    """Tell whether a text is a name, a dash and a long title: "HOLLOWAY Jane – deputy head of moorings and of …"."""
    start = _NAME_DASH.match(text)
    return (
        start is not None
        and not _SENTENCES.search(text)
        and title_score(start[2]) >= 0.5
        and read_name(start[1]).score >= _SURE
    )


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
    if not first[:1].isupper() or first[:1] > "\u2e80" or first.casefold() in words("cues", "speech"):
        return None  # "Secondo Jane Roe": according to her
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
    clean = next((at for at in range(place, stop) if _of_a_title(tokens[at][0])), stop)
    weak: tuple[int, NameReading] | None = None
    for end in range(clean, place + 1, -1):
        raw = " ".join(token for token, _, _ in tokens[place:end]).strip(_OPENING + _CLOSING)
        reading = read_name(raw)
        if (
            place + 2 < end
            and word_odds(first.strip(_CLOSING).casefold()) < 0.5
            and read_name(raw.partition(" ")[2]).score > reading.score
        ):
            return None  # "Auch Jane Roe": the first word of the sentence
        if reading.score >= _SURE and (reading.known >= 2 or reading.titled or reading.score >= 0.73):
            return end, reading
        if weak is None and place and _runs_on(tokens[place - 1][0], reading.known):
            continue
        plain = not re.search(r"[’'´]s\b|[).!?]\s", raw)
        likely = (reading.score >= 0.4 and reading.known and place) or _spoken_of(tokens, place, end)
        if plain and likely and reading.score >= 0.2 and reading.words in {2, 3}:
            weak = weak or (end, reading)
    return weak


def _runs_on(token: str, known: int) -> bool:
    """Tell whether a word before a likely name makes it part of a longer one: "crimes of …", "Great …".

    Where no word of it is `known` as a name, "and" or "in" before it does so too: "degrees in Law and Marine Trade".
    """
    if not known and token.casefold() in _JOINING:
        return True
    spoken = token.casefold() in words("cues", "speech")
    capital = token[0].isupper() and token[-1].isalpha() and title_score(token) < 0.5 and not spoken
    return capital or token.casefold() in words("cues", "of")


def _spoken_of(tokens: list[tuple[str, int, int]], place: int, stop: int) -> bool:
    """Tell whether a title follows behind a comma, or a verb of speech or a title stands before: what names have."""
    if tokens[stop - 1][0].endswith(",") and stop < len(tokens):
        ahead = [ARTICLE.sub("", token.strip(_OPENING + _CLOSING)) for token, _, _ in tokens[stop : stop + 3]]
        if any(word and title_score(word) >= 0.75 for word in ahead):
            return True
    if stop < len(tokens) and tokens[stop][0] in {"as", "als", "comme", "como", "come", "jako"}:
        return True
    leading = tokens[place - 1][0].strip(_OPENING + _CLOSING).casefold() if place else ""
    return bool(leading) and (leading in words("cues", "speech") or title_score(leading) >= 0.75)


@lru_cache(maxsize=REPEATS)
def _of_a_title(token: str) -> bool:
    word = token.strip(_OPENING + _CLOSING).casefold()
    compound = ("-" in word or len(word) > 8) and title_score(word) >= 0.75 and not name_class(fold(word))
    return word in words("roles", "head") or word in words("cues", "organisation_word") or compound


def _is_title(token: str) -> bool:
    return not strip_titles(f"{token} Xx")[0].startswith(token)


def _eponymous(folded: str) -> bool:
    return folded in words("cues", "organisation_word") or folded in words("cues", "street")


def _eponym(tokens: list[tuple[str, int, int]], place: int, stop: int) -> bool:
    """Tell whether a name names a street, a firm or an institution."""
    following = fold(tokens[stop][0].strip(_OPENING + _CLOSING)) if stop < len(tokens) else ""
    leading = fold(tokens[place - 1][0].strip(_OPENING + _CLOSING)) if place else ""
    if tokens[stop - 1][0][-1] not in ",.;:)" and stop < len(tokens):
        capital = tokens[stop][0][0].isupper()
        if (capital and _eponymous(following)) or following[:1].isdigit():
            return True
    near = [token for token, _, _ in tokens[max(0, place - 2) : place]]
    joined = near and not any(token[-1] in ',.;:)»”"' for token in near)
    if joined and any(fold(token.strip(_OPENING)) in word_class("cues", "organisation_word") for token in near):
        return True  # "Consultoria Campo Bom", "asociación vecinal Campo Bom"
    return leading == "the" or (leading in words("cues", "street") and len(leading) > 1)


def sightings(text: str) -> list[Sighting]:
    """Return the people of a running text with what the sentence says about their work."""
    found = []
    spans = _spans(text[:6000])
    for number, (start, end, reading) in enumerate(spans):
        upto = spans[number + 1][0] if number + 1 < len(spans) else len(text)
        title, organisation = after(
            text[end : min(end + _MAX_SENTENCE, max(upto, end))], text[max(0, start - 30) : start]
        )
        since = spans[number - 1][1] if number else 0
        behind = not title
        if behind:
            title, stated = before(text[max(since, start - 200) : start])
            organisation = organisation or stated
        near = text[max(0, start - 40) : start] + " " + text[end : end + 60]
        sight = Sighting(reading, start, end, title, organisation, bool(speech().search(near)))
        surname_only = " " not in reading.text and reading.text[:1] < "\u2e80"
        # Behind a comma it may as easily be the next item of a list.
        listed = behind and reading.known < 2 and text[:start].rstrip().endswith(",")
        # "Ingeniero Naval Superior": words that nobody is called by, at once behind an office, belong to it.
        listed = listed or (behind and not reading.known and not sight.quoted)
        weak = bool(title) and len(title.split()) <= 7 and (sight.quoted or (reading.score >= 0.2 and not listed))
        if not surname_only and (reading.score >= _SURE or weak):
            found.append(sight)
    return found
