"""What one lock a host leaves for 10,000 workers to do: a simulation, `python -m tests.bench.fleet`.

Two hundred thousand hosts (`--hosts`), fifty pages each on average, a page a second at each host, jobs of 200 pages.
Printed by skew of the hosts' sizes, as they are and with at most 5,000 pages of a host: hours until half, nine tenths
and all pages are read, and the share of the workers' time that is used until nine tenths are. Returned: those shares.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from itertools import product

from tests.support.fleet import pages_of_hosts, simulate

_MEAN, _BUDGET, _PACE, _MOST = 50.0, 200, 1.0, 5_000


def main() -> Mapping[str, float]:
    """Simulate, print and return the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=200_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[100, 1_000, 10_000])
    given = parser.parse_args()
    figures = {}
    head = f"{'skew':>5}{'largest':>9}{'workers':>9}{'half':>8}{'90 %':>8}{'all':>8}{'busy':>7}"
    sys.stdout.write(f"{head}   (hours; share until 90 %)\n")
    for skew, most in product((0.0, 0.8, 1.0, 1.2), (0, _MOST)):
        pages = pages_of_hosts(given.hosts, _MEAN, skew)
        pages = [min(one, most) for one in pages] if most else pages
        for workers in given.workers:
            found = simulate(pages, workers, _BUDGET, _PACE)
            hours = "".join(f"{seconds / 3600:8.1f}" for seconds in (found.half, found.most, found.all))
            sys.stdout.write(f"{skew:5.1f}{max(pages):9,}{workers:9,}{hours}{found.busy:7.0%}\n")
            figures[f"busy, skew {skew}, largest {max(pages)}, {workers} workers"] = round(found.busy, 3)
    return figures


if __name__ == "__main__":
    main()
