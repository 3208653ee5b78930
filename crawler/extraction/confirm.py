"""What siblings say about a part: the same place in the same markup holds the same kind of thing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from crawler.extraction.affiliations import confirm_authors
from crawler.extraction.contacts import EMAIL
from crawler.extraction.headed import confirm_headed
from crawler.extraction.lines import common
from crawler.extraction.matching import fit
from crawler.extraction.meaning import is_private, title_score
from crawler.extraction.names import read_name
from crawler.extraction.parts import Part, split_pair
from crawler.extraction.records import Row
from crawler.extraction.tables import read_headers
from crawler.extraction.turned import join_turned
from crawler.lexicon import FAMILY, GIVEN, fold, name_class

_DIGITS = re.compile(r"\d{2}|#")
_NAME_CLASS = re.compile(r"(?:^|[._-])(?:name|fn|person|author|fullname|nome|nom|nombre|naam)(?:$|[_-])", re.IGNORECASE)
_TITLE_CLASS = re.compile(
    r"(?:^|[._-])(?:role|position|job|job-?title|function|funktion|fonction|functie|cargo|puesto|ruolo|carica|"
    r"stanowisko|funkcja|specialty|beruf|rolle)(?:$|[_-])",
    re.IGNORECASE,
)
_TITLED_CLASS = re.compile(
    r"\.(?:(?:team|member|person|people|staff|board|profile|speaker|executive|employee|author|bio)[-_]{1,2})?"
    r"(?:title|titel|titre|titulo|titolo)$",
    re.IGNORECASE,
)
_ORGANISATION_CLASS = re.compile(
    r"(?:^|[._-])(?:org|organi[sz]ation|company|affiliation|institution|employer|firma|empresa)(?:$|[_-])",
    re.IGNORECASE,
)
_NEAR = 6  # lines between an address and the name it fits


def _slot(row: Row, part: Part) -> tuple[str, int, str, int]:
    place = next((n for n, one in enumerate(row.parts) if one is part), 0)
    column = row.line.path[-2] if row.line.tag in {"td", "th"} else 0
    return (f"{row.line.sign}:{column}", row.line.level, part.before, min(place, 3))


def confirm(rows: list[Row], lower: frozenset[str]) -> None:
    """Turn parts into names, or back, by what stands in the same place of their siblings.

    `lower` are the words that the page also writes in lower case: ordinary words of its language.
    """
    _join_split(rows)
    join_turned(rows)
    slots: dict[tuple[str, int, str, int], list[Part]] = defaultdict(list)
    for row in rows:
        if row.line.zone in {"nav", "comments"} or row.prose:
            continue
        for part in row.parts:
            if part.kind in {"name", "other", "organisation", "title"}:
                slots[_slot(row, part)].append(part)
    above = None
    for row in rows:
        if len(row.parts) == 1 and not row.prose and row.line.zone not in {"nav", "comments"}:
            _hinted(row, above)
        above = row
    read_headers(rows)
    _listed(rows)
    apposed = _apposed(rows)
    for parts in slots.values():
        _confirm_names(parts, apposed)
        _confirm(parts, "organisation", 0.8, 0.34)
        _confirm(parts, "title", 0.85, 0.4)
    for row in rows:
        for part in row.parts:
            if part.kind == "name" and part.name.score < 0.95 and not part.name.titled:
                _doubt(part, lower)
    _by_titles(rows)
    confirm_headed(rows)
    confirm_authors(rows)
    _employers(rows)
    _by_address(rows)
    _by_neighbours(rows)


def _apposed(rows: list[Row]) -> set[int]:
    """Take for names what a title or an employer follows in its line, and return the ids of those parts."""
    found = set()
    for row in rows:
        for part, after in pairwise(() if row.prose or row.line.zone in {"nav", "comments"} else row.parts):
            job = (after.kind == "title" and after.score >= 0.85) or (
                after.kind == "organisation" and after.score >= 0.8
            )
            if job and after.kind == "title" and after.before == "<" and part.kind == "name":
                found.add(id(part))
            if not job or after.before not in {",", "，", "(", "（", "–", "—", "-"}:
                continue
            if part.kind == "other" and part.name.score >= 0.35 and part.name.known and 1 < part.name.words < 5:
                part.kind, part.score = "name", 0.6
            if part.kind == "name":
                found.add(id(part))
    return found


def _listed(rows: list[Row]) -> None:
    """Take for names the likely ones of a line that a title introduces: "Auditors: Jane Roe, John Doe and Ann Poe"."""
    for row in rows:
        if row.prose or len(row.parts) < 3 or row.parts[0].kind != "title" or row.parts[1].before not in {":", "："}:
            continue
        if not any(part.kind == "name" for part in row.parts[1:]):
            continue
        parts = [row.parts[0], *(half for part in row.parts[1:] for half in split_pair(part))]
        for part in parts[1:]:
            if part.kind == "other" and part.name.score >= 0.2 and 1 < part.name.words < 5:
                part.kind, part.score = "name", 0.6
        row.parts = parts


def _tells(part: Part, sure: float) -> bool:
    known = part.kind in {"title", "organisation"} and part.score >= sure
    return part.contact is not None or known


def _beside(rows: list[Row], place: int, part: Part) -> bool:
    """Tell whether a title or a contact stands beside a part: next to it in its line, or on the next line."""
    row = rows[place]
    # Beside a word that is known as a name, what a class or a header calls a title tells as much as a known title.
    sure = 0.6 if part.name.known else 0.75
    at = next(number for number, one in enumerate(row.parts) if one is part)
    if any(_tells(row.parts[near], sure) for near in (at - 1, at + 1) if 0 <= near < len(row.parts)):
        return True
    if len(row.parts) > 1:
        return False
    around = (rows[near] for near in (place + 1, place - 1) if 0 <= near < len(rows))
    return any(
        len(one.parts) <= 2
        and any(_tells(said, sure) for said in one.parts)
        and not one.prose
        and common(one.line.path, row.line.path) >= len(row.line.path) - 3
        for one in around
    )


def _by_titles(rows: list[Row]) -> None:
    """Take for names what fills one slot of a template and has a title or a contact beside it each time."""
    slots: dict[tuple[str, int, str, int], list[tuple[Part, bool]]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.prose or row.line.zone in {"nav", "comments"} or not row.line.sign or len(row.parts) > 8:
            continue
        for part in row.parts:
            if part.kind in {"name", "other"}:
                slots[_slot(row, part)].append((part, _beside(rows, place, part)))
    for found in slots.values():
        shaped = [(part, said) for part, said in found if part.name.score >= 0.2 and 1 < part.name.words < 6]
        told = sum(said for _, said in shaped)
        if len(shaped) < 2 or 5 * len(shaped) < 3 * len(found) or 5 * told < 3 * len(shaped):
            continue
        for part, said in shaped:
            if part.kind == "other" and (said or 5 * len(shaped) >= 4 * len(found)):
                part.kind, part.score = "name", max(0.6, part.name.score)


def _employers(rows: list[Row]) -> None:
    """Take a name after a title for an employer where the person was named before: "General Manager, Roe House".

    The person stands in the line above, or earlier in the same line ("Jane Roe, General Manager, Roe House"); a name
    that a title of its own follows is a second person.
    """
    for row in rows:
        for (first, title, part), after in _triples(row):
            named = first.kind == "name" and title.kind == "title" and part.kind == "name" and part.before == ","
            if named and not part.name.titled and (after is None or after.kind != "title" or after.before == "<"):
                part.kind, part.score = "organisation", 0.55
    for before, row in pairwise(rows):
        if len(row.parts) < 2 or row.prose or before.line.path[:-1] != row.line.path[:-1]:
            continue
        title, part = row.parts[:2]
        named = sum(one.kind == "name" for one in before.parts) == 1 and title.kind == "title"
        if named and part.kind == "name" and part.before == "," and not part.name.titled:
            part.kind, part.score = "organisation", 0.55


def _triples(row: Row) -> Iterator[tuple[tuple[Part, Part, Part], Part | None]]:
    """Yield each three parts in a row with the part behind them, if any."""
    parts = [] if row.prose else row.parts
    for place in range(len(parts) - 2):
        yield (parts[place], parts[place + 1], parts[place + 2]), parts[place + 3] if place + 3 < len(parts) else None


def _by_address(rows: list[Row]) -> None:
    """Take for a name what an address nearby spells."""
    for place, row in enumerate(rows):
        for address in (part.contact.text for part in row.parts if part.contact and part.contact.kind == EMAIL):
            for near in rows[max(0, place - _NEAR) : place + 3]:
                for part in near.parts:
                    weak = part.kind in {"other", "title", "organisation"} and part.name.score >= 0.03
                    if weak and not near.prose and fit(address, part.name.text) == 2:
                        part.kind, part.score = "name", 0.9


def _by_neighbours(rows: list[Row]) -> None:
    """Take a likely name that fills its line for one where the next line of its block is a title or a contact."""
    for row, after in pairwise(rows):
        if len(row.parts) != 1 or row.prose or row.line.path[:-2] != after.line.path[: len(row.line.path) - 2]:
            continue
        part = row.parts[0]
        said = [one for one in after.parts if one.kind == "contact" or (one.kind == "title" and one.score >= 0.75)]
        if part.kind == "other" and part.name.score >= 0.4 and said and len(after.line.text) < 80:
            part.kind, part.score = "name", 0.6


def _join_split(rows: list[Row]) -> None:
    """Join a given name and a surname that stand on two lines of one block."""
    for row, after in pairwise(rows):
        alone = len(row.parts) == len(after.parts) == 1 and row.line.level == after.line.level
        if not alone or row.line.path[:-2] != after.line.path[:-2] or not row.line.path[:-2]:
            continue
        one, other = row.parts[0], after.parts[0]
        if " " in one.text or " " in other.text or one.contact or other.contact or title_score(other.text) >= 0.5:
            continue
        whole = read_name(f"{one.text} {other.text}")
        if whole.score >= 0.7 and name_class(fold(one.text)) & GIVEN:
            one.kind, one.text, one.name, one.score = "name", whole.text, whole, whole.score
            after.parts = []


def _below_name(row: Row, above: Row | None) -> bool:
    """Tell whether a line stands below one that holds a likely name and nothing else, in the same block."""
    beside = above is not None and above.line.path[:-2] == row.line.path[:-2] and len(above.parts) == 1
    return beside and above is not None and above.parts[0].name.score >= 0.2


def _hinted(row: Row, above: Row | None) -> None:
    """Believe the class that an author gave to a field of a card, where the text does not speak against it.

    "title" is what many call a headline, so it speaks of the work only below a name.
    """
    part, mark = row.parts[0], row.line.sign.rsplit("/", 1)[-1]
    if part.kind != "other" or len(part.text) > 60 or _DIGITS.search(part.text):
        return
    if _NAME_CLASS.search(mark) and part.name.score >= 0.1:
        part.kind, part.score = "name", max(0.6, part.name.score)
    elif (_TITLE_CLASS.search(mark) or (_TITLED_CLASS.search(mark) and _below_name(row, above))) and not is_private(
        part.text
    ):
        part.kind, part.score = "title", 0.6
    elif _ORGANISATION_CLASS.search(mark) and part.text[0].isupper():
        part.kind, part.score = "organisation", 0.6


def _confirm_names(parts: list[Part], apposed: set[int]) -> None:
    strong = sum(part.name.score >= 0.6 and part.kind == "name" for part in parts)
    shaped = sum(part.name.score >= 0.12 for part in parts)
    if len(parts) >= 3 and strong < 0.34 * len(parts):
        for part in parts:
            if (
                part.kind == "name"
                and id(part) not in apposed
                and part.name.score < 0.8
                and not name_class(fold(part.name.text.split()[0])) & GIVEN
            ):
                part.kind, part.score = "other", 0.0
    if strong < 2 or strong < 0.4 * shaped or shaped < 0.5 * len(parts):
        return
    for part in parts:
        most = strong >= 0.7 * len(parts)
        enough = 0.02 if most and part.name.known else 0.06 if most and len(parts) >= 5 else 0.2
        weak = part.kind == "other" or (most and part.kind == "title" and part.name.words > 1)
        if weak and part.name.score >= enough:
            part.kind, part.score = "name", max(0.6, part.name.score)


def _confirm(parts: list[Part], kind: str, sure: float, share: float) -> None:
    certain = sum(part.kind == kind and part.score >= sure for part in parts)
    if certain < share * len(parts) or (certain < 2 and (not certain or len(parts) > 3 or kind == "title")):
        return
    ruled = certain >= 0.6 * len(parts)
    for part in parts:
        named_so = part.kind in {"organisation", "title"}
        weak = part.kind == "other" or (named_so and part.score <= 0.5)
        weak = weak or (ruled and part.kind == "organisation" and part.score < 0.9)
        if (
            weak
            and len(part.text) <= 80
            and part.text[0].isupper()
            and part.name.score < 0.6
            and not _DIGITS.search(part.text)
            and not is_private(part.text)
        ):
            part.kind, part.score = kind, max(0.55, part.score if part.kind == kind else 0.0)


def _doubt(part: Part, lower: frozenset[str]) -> None:
    found = [word for word in part.name.text.casefold().split() if len(word) > 3]
    doubted = [word for word in found if word in lower and not name_class(fold(word)) & (GIVEN | FAMILY)]
    if found and len(doubted) * 2 >= len(found):
        part.kind, part.score = "other", 0.0
