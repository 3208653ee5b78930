"""From a page to its mentions, most explicit reading first."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from crawler.errors import UNFORESEEN
from crawler.extraction.gate import in_business
from crawler.extraction.merge import unite
from crawler.extraction.miner import mine
from crawler.items import Disposal, Mention, MentionType, Method, Property
from crawler.page import Kind, Page

__all__ = ["mentions"]

#: The readers of each kind of document, most explicit first; a module is loaded when its kind is met.
_READERS: dict[Kind, tuple[str, ...]] = {
    Kind.HTML: ("structured", "microformats", "vcard"),
    Kind.JSON: ("structured",),
    Kind.VCARD: ("vcard",),
    Kind.FEED: ("feeds",),
}

_MARKUP = frozenset(
    {Method.JSON_LD, Method.MICRODATA, Method.RDFA, Method.H_CARD, Method.VCARD, Method.FEED, Method.META}
)


def mentions(page: Page, *, disposals: list[Disposal] | None = None) -> list[Mention]:
    """Return what a page says about people and organisations.

    Readings of one person on one page are united, the most explicit leading; `ordinal` tells different mentions of one
    name apart. Each carries the language that the page is read in (`Page.read_in`), so that a file without a word about
    it is judged as a crawl of it would be. What is left out by rule is counted in `disposals`, never quoted. A reader
    that fails on a page costs its own readings and is counted as an error. Raises DocumentError for a document that is
    damaged beyond reading.
    """
    dropped = disposals if disposals is not None else []
    found: list[Mention] = []
    for name in _READERS.get(page.kind, ()):
        read: Callable[[Page, list[Disposal]], list[Mention]] = import_module(f"{__name__}.{name}").read
        try:
            found += read(page, dropped)
        except UNFORESEEN as error:
            dropped.append(Disposal("extraction", "error", name, type(error).__name__))
    try:
        found = mine(page, dropped, found) if page.kind in {Kind.HTML, Kind.PDF, Kind.TEXT} else unite(found)
    except UNFORESEEN as error:
        dropped.append(Disposal("extraction", "error", "miner", type(error).__name__))
    kept = [mention for mention in found if not _only_named(mention)]
    for mention in kept:
        mention.language = mention.language or page.read_in
    dropped += [Disposal("extraction", "no-business-context", "name", "only-named")] * (len(found) - len(kept))
    return kept


def _only_named(mention: Mention) -> bool:
    """Tell whether markup names a person and says nothing else: a byline, the owner of a blog.

    A name that was mined has passed the people gate, where a list of colleagues vouches for each of them.
    """
    named = mention.type is MentionType.PERSON and mention.all(Property.NAME)[:1]
    return bool(named and named[0].method in _MARKUP and not in_business(mention))
