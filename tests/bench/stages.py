"""What each step from a page to a minimised mention costs, beside parsing the page, which no extractor can do without.

Over the HTML pages of the bundled sites; the best of five rounds, because a busy machine only ever adds. Caches are warm, as in a crawl.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path

from crawler.extraction import mentions
from crawler.items import Mention
from crawler.page import Page
from pipelines.sensitive import minimise_mention
from pipelines.values import MentionRejected, validate_mention
from tests.support import tree

_ROUNDS = 5


def _pages() -> list[tuple[str, bytes]]:
    paths = [path for path in tree.files("fixtures/sites") if path.suffix == ".html"]
    return [(_url(path), (tree.ROOT / path).read_bytes()) for path in paths]


def _url(path: Path) -> str:
    return f"https://{'/'.join(path.parts[2:])}"


def _is_valid(mention: Mention) -> bool:
    try:
        validate_mention(mention)
    except MentionRejected:
        return False
    return True


def _best(step: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> Mapping[str, float]:
    """Print and return the cost of each step over that of parsing."""
    pages = _pages()
    found = [mention for url, body in pages for mention in mentions(Page(url, body))]
    named = [mention for mention in found if _is_valid(deepcopy(mention))]
    valid = deepcopy(named)
    for mention in valid:
        validate_mention(mention)

    def validate() -> None:
        for mention in deepcopy(named):
            validate_mention(mention)

    def minimise() -> None:
        for mention in deepcopy(valid):
            minimise_mention(mention)

    copying = _best(lambda: deepcopy(valid))
    parsing = _best(lambda: [Page(url, body).root for url, body in pages])
    figures = {
        "extract": _best(lambda: [mentions(Page(url, body)) for url, body in pages]) / parsing,
        "validate": (_best(validate) - copying) / parsing,
        "minimise": (_best(minimise) - copying) / parsing,
    }
    lines = [
        f"{len(pages)} pages, {len(found)} mentions; 1.0 is parsing them ({parsing * 1000 / len(pages):.2f} ms a page)"
    ]
    lines += [f"  {name:<10}{ratio:8.1f}" for name, ratio in figures.items()]
    sys.stdout.write("\n".join([*lines, ""]))
    return {f"{name} / parse": round(ratio, 2) for name, ratio in figures.items()}


if __name__ == "__main__":
    main()
