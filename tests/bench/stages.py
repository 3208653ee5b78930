"""What each step from a page to a minimised mention costs, beside parsing the page, which no extractor can do without.

Over the HTML pages of the bundled sites; the best of seven rounds, because a busy machine only ever adds. Caches are
warm, as in a crawl.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import TypeVar

from crawler.extraction import mentions
from crawler.items import Mention
from crawler.page import Page
from pipelines.sensitive import minimise_mention
from pipelines.values import MentionRejected, validate_mention
from tests.support import tree

_ROUNDS = 7
T = TypeVar("T")


def _pages() -> list[Page]:
    paths = [path for path in tree.files("fixtures/sites") if path.suffix == ".html"]
    return [Page(_url(path), (tree.ROOT / path).read_bytes()) for path in paths]


def _url(path: Path) -> str:
    return f"https://{'/'.join(path.parts[2:])}"


def _is_valid(mention: Mention) -> bool:
    try:
        validate_mention(mention)
    except MentionRejected:
        return False
    return True


def _best(step: Callable[[T], object], subjects: list[T]) -> float:
    """Return the seconds that a step takes over fresh copies of its subjects; making the copies is not counted."""
    best = float("inf")
    for _ in range(_ROUNDS):
        copies = deepcopy(subjects)
        start = time.perf_counter()
        for subject in copies:
            step(subject)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> Mapping[str, float]:
    """Print and return the cost of each step over that of parsing."""
    pages = _pages()
    found = [mention for page in deepcopy(pages) for mention in mentions(page)]
    named = [mention for mention in found if _is_valid(deepcopy(mention))]
    valid = deepcopy(named)
    for mention in valid:
        validate_mention(mention)

    parsing = _best(lambda page: page.root, pages)
    figures = {
        "extract": _best(mentions, pages) / parsing,
        "validate": _best(validate_mention, named) / parsing,
        "minimise": _best(minimise_mention, valid) / parsing,
    }
    lines = [
        f"{len(pages)} pages, {len(valid)} mentions; 1 is parsing them ({parsing / len(pages) * 1000:.2f} ms a page)"
    ]
    lines += [f"  {name:<10}{ratio:8.1f}" for name, ratio in figures.items()]
    sys.stdout.write("\n".join([*lines, ""]))
    return {f"{name} / parse": round(ratio, 2) for name, ratio in figures.items()}


if __name__ == "__main__":
    main()
