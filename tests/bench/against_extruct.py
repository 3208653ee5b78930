"""Our extraction against extruct with all its syntaxes, on the same pages, one core, warm.

    python -m tests.bench.against_extruct [DIR…]

By default over the invented pages of `fixtures/` and some of all markup made here; with DIR over every HTML file below
those folders, each by itself and all together. extruct finds structured data only; ours finds that and the people in
the visible text, and should still cost no more than a fifth of it. A ratio of 0.20 is that fifth.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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


def documents(folder: Path) -> Iterator[bytes]:
    """Yield the bytes of the pages to measure."""
    yield from (path.read_bytes() for path in sorted(folder.rglob("*.html")))
    if folder == _FIXTURES:
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


@dataclass
class Costs:
    """Milliseconds of processor time, one number a page: of all that Cardfile does, of extruct, of each reader."""

    ours: list[float]
    extruct: list[float]
    readers: list[Mapping[str, float]]

    def __add__(self, other: Costs) -> Costs:
        return Costs(self.ours + other.ours, self.extruct + other.extruct, self.readers + other.readers)

    @property
    def ratio(self) -> float:
        """What all of ours costs of what extruct costs: the ratio of the sums."""
        return sum(self.ours) / sum(self.extruct)

    def show(self, called: str) -> None:
        """Print the table."""
        sys.stdout.write(f"\n{called}: {len(self.ours)} pages; the last column is the ratio of the sums\n")
        print_row("", "median ms", "p95 ms", "of extruct")
        print_row("extruct, all syntaxes", statistics.median(self.extruct), quantile(self.extruct, 0.95), 1.0)
        print_row("cardfile, all of it", statistics.median(self.ours), quantile(self.ours, 0.95), self.ratio)
        for name in self.readers[0]:
            costs = [one[name] for one in self.readers]
            print_row(f"  {name}", statistics.median(costs), quantile(costs, 0.95), sum(costs) / sum(self.extruct))


def measure(folder: Path) -> Costs | None:
    """Measure the HTML pages of a folder, None when it has none; both programs turn by turn, so that both are warm."""
    bodies = [body for body in documents(folder) if Page(_URL, body).kind is Kind.HTML]
    if not bodies:
        return None
    mentions(Page(_URL, bodies[0]))
    costs = Costs([], [], [])
    for body in bodies:
        costs.ours.append(milliseconds(lambda body=body: mentions(Page(_URL, body))))  # type: ignore[misc]
        costs.extruct.append(milliseconds(lambda body=body: theirs(Page(_URL, body))))  # type: ignore[misc]
        costs.readers.append(readers(body))
    return costs


def main() -> Mapping[str, float]:
    """Print the tables and return the ratios over all pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, help="folders of HTML pages (default: invented ones)")
    folders = parser.parse_args().folders or [_FIXTURES]
    measured = []
    for folder in folders:
        costs = measure(folder)
        if costs is None:
            parser.error(f"{folder} holds no HTML page")
        costs.show(folder.name)
        measured.append(costs)
    together = sum(measured[1:], measured[0])
    if len(measured) > 1:
        together.show("all together")
    structured = [
        sum(one[name] for name in ("parse", "structured", "microformats", "vcard")) for one in together.readers
    ]
    return {
        "all_of_ours_to_extruct": round(together.ratio, 4),
        "median_to_median": round(statistics.median(together.ours) / statistics.median(together.extruct), 4),
        "structured_readers_to_extruct": round(sum(structured) / sum(together.extruct), 4),
    }


def print_row(name: str, *cells: str | float) -> None:
    """Print one row of the table."""
    shown = [cell if isinstance(cell, str) else f"{cell:.2f}" for cell in cells]
    sys.stdout.write(f"{name:<24}" + "".join(f"{cell:>12}" for cell in shown) + "\n")


if __name__ == "__main__":
    main()
