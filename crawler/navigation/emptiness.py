"""Pages that say nothing before their scripts have run. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from crawler.page import Kind, Page

#: Letters and digits that a page without content still shows: a name, "Loading…", a copyright line.
_FEW_SIGNS = 120
#: Links by which such a page would lead on even without its scripts.
_FEW_LINKS = 3
_MOST_ELEMENTS = 20_000
_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "link", "meta"})
#: Elements that a script fills in: they stand empty in the document and are named, for the script to find them.
_HOLDERS = frozenset({"div", "main", "section", "article", "ul", "ol", "table", "tbody", "span"})


def is_empty_without_scripts(page: Page) -> bool:
    """Tell whether a page must be drawn to be read: it brings scripts, shows next to nothing, and has a place to fill.

    Such a place is an empty element with an id or a custom element, or a `<noscript>` that asks for scripts. The text
    of menus, headers and footers counts for nothing where the main part holds such a place.
    """
    if page.kind is not Kind.HTML or not page.shows("<script") or page.root is None:
        return False
    main = next(page.root.iter("main"), None)
    if not _says_little(page.root) and (main is None or not _says_little(main)):
        return False  # as most pages: no element has to be looked at for what it lacks
    scripts = [one for one in page.root.iter("script") if one.get("src") or one.get("type") == "module" or one.text]
    if not scripts or not (page.shows("<noscript") or any(_is_holder(one) for one in _elements(page.root))):
        return False
    return _says_little(main if main is not None and any(_is_holder(one) for one in _elements(main)) else page.root)


def _says_little(part: HtmlElement) -> bool:
    links = sum(1 for _ in islice(part.iter("a"), _FEW_LINKS))
    return links < _FEW_LINKS and _signs(part) < _FEW_SIGNS


def _elements(root: HtmlElement) -> Iterator[HtmlElement]:
    return islice((one for one in root.iter() if isinstance(one.tag, str)), _MOST_ELEMENTS)


def _is_holder(element: HtmlElement) -> bool:
    named = "-" in element.tag or (element.tag in _HOLDERS and bool(element.get("id") or element.get("data-reactroot")))
    return named and not (element.text or "").strip(" \n\t.…") and not len(element)


def _signs(root: HtmlElement) -> int:
    """Return how many letters and digits a reader without scripts sees; counts no further than is asked for."""
    count = 0
    pending = [root]
    for _ in range(_MOST_ELEMENTS):
        if not pending or count >= _FEW_SIGNS:
            break
        element = pending.pop()
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            continue
        inside = [element.text, *(child.tail for child in element)]
        count += sum(char.isalnum() for text in inside if text for char in text[: 4 * _FEW_SIGNS])
        pending.extend(element)
    return count
