"""What pure functions of resolution remember of what they were asked, and when they forget it.

Resolving a whole collection asks them the same thousands of times, from one end of it to the other, and a cache with
too little room costs it a fifth more time. A long crawl asks the same within a group of mentions, and hardly ever
again: there, a full cache is only memory that grows for hours. So each cache has the room that a collection wants, and
whoever resolves group by group calls `tidy` after each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
#: Results that a cache may keep from one group to the next: what the pages of a site and popular names share.
ROOM: Final = 1 << 10
_CACHES: Final[list[Any]] = []


def remembered(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator for a pure function that keeps its last `most` results."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        cache = lru_cache(maxsize=most)(function)
        _CACHES.append(cache)
        return cast("Callable[P, R]", cache)

    return decorate


def tidy() -> None:
    """Empty the caches that hold more than `ROOM` results; what is asked again is worked out again."""
    for cache in _CACHES:
        if cache.cache_info().currsize > ROOM:
            cache.cache_clear()
