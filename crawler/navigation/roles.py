"""What a link is to its page: an entry of its list, the next page of it, a person's page, a document. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler import lexicon
from crawler.navigation.anchors import Anchor, Zone, dated
from crawler.navigation.traps import trap
from crawler.remembering import REPEATS

#: So many links with one template below the page's own path, or elsewhere, are its entries.
_FEWEST_BELOW, _FEWEST_ELSEWHERE = 2, 3
#: So many links that are one letter each are an A to Z.
_FEWEST_LETTERS = 5


class Role(StrEnum):
    """What a link is to its page. One link may have several roles."""

    PEOPLE = "people"  # by its words: team, board, speakers
    CONTACT = "contact"  # by its words: contact, imprint, about
    DOCUMENTS = "documents"  # by its words: press, reports, programme
    ITEM = "item"  # an entry of the list that the page shows
    ARTICLE = "article"  # an entry that carries a date, or that a feed announces
    NEXT = "next"  # another page of the same list
    LETTER = "letter"  # one letter of an A to Z
    FILE = "file"  # a PDF
    CARD = "card"  # a vCard
    FEED = "feed"  # RSS, Atom, JSON Feed
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Cues:
    pattern: re.Pattern[str]
    classes: Mapping[str, str]


_BY_WORDS = (Role.PEOPLE, Role.CONTACT, Role.DOCUMENTS)
_BY_SUFFIX = {"pdf": Role.FILE, "vcf": Role.CARD, "vcard": Role.CARD}
_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_PAGE_NUMBER = re.compile(r"[\[(]?\s*\d{1,4}\s*[\])]?")
_PAGE_PIECE = re.compile(
    r"(?<=[/_.-])(?:page|pagina|seite|strona|p)[/_-]?\d{1,4}(?=$|[/.])|(?<=[?&])(?:page|paged|pagina|seite|strona|p|pg|"
    r"start|offset|limitstart|from|tx_[^=&]*page[^=&]*)=\d{1,6}"
)
_ARROWS = frozenset({"›", "»", ">", ">>", "→", "⟩", "❯"})


def roles(anchors: list[Anchor], page_url: str, below: Sequence[str] = ()) -> dict[str, frozenset[Role]]:
    """Return the roles of each link that is worth a look, by URL, in document order.

    `below` names the URLs of lists, as for `url_roles`. Left out are the page itself, files without text about people,
    endless sets, and what leads away by its words.
    """
    entries = _entries(anchors, page_url)
    letters = {anchor.url for anchor in anchors if _is_letter(anchor.text)} - {page_url}
    folders = _folders(tuple(below))
    found: dict[str, frozenset[Role]] = {}
    for anchor in anchors:
        feed = anchor.media_type in _FEEDS
        worth = frozenset({Role.FEED}) if feed else _url_roles(anchor.url, anchor.text, folders)
        if worth is None or anchor.url == page_url:
            continue
        own = set(worth)
        if anchor.url in entries:
            own.add(Role.ITEM)
        if anchor.entry and anchor.zone is Zone.CONTENT:
            own.add(Role.ARTICLE)
        if len(letters) >= _FEWEST_LETTERS and anchor.url in letters:
            own = {Role.LETTER}
        if is_next(anchor, page_url):
            own = {Role.NEXT}
        found[anchor.url] = found.get(anchor.url, frozenset()) | own
    return {url: known - {Role.OTHER} or frozenset({Role.OTHER}) for url, known in found.items()}


def url_roles(url: str, text: str = "", below: Iterable[str] = ()) -> frozenset[Role] | None:
    """Return the roles that a URL and the text of its link tell; None when it is not worth a request.

    `below` names the URLs of lists: what lies below one of them is taken for an entry of it.
    """
    return _url_roles(url, text, _folders(tuple(below)))


def _url_roles(url: str, text: str, folders: _Folders) -> frozenset[Role] | None:
    own = _told(url, text)
    if own is not None and _is_entry(url, folders):
        own |= {Role.ITEM}
    return own if own is None else own or frozenset({Role.OTHER})


# The menu of a site stands on each of its pages.
@lru_cache(maxsize=REPEATS)
def _told(url: str, text: str) -> frozenset[Role] | None:
    """Return what a URL and a text tell by themselves; None when it is not worth a request."""
    path = unquote(urlsplit(url).path)
    suffix = path.rpartition(".")[2].casefold() if "." in path.rpartition("/")[2] else ""
    if suffix in lexicon.words("links", "files") or trap(url):
        return None
    cues = _cues()
    words = " ".join(f"{text} {re.sub(r'[/_.+-]+', ' ', path)} ".casefold().split())
    classes = {cues.classes[match] for match in cues.pattern.findall(words)}
    own = {role for role in _BY_WORDS if role.value in classes}
    if "away" in classes and not own & {Role.PEOPLE, Role.CONTACT}:
        return None
    if suffix in _BY_SUFFIX:
        own.add(_BY_SUFFIX[suffix])
    if dated(url):
        own.add(Role.ARTICLE)
    return frozenset(own)


def is_next(anchor: Anchor, page_url: str) -> bool:
    """Tell whether a link turns the page of a list: it says so, or it is a number that changes a page number only."""
    if "next" in anchor.relation:
        return True
    text = anchor.text.casefold().strip()
    words = text in lexicon.words("links", "next") or text.strip(" ›»>→") in lexicon.words("links", "next")
    if words or text in _ARROWS:
        return anchor.zone is Zone.PAGER or same_list(anchor.url, page_url)
    if anchor.zone is Zone.PAGER:
        return bool(_PAGE_NUMBER.fullmatch(text))
    return bool(_PAGE_NUMBER.fullmatch(text)) and same_list(anchor.url, page_url)


def same_list(url: str, page_url: str) -> bool:
    """Tell whether two URLs are the same but for a page number, which either may lack."""
    return url != page_url and _without_page(url) == _without_page(page_url)


def _without_page(url: str) -> str:
    bare = _PAGE_PIECE.sub("", url)
    return re.sub(r"[?&/_.-]+$", "", re.sub(r"/+(?=$|[?.])", "", bare))


def _is_letter(text: str) -> bool:
    return (len(text) == 1 and text.isalpha()) or text in {"0-9", "#", "0–9"}


def _entries(anchors: list[Anchor], page_url: str) -> set[str]:
    """Return the URLs that are entries of the list a page shows.

    These are several links of one template in its content, or links that are headings there, even a single one.
    """
    groups: dict[tuple[str, str, tuple[str, ...]], set[str]] = defaultdict(set)
    for anchor in anchors:
        if anchor.zone is Zone.CONTENT and anchor.url != page_url and not _is_letter(anchor.text):
            groups[_template(anchor.url)].add(anchor.url)
    found = {anchor.url for anchor in anchors if anchor.titled and anchor.zone is Zone.CONTENT} - {page_url}
    for urls in groups.values():
        below = all(_lies_below(url, page_url) for url in urls)
        if len(urls) >= (_FEWEST_BELOW if below else _FEWEST_ELSEWHERE):
            found |= urls
    return found


def _template(url: str) -> tuple[str, str, tuple[str, ...]]:
    """Return what the entries of one list share: the folder, the suffix and the names of the parameters."""
    parts = urlsplit(url)
    folder, _, last = parts.path.rstrip("/").rpartition("/")
    suffix = last.rpartition(".")[2] if "." in last else ""
    keys = tuple(sorted(key for key, _ in parse_qsl(parts.query)))
    return (f"{folder}/{last}" if keys else folder), suffix, keys


def _lies_below(url: str, place: str) -> bool:
    """Tell whether a URL lies in the folder that a list is, or that it is the index or a page of; the root has none."""
    folder = _folder(place)
    return bool(folder) and urlsplit(url).path.startswith(f"{folder}/") and url != place


def _folder(place: str) -> str:
    folder = urlsplit(place).path
    last = folder.rpartition("/")[2]
    if "." in last:
        folder = folder.removesuffix(last) if last.startswith("index.") else folder.rpartition(".")[0]
    return folder.rstrip("/")


def _is_entry(url: str, folders: _Folders) -> bool:
    """Tell whether a URL lies below one of some lists, given by their folders."""
    path = urlsplit(url).path
    parents = (path[:place] for place, char in enumerate(path) if char == "/")
    return any(folders.get(folder, frozenset()) - {url} for folder in parents)


_Folders = Mapping[str, frozenset[str]]


# A source may name thousands of lists: they are asked for once a page, for even to find them here takes its time.
@lru_cache(maxsize=16)
def _folders(lists: tuple[str, ...]) -> _Folders:
    """Return the URLs of lists by their folder; those of the root have none."""
    found: dict[str, set[str]] = defaultdict(set)
    for place in lists:
        found[_folder(place)].add(place)
    return {folder: frozenset(places) for folder, places in found.items() if folder}


@cache
def _cues() -> _Cues:
    classes: dict[str, str] = {}
    for kind in ("away", "documents", "contact", "people"):
        classes.update(dict.fromkeys((word.replace("-", " ") for word in lexicon.words("links", kind)), kind))
    longest_first = sorted(classes, key=lambda word: (-len(word), word))
    return _Cues(re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)"), classes)
