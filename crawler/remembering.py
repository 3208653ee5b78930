"""How much a pure function remembers of what it was asked."""

from __future__ import annotations

#: Results that a cache keeps. What repeats does so within a page (a name in markup, card and heading) or a site (its
#: titles, labels and menus): real pages are read as fast as with sixteen times as many, while in a long crawl, where
#: no name is met twice, each cache fills up and stays full.
REPEATS = 1 << 10
