"""Titles, organisation and profile links of one record, chosen from the parts beside the name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from urllib.parse import urlsplit

from crawler.extraction.contacts import LINK
from crawler.extraction.issues import without_issue
from crawler.extraction.lines import squeeze
from crawler.extraction.meaning import (
    HANS,
    full_stop,
    is_degree,
    is_study,
    organisation_score,
    title_score,
    tokens,
    word_class,
)
from crawler.extraction.parts import Part
from crawler.extraction.records import Record, Row
from crawler.extraction.standing import is_pronoun, is_status
from crawler.extraction.work_fields import goes_on, is_field
from crawler.lexicon import fold, words
from crawler.remembering import REPEATS

_PRONOUN = "er|sie|he|she|they|elle|il|hij|zij|ze|han|hon|hun|él|ella|lui|lei|ele|ela|ona|on|он|она"
#: "Er führt den Verein", "She looks after"; "il" and "on" are articles and prepositions as well.
_ROLE = r"(?:Als|As(?: the| an?)?|En tant que|Como|Come|Jako|Som) (?P<role>\S+(?: \S+){0,4}?)"
_AS = re.compile(rf"{_ROLE}(?:,| \S+) (?:{_PRONOUN}) ")
_SENTENCE = re.compile(rf"(?!Il |On )(?:{_PRONOUN.title()}) [a-zß-ÿа-я]")
_LONG_WORD = re.compile(r"[a-zß-ÿ]{5}$")  # no abbreviation: "Inst. of Tides"
_STUDY = re.compile(r"(\S+) (?:en|in|of|em|di|de|à|w)\b")
_AT = re.compile(
    r"^(?P<title>.{2,100}?),?\s+(?:at|@|bei|beim|bij|chez|presso|en el|w firmie)\s+(?:the\s+|der\s+|de\s+)?"
    r"(?P<organisation>[A-ZÀ-ÝА-Я0-9].{1,100})$"
)
_OF = re.compile(
    r"^(?P<title>.{3,80}?)(?P<join>,|\s[–—-]|\s\(|\s+(?:of|der|des|am|an der|im|vom|van|du|de la|de l['’]|de|del|della|"
    r"dell['’]|di|da|do|para|for|with|en|in|w|van de|von))\s*"
    r"(?:the\s+)?(?P<organisation>[A-ZÀ-ÝА-Я0-9].{1,100}?)\)?$"
)
_QUOTED = re.compile(
    r"(?:компании|фонда|ООО|АО|firmy|spółki|fundacji|empresa|société|azienda|company|Firma|firma)\s+"
    r"[«„\"“](?P<organisation>[^»”\"“]{2,60})[»”\"]"
)
_RUN_ON = re.compile(r"^[^\W\dA-ZÀ-Þ][^A-ZÀ-Þ]{3,60}\s(?P<organisation>[A-ZÀ-Þ].{2,80})$")
_HAN_JOB = re.compile(
    r"^(?P<organisation>[\u3040-\u30ff\u3400-\u9fff\w（）]+(?:大学|学院|研究院|研究所|公司|集团|协会|学会|中心|实验室|医院|委员会|"
    r"科学院|银行|会社|法人|協会|機構|大学院|研究科|研究室|[处科部局系所厅])+)(?P<title>[\u30a0-\u30ff\u3400-\u9fff\w、]{2,12})$"
)
_SHARE = re.compile(r"shar(?:e|er|ing)\b|shareArticle|intent/tweet|/share\?|u=http|url=http", re.IGNORECASE)
_PROFILE_HOSTS = re.compile(
    r"(?:^|\.)(?:linkedin\.com|xing\.com|twitter\.com|x\.com|github\.com|gitlab\.com|orcid\.org|scholar\.google\.[a-z.]+|researchgate\.net|"
    r"lattes\.cnpq\.br|facebook\.com|instagram\.com|mastodon\.[a-z]+|bsky\.app|medium\.com|dblp\.org|dblp\.uni-trier\.de|youtube\.com|academia\.edu|elibrary\.ru|t\.me|vk\.com)$"
)


@dataclass(slots=True)
class Job:
    """What a record says about the work: titles and organisations, each with the row it stands in and a probability."""

    titles: list[tuple[str, Row, float]] = field(default_factory=list)
    organisations: list[tuple[str, Row, float]] = field(default_factory=list)


@lru_cache(maxsize=REPEATS)
def split_job(text: str) -> tuple[str, str]:
    """Return title and organisation of a text that names both, the organisation empty where it names none."""
    title, organisation = _split_job(text)
    return title, re.split(r",\s+(?=[^\W\d_A-ZÀ-Þ])", organisation)[0]


def _han_job(text: str) -> tuple[str, str]:
    """Return title and organisation of a text in Chinese characters, where either ends the one before it."""
    left, space, right = text.rpartition(" ")
    if space and HANS.search(right) and title_score(right) >= 0.85 and organisation_score(left) >= 0.8:
        return right, left
    found = _HAN_JOB.match(text.replace(" ", ""))
    return (found["title"], found["organisation"]) if found and title_score(found["title"]) else ("", "")


def _split_job(text: str) -> tuple[str, str]:
    if (told := _han_job(text))[0]:
        return told
    found = _AT.match(text)
    if found and title_score(found["title"]):
        return found["title"], found["organisation"]
    for comma in [found.start() for found in re.finditer(r",\s", text)][::-1]:
        title, organisation = text[:comma], text[comma + 1 :].strip()
        if title_score(title) >= 0.5 and organisation_score(organisation) >= 0.8 and title_score(organisation) < 0.75:
            return title, organisation
    found = _OF.match(text)
    if found and title_score(found["title"]) >= 0.5 and organisation_score(found["organisation"]) >= 0.8:
        return found["title"].strip(" ,"), found["organisation"]
    found = _QUOTED.search(text) or _RUN_ON.match(text)
    if found and (found.re is _QUOTED or organisation_score(found["organisation"]) >= 0.9):
        return text, found["organisation"]
    return text, ""


def _initials(text: str, name: str) -> bool:
    letters = re.sub(r"[^\w]", "", fold(text))
    firsts = "".join(word[0] for word in fold(name).split() if word[0].isalpha())
    return len(letters) <= 4 and bool(letters) and (letters in firsts or set(letters) <= set(firsts))


def _trailing(row: Row, part: Part) -> bool:
    """Tell whether a part of unknown kind stands where an employer does: after a title and a comma, or in brackets."""
    place = next(number for number, one in enumerate(row.parts) if one is part)
    if not place or not part.text[:1].isupper() or len(part.text) > 60 or re.search(r"\d{2}", part.text):
        return False
    before = row.parts[place - 1]
    if _no_employer(part.text) or (before.kind == "title" and is_field(part.text)):
        return False
    if place > 1 and before.kind == "other" and is_field(before.text):  # "Director, Infrastructure, Noord"
        before = row.parts[place - 2]
    if before.kind == "title":
        # What comes behind it must be apart by its markup: a further comma would go on with a list.
        last = place == len(row.parts) - 1 or row.parts[place + 1].before == "<"
        return part.before == "@" or (last and part.before in {",", "，", "|", "–", "—", "-"})
    if before.kind != "name" or len(part.text) < 3:
        return False
    if part.before in {"–", "—", "-"} and place == len(row.parts) - 1:
        return len(part.text.split()) <= 4
    return (part.before in {",", "，"} and place == 1) or (part.before in {"(", "（"} and len(part.text) > 3)


def _no_employer(text: str) -> bool:
    """Tell whether a text is a common place, a degree, a study, a standing, or points back to what stood before."""
    folded = text.casefold()
    common = folded in words("ordinary", "place") or folded.endswith(tuple(words("cues", "above")))
    return common or is_degree(text) or is_study(text) or is_status(text) or is_pronoun(text)


@cache
def _studies() -> frozenset[str]:
    return frozenset(fold(word) for word in words("cues", "study"))


def _is_about(text: str) -> bool:
    """Tell whether a line is a sentence about somebody, or a degree and where it was got: no title and no employer."""
    found = _STUDY.match(text)
    return bool(_SENTENCE.match(text) or _AS.match(text)) or (
        found is not None and fold(found[1]).replace(".", "") in _studies()
    )


def _as_what(row: Row) -> str:
    """Return what somebody does by a sentence that begins with it: "Als Kassierer kümmert er sich um …"."""
    found = _AS.match(row.line.text)
    return found["role"] if found is not None and title_score(found["role"]) >= 0.5 else ""


def _sets_apart(record: Record) -> bool:
    """Tell whether titles stand above the names and end in a colon, so that no department below one is a title."""
    above = [row.line.text for row, _ in record.own if row.line.index < record.row.line.index]
    above += [heading.line.text for heading in record.headings[:1]]
    return any(text.endswith((":", "：")) and title_score(text.rstrip(":： ")) >= 0.5 for text in above)


@lru_cache(maxsize=REPEATS)
def _tells(text: str) -> bool:
    """Tell whether a text is too much of a sentence to be a title."""
    found = text.split()
    small = sum(word[0].islower() for word in found)
    # In small letters throughout, it is a title in languages that write titles so.
    worded = len(found) > 9 and 5 * small > 3 * len(found) and not text.islower()
    return len(found) > 14 or worded or bool(re.search(r"[”“\"?!]", text))


def _whole(row: Row, part: Part) -> str:
    """Return an organisation with what goes on naming it: "Faculty of Law, University of Westmark"."""
    place = next((number for number, one in enumerate(row.parts) if one is part), len(row.parts) - 1)
    named, stop, _ = part.text.partition(". ")
    if stop and _LONG_WORD.search(named) and organisation_score(named) >= 0.85:
        return named  # "Northgate University. Tides and currents"
    if place + 1 >= len(row.parts):
        return part.text
    after = row.parts[place + 1]
    goes_on = after.before in {",", "，"} and after.kind == "organisation" and after.score >= 0.8
    closed = row.line.text[after.end : after.end + 1] in {"）", ")"}
    town = after.before == "（" and len(after.text) <= 4 and after.kind == "other" and closed
    if town:
        return f"{part.text}（{after.text}）"
    return squeeze(row.line.text[part.start : after.end]).strip(" .,;") if goes_on else part.text


def _after_name(row: Row, part: Part) -> bool:
    """Tell whether a part stands behind a name and a comma, where degrees do: "Jane Roe, MD"."""
    place = next(number for number, one in enumerate(row.parts) if one is part)
    return place > 0 and part.before in {",", "，"} and row.parts[place - 1].kind == "name"


def _heads(row: Row, part: Part, record: Record) -> bool:
    """Tell whether a unit stands as the label of a name: in "Direction des services : Jane Roe" it is what she does."""
    if row is not record.row or part.kind != "organisation" or part.score >= 0.9 or part.end > record.part.start:
        return False
    first = tokens(part.text)[:1]
    unit = bool(first) and (first[0] in word_class("roles", "body") or first[0] in word_class("roles", "unit"))
    return unit and record.part.before in {":", "："}


def job(record: Record) -> Job:
    """Return the titles and organisations of a record in order, the organisations by how sure they are."""
    found = Job()
    name, apart = record.part.text, _sets_apart(record)
    for row, part in record.own:
        far = abs(row.line.index - record.row.line.index)
        unit = apart and part.kind == "title" and part.score < 0.6
        if far and (unit or (part.kind in {"title", "organisation"} and _is_about(row.line.text))):
            what = _as_what(row)
            found.titles += [(what, row, 0.8)] if what else []
            continue
        if far > 5 and part.kind == "title" and part.score < 0.85:
            continue
        headline = row.line.level == 1 and row is not record.row and len(part.text.split()) > 5
        if part.kind == "title" and ((part.score == 0.5 and far > 2) or headline):
            continue
        if part.kind == "title" and part.text.isupper() and is_degree(part.text) and _after_name(row, part):
            continue
        if _heads(row, part, record):
            found.titles.append((part.text, row, 0.75))
            continue
        if _about(found, row, part):
            continue
        if part.kind == "title" and part.score >= 0.5 and not _tells(part.text):
            title, organisation = split_job(part.text)
            found.titles.append((title, row, part.score))
            if organisation:
                found.organisations.append((organisation.strip(" .,)"), row, 0.85 if row is record.row else 0.8))
        elif part.kind == "organisation" and not (headline or _initials(part.text, name) or is_degree(part.text)):
            score = part.score
            above = row.line.index < record.row.line.index
            heading = 0 < row.line.level < 7  # as easily the title of a talk
            score += 0.05 if row is record.row else (-0.3 if heading else -0.1) if above else 0.0
            named = full_stop(_whole(row, part))
            found.organisations.append((without_issue(named) if heading else named, row, score))
        elif part.kind == "other" and part.text and _trailing(row, part):
            found.organisations.append((part.text, row, 0.5))
    return found


def _about(found: Job, row: Row, part: Part) -> bool:
    """Give the last title the field that stands behind it, "Director, Infrastructure"; tells whether it did."""
    if not found.titles or part.kind not in {"other", "organisation"} or not is_field(part.text):
        return False
    title, its_row, score = found.titles[-1]
    place = next(number for number, one in enumerate(row.parts) if one is part)
    before = row.parts[place - 1] if place else part
    if its_row is not row or before.text != title or not goes_on(part.before):
        return False
    found.titles[-1] = (squeeze(row.line.text[before.start : part.end]), row, score)
    return True


def _elsewhere(href: str) -> bool:
    return bool(_PROFILE_HOSTS.search((urlsplit(href).hostname or "").removeprefix("www.")))


def _links(record: Record, row: Row) -> Iterator[str]:
    """Yield the link targets of a row that speak of the person: on the name, to a profile host, or called a profile."""
    crowd = row is record.row and sum(part.kind == "name" for part in row.parts) > 1
    for atom in row.line.atoms:
        href, size = atom.href.strip(), max(1, len(atom.text))
        if not href or href.startswith(("#", "mailto:", "tel:", "javascript:", "data:")) or _SHARE.search(href):
            continue
        part = record.part
        named = row is record.row and atom.start < part.end and part.start < atom.start + size
        called = fold(squeeze(atom.text)).strip(" .:[]") in words("cues", "web")
        if named or (not crowd and (called or _elsewhere(href))):
            yield href


def profiles(record: Record) -> list[tuple[str, Row, bool]]:
    """Return the profile links of a record: address, row, and whether it is the person's account elsewhere."""
    kept: dict[str, tuple[str, Row, bool]] = {}
    for row in {id(row): row for row in [record.row, *(row for row, _ in record.own)]}.values():
        if row.prose:
            continue
        for href in _links(record, row):
            kept.setdefault(href, (href, row, _elsewhere(href)))
    for row, part in record.own:
        if part.contact is not None and part.contact.kind == LINK and not row.prose:
            href = part.contact.text if "://" in part.contact.text else f"https://{part.contact.text}"
            kept.setdefault(href, (href, row, _elsewhere(href)))
    return list(kept.values())
