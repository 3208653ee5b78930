"""Memory of a long crawl: the full pipeline over 20,000 pages of one person each, from loopback into a SQLite file.

Printed: resident memory by the number of responses; returned: by how much it has grown at the end since the first
2,000 (target: less than 0.10). `python -m tests.bench.memory [--pages 20000] [--hosts 5000]`: what a host leaves behind
is most of the growth, and a source is mostly one site.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from tests.bench.crawl import measured

FIRST, TARGET = 2_000, 0.10


def main() -> Mapping[str, float]:
    """Crawl, print and return the growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--hosts", type=int, default=5_000)
    given = parser.parse_args()
    found = measured("full", given.pages, people=1, firm=-(-given.pages // given.hosts))
    marks = {int(responses): megabytes for responses, megabytes in found["marks"].items()}
    for responses, megabytes in marks.items():
        if responses % FIRST == 0:
            sys.stdout.write(f"{responses:7} responses {megabytes:6.0f} MB\n")
    growth = marks[max(marks)] / marks[FIRST] - 1
    sys.stdout.write(f"grown by {growth:.1%} (target below {TARGET:.0%}); {found['seconds']:.0f} s of CPU\n")
    return {"growth after 2,000": round(growth, 3), "target": TARGET}


if __name__ == "__main__":
    main()
