"""Our extraction against extruct with all its syntaxes, on the same pages, one core, warm.

    python -m tests.bench.against_extruct [DIR]

By default over the invented pages of `fixtures/` and some of all markup made here; with DIR over every HTML file below
that folder. extruct finds structured data only; ours finds that and the people in the visible text, and should still
cost no more than a fifth of it. A ratio of 0.20 is that fifth.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import extruct

from crawler.extraction import decode_elements, links, mentions, microformats, structured, vcard
from crawler.page import Kind, Page

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_URL = "https://firma.example/team/"
_READERS: dict[str, Callable[[Page], object]] = {
    "structured": lambda page: structured.read(page, []),
    "microformats": lambda page: microformats.read(page, []),
    "vcard": lambda page: vcard.read(page, []),
    "hidden addresses": decode_elements.elements,
    "links": links.collect,
}


def made(people: int) -> bytes:
    """Return an invented team page in JSON-LD, microdata, h-card and plain cards at once."""
    names = [f"Person{chr(97 + n % 26)} Surname{chr(97 + n // 26)}" for n in range(people)]
    graph = [{"@type": "Person", "name": name, "jobTitle": "Engineer"} for name in names]
    item = (
        '<div class="card h-card" itemscope itemtype="https://schema.org/Person">'
        '<h3 class="p-name" itemprop="name">{}</h3>'
        '<p class="p-job-title" itemprop="jobTitle">Engineer</p>'
        '<a class="u-email" itemprop="email" href="mailto:mail{}@firma.example">mail</a></div>'
    )
    cards = "".join(item.format(name, number) for number, name in enumerate(names))
    script = json.dumps({"@context": "https://schema.org", "@graph": graph})
    return f'<html lang="en"><script type="application/ld+json">{script}</script><h1>Team</h1>{cards}</html>'.encode()


def documents(folder: Path | None) -> Iterator[bytes]:
    """Yield the bytes of the pages to measure."""
    for path in sorted((folder or _FIXTURES).rglob("*.html")):
        yield path.read_bytes()
    if folder is None:
        yield from (made(people) for people in (3, 12, 40))


def milliseconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one call, the better of two: neither a first look-up nor a busy machine counts."""
    best = float("inf")
    for _ in range(2):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best * 1000


def theirs(page: Page) -> None:
    """Run extruct with all syntaxes; what it cannot parse costs what it cost."""
    extruct.extract(page.text, base_url=_URL, errors="ignore", uniform=False)


def readers(body: bytes) -> Mapping[str, float]:
    """Return the cost of each reader on a page that is parsed already, and of parsing it."""
    parsed = Page(_URL, body)
    costs = {"parse": milliseconds(lambda: Page(_URL, body).root)}
    _ = (parsed.root, parsed.lowered)
    return costs | {name: milliseconds(lambda read=read: read(parsed)) for name, read in _READERS.items()}  # type: ignore[misc]


def quantile(values: list[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> Mapping[str, float]:
    """Print the table and return its ratios."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="a folder of HTML pages (default: invented ones)")
    folder = parser.parse_args().folder
    bodies = [body for body in documents(folder) if Page(_URL, body).kind is Kind.HTML]
    if not bodies:
        parser.error(f"{folder} holds no HTML page")
    mentions(Page(_URL, bodies[0]))
    ours = [milliseconds(lambda body=body: mentions(Page(_URL, body))) for body in bodies]  # type: ignore[misc]
    extruct_costs = [milliseconds(lambda body=body: theirs(Page(_URL, body))) for body in bodies]  # type: ignore[misc]
    each = [readers(body) for body in bodies]
    print_row("", "median ms", "p95 ms", "of extruct")
    base = statistics.median(extruct_costs)
    print_row("extruct, all syntaxes", base, quantile(extruct_costs, 0.95), 1.0)
    print_row("cardfile, all of it", statistics.median(ours), quantile(ours, 0.95), sum(ours) / sum(extruct_costs))
    for name in each[0]:
        costs = [one[name] for one in each]
        print_row(f"  {name}", statistics.median(costs), quantile(costs, 0.95), sum(costs) / sum(extruct_costs))
    sys.stdout.write(f"{len(bodies)} pages; the last column is the ratio of the sums\n")
    structured_only = sum(sum(one[name] for name in ("parse", "structured", "microformats", "vcard")) for one in each)
    return {
        "all_of_ours_to_extruct": round(sum(ours) / sum(extruct_costs), 4),
        "median_to_median": round(statistics.median(ours) / base, 4),
        "structured_readers_to_extruct": round(structured_only / sum(extruct_costs), 4),
    }


def print_row(name: str, *cells: str | float) -> None:
    """Print one row of the table."""
    shown = [cell if isinstance(cell, str) else f"{cell:.2f}" for cell in cells]
    sys.stdout.write(f"{name:<24}" + "".join(f"{cell:>12}" for cell in shown) + "\n")


if __name__ == "__main__":
    main()
