"""The organisation whose page this is: read from what a page says about itself, decided by agreement."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from lxml.html import HtmlElement

from crawler.extraction.issues import without_issue
from crawler.extraction.lines import Line, squeeze
from crawler.extraction.meaning import HANS, full_stop, organisation_score, title_score, tokens, word_class
from crawler.extraction.names import read_name
from crawler.lexicon import fold, words
from crawler.page import Page

_SPLIT = re.compile(r"\s+[|–—·•»«›:/-]+\s+|\s*[|»«]\s*|\s[-–—]|:\s")
_QUOTED = re.compile(r"«[^«»]{1,80}»")
_STREET = re.compile(r",\s+[^,]{3,40}\s\d{1,4}\s?[a-z]?(?:,.*)?$")
_PHOTO = re.compile(
    r"[/@]|\b(?:photo|foto|image|bild|getty|unsplash|shutterstock|istock|dpa|afp|picture)", re.IGNORECASE
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:©|\(c\))?\s*(?:\d{4}(?:\s*[-–/]\s*\d{2,4})?)?[\s,.:|–-]*(?:by\s+)?([^|•·©\n]{2,80})",
    re.IGNORECASE,
)
_COPYRIGHT_END = re.compile(
    r"\s*(?:[|•·©,]|\.\s|\.$|(?<=[»”])\.|\b(?:all|alle|tous|todos|tutti|wszelkie)\s+(?:rights|recht|droits|os|los|i|diritti|prawa)|[12]\d{3}|–|-\s)",
    re.IGNORECASE,
)
_WELCOME = re.compile(
    r"^(?:about(?: us)?|über|welcome to|willkommen (?:bei|beim)|welkom bij|bienvenue (?:sur|à)|bienvenidos? a)\s+",
    re.IGNORECASE,
)
_BRAND = re.compile(r"logo|brand|site-?title|site-?name|masthead|wordmark", re.IGNORECASE)
_META = {"og:site_name": 2.0, "application-name": 1.6, "publisher": 1.6, "dcterms.publisher": 1.6, "copyright": 0.8}
_EDGES = " .,;:·|-–—*©!‹›"
#: Elements around a text in which the mark of a logo is looked for: a link, and what wraps the words in it.
_BRAND_WRAPPERS = 3

Vote = tuple[str, float, str]


def host_name(page: Page) -> str:
    """Return the label of a page's host that names its owner: "roe-house" of `www.roe-house.co.uk`."""
    labels = page.host.removeprefix("www.").split(".")
    hosting = {"github", "gitlab", "wordpress", "blogspot", "netlify", "co", "com", "org", "ac", "gov"}
    label = labels[-3] if len(labels) > 2 and labels[-2] in hosting else labels[-2] if len(labels) > 1 else labels[0]
    return re.sub(r"[^a-z0-9-]", "", label)


def fits_host(name: str, host: str) -> bool:
    """Tell whether a host is made of a name: of all of it, of its initials, or of its longer words."""
    folded = [re.sub(r"[^a-z0-9]", "", word) for word in fold(name).split()]
    whole, bare = "".join(folded), host.replace("-", "")
    initials = "".join(word[0] for word in folded if word)
    if len(bare) < 3 or len(whole) < 3:
        return False
    left = bare
    for word in sorted(folded, key=len, reverse=True):
        left = left.replace(word, "", 1) if len(word) > 2 else left
    return whole in bare or bare in whole or len(left) < 3 or (len(initials) > 2 and initials in bare)


@lru_cache(maxsize=1)
def _letters(texts: tuple[str, ...]) -> list[str]:
    """Return the letters and digits of the lines of a page, once for all the addresses on it."""
    return [re.sub(r"[^a-z0-9]", "", fold(text)) for text in texts]


def employer_of(address: str, lines: list[Line]) -> tuple[str, Line] | None:
    """Return the name that a page writes for the domain of a work address, and where; None where it writes none.

    `press@naturstrom.example` belongs to "naturstrom AG" where the page says so.
    """
    labels = address.rpartition("@")[2].casefold().split(".")
    label = re.sub(r"[^a-z0-9]", "", labels[-2] if len(labels) > 1 else "")
    if len(label) < 4 or ".".join(labels) in words("mailboxes", "free"):
        return None
    for line, letters in zip(lines, _letters(tuple(line.text for line in lines)), strict=True):
        if label[:4] not in letters:
            continue
        found = [word.strip(_EDGES + '()"“”„«»') for word in line.text.split()]
        for size in (1, 2, 3):
            for at in range(len(found) - size + 1):
                name = " ".join(found[at : at + size])
                plain = re.sub(r"[^a-z0-9]", "", fold(name))
                if plain == label and "@" not in name and "." not in name:
                    after = " ".join(found[at : at + size + 1])
                    return (after if organisation_score(after) >= 0.95 else name), line
    return None


