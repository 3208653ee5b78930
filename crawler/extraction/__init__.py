"""From a page to its mentions, most explicit reading first."""

from __future__ import annotations

from crawler.extraction.miner import mine
from crawler.items import Disposal, Mention
from crawler.page import Page

__all__ = ["mentions"]


def mentions(page: Page, *, disposals: list[Disposal] | None = None) -> list[Mention]:
    """Return what a page says about people and organisations.

    Readings of one person on one page are united; `ordinal` tells different mentions of one name apart. What is left
    out by rule is counted in `disposals`, never quoted.
    """
    return mine(page, disposals if disposals is not None else [])
