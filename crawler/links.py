"""Which links of a page are worth a request, best first. Pure: no Scrapy, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from crawler.navigation.anchors import Zone, anchors, same_site
from crawler.navigation.roles import Role, is_next, roles, url_roles
from crawler.navigation.sitemaps import announced, read
from crawler.page import Kind, Page

__all__ = ["SITE", "Link", "links", "list_mark", "same_site", "sitemap"]

#: What a link is worth on the site of an organisation; what promises nothing is still read when the budget allows.
SITE: Mapping[Role, int] = {
    Role.PEOPLE: 30,
    Role.CONTACT: 20,
    Role.DOCUMENTS: 10,
    Role.FILE: 0,
    Role.CARD: 0,
    Role.FEED: 0,
    Role.ITEM: 0,
    Role.ARTICLE: 0,
    Role.LETTER: 0,
    Role.NEXT: 0,
    Role.OTHER: 0,
}
#: A card or a report names people more often than the page beside it; a list goes on before something else begins.
_BONUS, _FAVOURED = 5, frozenset({Role.FILE, Role.CARD, Role.NEXT})
#: An article that only a sitemap names comes after those of the list, whose order is the publisher's.
_ONLY_LISTED = 2


class Link(NamedTuple):
    """A URL worth reading, without a fragment, its priority (higher is sooner), and whether it goes on with a list."""

    url: str
    priority: int
    turns: bool = False


def links(page: Page, worth: Mapping[Role, int] = SITE, below: Sequence[str] = ()) -> list[Link]:
    """Return the links of a page or feed that stay on its site, each once with its best priority, in document order.

    `worth` is what each role of a link is worth as a request priority; a link whose roles are all missing there is not
    followed. `below` are URLs of lists: a link to below one of them is an entry of it. Link texts, titles and paths are
    read with the words of `links.toml`, all languages at once: a Dutch site may well have an English menu. Calendars,
    facets, sessions and other endless sets are left out.
    """
    if page.kind is Kind.FEED:
        known = {one.url: (url_roles(one.url, one.title) or frozenset()) | {Role.ARTICLE} for one in announced(page)}
        return _links(known, worth)
    return _links(roles(anchors(page), page.url, below), worth)


def sitemap(page: Page, worth: Mapping[Role, int] = SITE, below: Sequence[str] = ()) -> tuple[list[Link], list[str]]:
    """Return the page links, newest first, and the further sitemaps of a sitemap; both empty when it cannot be read.

    `below` are URLs of lists: a page that lies below one of them counts as an entry of it.
    """
    found = read(page)
    known: dict[str, frozenset[Role]] = {}
    for one in found.pages:
        own = url_roles(one.url, one.title, below)
        if own is not None:
            known[one.url] = own | {Role.ARTICLE} if one.article else own
    late = {Role.ARTICLE: worth[Role.ARTICLE] - _ONLY_LISTED} if Role.ARTICLE in worth else {}
    return _links(known, {**worth, **late}), list(found.further)


def list_mark(page: Page) -> str:
    """Return a mark of what a page lists, its pager left out: two pages with one mark show the same list.

    A list whose last page is followed by itself, or by empty pages without end, is told by it.
    """
    found = anchors(page)
    entries = sorted(
        {anchor.url for anchor in found if anchor.zone is Zone.CONTENT and not is_next(anchor, page.url)} - {page.url}
    )
    text = "" if page.root is None else "".join(char for char in page.root.text_content() if char.isalpha())
    return blake2b("\n".join(entries or [text]).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _links(known: Mapping[str, frozenset[Role]], worth: Mapping[Role, int]) -> list[Link]:
    found: list[Link] = []
    for url, own in known.items():
        amounts = [worth[role] for role in own if role in worth]
        if amounts:
            bonus = _BONUS if own & _FAVOURED else 0
            found.append(Link(url, max(amounts) + bonus, Role.NEXT in own))
    return found