def _clean(name: str) -> str:
    return full_stop(_WELCOME.sub("", _STREET.sub("", without_issue(squeeze(name))).strip(_EDGES)).strip(_EDGES))


def _split(text: str) -> list[str]:
    """Return the pieces of a title; a name in French quotation marks is one: "Team | ООО «Ромашка»"."""
    kept = _QUOTED.sub(lambda found: found.group().replace("«", "\x01").replace("»", "\x02"), text)
    pieces = [piece.replace("\x01", "«").replace("\x02", "»") for piece in _SPLIT.split(kept)]
    if HANS.search(text):  # scripts without spaces part their titles without them
        return [part for piece in pieces for part in re.split(r"[｜_\-－—|]", piece)]
    return pieces


@cache
def _menu() -> frozenset[str]:
    kinds = (("ordinary", "ordinary"), ("roles", "body"), ("roles", "head"), ("cues", "contact"), ("cues", "title"))
    return frozenset(fold(word) for topic, kind in kinds for word in words(topic, kind))


def _sentence(name: str) -> bool:
    found = [word for word in name.split() if len(word) > 3]
    return len(found) > 2 and 2 * sum(word[0].islower() for word in found) >= len(found)


def _kind_only(name: str, found: Sequence[str]) -> bool:
    """Tell whether a text says what kind of organisation it is and not which: the menu entry "Verein"."""
    return len(found) == 1 and not name.isupper() and found[0] in word_class("cues", "organisation_word")


def plausible(name: str) -> bool:
    """Tell whether a text can be an organisation's name at all: not a menu entry, a sentence, an address or a job."""
    found = tokens(name)
    if name in words("ordinary", "ordinary") or _kind_only(name, found):
        return False
    if (
        not 2 <= len(name) <= 110
        or not found
        or len(found) > 14
        or re.search(r"[?!]$|@|http|:\s|\d{4}.*\d{3}|\d{2}[ .·]\d{2}[ .·]\d{2}", name)
    ):
        return False
    organisation = organisation_score(name)
    menu = sum(word in _menu() or len(word) < 3 for word in found)
    if menu == len(found) and organisation < 0.8 and len(found) < 4:
        return False
    return not (title_score(name) >= 0.5 and organisation < 0.8) and not (len(found) > 8 and organisation < 0.9)


def _from_head(page: Page) -> Iterator[Vote]:
    root = page.root
    if root is None:
        return
    for meta in root.iter("meta"):
        weight = _META.get((meta.get("property") or meta.get("name") or "").lower(), 0.0)
        content = meta.get("content") or ""
        if weight and content:
            pieces = _split(content)
            yield from ((piece, weight / len(pieces) ** 0.5, "/html/head/meta") for piece in pieces)
    title = root.find(".//title")
    if title is not None and title.text:
        pieces = [piece for piece in _split(squeeze(title.text)) if piece.strip()]
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            yield piece, 0.6 if len(pieces) == 1 else 1.1 if last else 0.9, "/html/head/title"
    for image in root.iter("img"):
        alt, mark = (
            squeeze(image.get("alt") or ""),
            f"{image.get('class')} {image.get('id')} {image.get('src')} {image.get('alt')}",
        )
        if 2 < len(alt) < 80 and _BRAND.search(mark):
            yield (
                re.sub(r"(?i)\b(?:the\s+)?logo\b(?:\s+(?:of|de|von|van|di))?", "", alt),
                0.5,
                str(root.getroottree().getpath(image)),
            )


def _brand(line: Line) -> str:
    """Return the text of a line that its markup calls a logo or a brand: often a link among those of the menu."""
    shown: dict[HtmlElement, str] = {}
    for atom in line.atoms:
        element = atom.element
        for _ in range(_BRAND_WRAPPERS):
            if element is None or element is line.element:
                break
            mark = f"{element.get('class', '')} {element.get('id', '')}"
            if len(mark) > 1 and _BRAND.search(mark):
                shown[element] = f"{shown.get(element, '')}{atom.text}"
                break
            element = element.getparent()
    return next((text for text in shown.values() if text.strip()), "")


