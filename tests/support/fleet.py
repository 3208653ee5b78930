"""A fleet of crawl workers with one lock a host, simulated: what politeness leaves for many workers to do.

A job is one source on one host with a budget of pages; whoever runs it holds the host's lock and reads a page each
`pace` seconds. A source with more pages than its budget is deferred again. A worker takes the oldest job whose host is
free. Nothing else costs time, so the result is what no queue, store or machine can improve upon.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

_SHARES = (0.5, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Fleet:
    """How it went.

    `half`, `most` and `all` are the seconds until half, nine tenths and all of the pages were read, `busy` the share of
    the workers' time until nine tenths were, `peak` the most workers that were ever busy.
    """

    half: float
    most: float
    all: float
    busy: float
    peak: int


def pages_of_hosts(hosts: int, mean: float, skew: float, seed: int = 1) -> list[int]:
    """Return the pages of each host, in random order: the n-th largest has n**-skew times those of the largest.

    A skew of 0 makes all hosts equal; sizes of web sites follow such a law with a skew of about 0.8 to 1.2.
    """
    shares = [(rank + 1) ** -skew for rank in range(hosts)]
    factor = hosts * mean / sum(shares)
    found = [max(1, round(share * factor)) for share in shares]
    random.Random(seed).shuffle(found)
    return found


def simulate(pages: Sequence[int], workers: int, budget: int, pace: float) -> Fleet:
    """Let so many workers read all hosts, at most `budget` pages a job and one page each `pace` seconds a host."""
    waiting = deque(enumerate(pages))
    running: list[tuple[float, int, int, int]] = []
    total, now, peak = sum(pages), 0.0, 0
    read = 0
    reached: list[float] = []
    while waiting or running:
        while waiting and len(running) < workers:
            host, left = waiting.popleft()
            some = min(left, budget)
            heapq.heappush(running, (now + some * pace, host, left - some, some))
        peak = max(peak, len(running))
        now, host, left, some = heapq.heappop(running)
        read += some
        if left:
            waiting.append((host, left))
        while len(reached) < len(_SHARES) and read >= _SHARES[len(reached)] * total:
            reached.append(now)
    half, most, everything = reached
    return Fleet(half, most, everything, _SHARES[1] * total * pace / (workers * most), peak)
