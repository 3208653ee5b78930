"""From a page to its mentions, most explicit reading first."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from crawler.extraction.merge import unite
from crawler.extraction.miner import mine
from crawler.items import Disposal, Mention
from crawler.page import Kind, Page

__all__ = ["mentions"]

#: The readers of each kind of document, most explicit first; a module is loaded when its kind is met.
_READERS: dict[Kind, tuple[str, ...]] = {
    Kind.HTML: ("structured", "microformats"),
    Kind.VCARD: ("vcard",),
    Kind.FEED: ("feeds",),
}


def mentions(page: Page, *, disposals: list[Disposal] | None = None) -> list[Mention]:
    """Return what a page says about people and organisations.

    Readings of one person on one page are united, the most explicit leading; `ordinal` tells different mentions of one
    name apart. What is left out by rule is counted in `disposals`, never quoted.
    """
    dropped = disposals if disposals is not None else []
    found: list[Mention] = []
    for name in _READERS.get(page.kind, ()):
        if find_spec(f"{__name__}.{name}") is None:
            continue
        read: Callable[[Page, list[Disposal]], list[Mention]] = import_module(f"{__name__}.{name}").read
        found += read(page, dropped)
    if page.kind in {Kind.HTML, Kind.PDF, Kind.TEXT}:
        return mine(page, dropped, found)
    return unite(found)