def _named(text: str) -> list[str]:
    """Return the items of a line that are an organisation's name: "Westmark Tides Ltd · Imprint · Privacy"."""
    return [piece for piece in _split(text) if organisation_score(piece.strip()) >= 0.85]


def _from_lines(lines: list[Line]) -> Iterator[Vote]:
    firms = {
        line.text
        for line in lines
        if len(line.text) <= 90 and line.zone != "nav" and organisation_score(line.text) >= 0.95
    }
    legal = 0.5 if len(firms) < 3 else 0.3  # an imprint names one firm, a list of exhibitors many
    for line in lines:
        text = line.text
        if "©" in text or "opyright" in text or "(c)" in text[:40].lower():
            found = _COPYRIGHT.search(text[:300])
            if found:
                credit = not re.search(r"[12]\d{3}", found.group()) and (
                    line.tag == "figcaption" or _PHOTO.search(text)
                )
                if not credit:
                    yield _COPYRIGHT_END.split(found.group(1))[0], 1.3, line.where()
                continue
        brand = _brand(line) if line.index < 25 else ""
        if brand and len(brand) <= 90:
            yield brand, 1.2, line.where()
        if brand or len(text) > 90 or not text:
            continue
        if line.index < 25 and _BRAND.search(line.sign[-70:]):
            yield text, 1.2, line.where()
        elif line.zone in {"header", "footer"} and (named := _named(text)):
            yield from ((piece, 0.5, line.where()) for piece in named)
        elif line.index < 8 and line.level in {2, 3, 8} and organisation_score(text) >= 0.85:
            yield text, 0.5, line.where()  # the name in bold at the top of a page without markup
        elif line.level == 1:
            sure = 0.5 if organisation_score(text) >= 0.85 and not _sentence(text) else 0.4
            yield from ((piece, sure, line.where()) for piece in _split(text))
        elif text in firms and line.zone != "nav":
            yield text, legal, line.where()


def page_organisation(page: Page, lines: list[Line]) -> tuple[str, str, float]:
    """Return the name of the organisation behind a page, where it was read (XPath) and how sure that is.

    The source register's word outranks the page. Otherwise site name, title, logo, copyright line and headings each
    vote for the names they give; agreement among them and with the host name counts. Empty when nothing is clear.
    """
    if page.publisher:
        return page.publisher, "source", 0.95
    votes: dict[str, float] = defaultdict(float)
    shown: dict[str, tuple[str, str]] = {}
    host = host_name(page)
    headlines = {re.sub(r"\W", "", fold(line.text)) for line in lines if line.level == 1}
    for raw, weight, where in (*_from_head(page), *_from_lines(lines)):
        name = _clean(raw)
        key = re.sub(r"\W", "", fold(name))
        if not key or not plausible(name):
            continue
        organisation, fits = organisation_score(name), fits_host(name, host)
        person = read_name(name).score > 0.8 and organisation < 0.5 and not fits  # somebody's own page, or the author
        topic = key in headlines and (_sentence(name) or (not fits and organisation < 0.5))  # the page's own headline
        bare_host = bool(re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", name))
        first = key not in shown
        votes[key] += weight * (0.2 if person or topic else 0.4 if bare_host else 1.0) + (
            0.8 * fits + 0.5 * organisation if first else 0.0
        )
        shown.setdefault(key, (name, where))
    keys = sorted(votes)
    support = {
        key: sum(0.3 * votes[other] for other in keys if other != key and len(other) > 3 and other in key)
        for key in keys
    }
    if not keys:
        return "", "", 0.0
    best = max(keys, key=lambda key: votes[key] + support[key])
    total = votes[best] + support[best]
    return (*shown[best], min(0.9, 0.3 + 0.2 * total)) if total >= 0.9 else ("", "", 0.0)


@cache
def _event_words() -> frozenset[str]:
    return frozenset(fold(word) for word in words("cues", "event"))


def is_event(page: Page, name: str, lines: list[Line]) -> bool:
    """Tell whether the page speaks of an event: its people work elsewhere than at the page's owner."""
    head = f"{name} " + " ".join(line.text for line in lines if line.level in {1, 2} and line.zone != "footer")[:400]
    root = page.root
    title = root.find(".//title") if root is not None else None
    head += f" {title.text if title is not None and title.text else ''}"
    return not _event_words().isdisjoint(tokens(head)) or bool(re.search(r"[A-Za-z]{2,}[\s'’-]?20[0-4]\d\b", name))
