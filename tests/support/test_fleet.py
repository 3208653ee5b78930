"""The simulated fleet keeps what arithmetic says of it."""

from __future__ import annotations

import pytest

from tests.support.fleet import pages_of_hosts, simulate


@pytest.mark.parametrize("skew", [0.0, 0.8, 1.2])
def test_hosts_have_the_pages_they_should(skew: float) -> None:
    found = pages_of_hosts(2_000, 50, skew)
    assert sum(found) == pytest.approx(100_000, rel=0.02)
    assert max(found) == 50 if not skew else max(found) > 1_000
    assert found == pages_of_hosts(2_000, 50, skew)


@pytest.mark.parametrize("workers", [1, 7, 50])
@pytest.mark.parametrize("budget", [5, 1_000])
def test_nothing_is_read_faster_than_hosts_and_workers_allow(workers: int, budget: int) -> None:
    pages = pages_of_hosts(200, 30, 1.0)
    found = simulate(pages, workers, budget, 2.0)
    assert found.all >= max(2.0 * max(pages), 2.0 * sum(pages) / workers)
    assert found.half <= found.most <= found.all
    assert 0 < found.busy <= 1
    assert found.peak <= workers


def test_one_worker_reads_one_page_after_the_other() -> None:
    found = simulate([3, 5, 2], 1, 2, 1.5)
    assert (found.all, found.busy, found.peak) == (15.0, 1.0, 1)


def test_a_single_host_keeps_one_worker_busy() -> None:
    found = simulate([100], 10, 10, 1.0)
    assert (found.all, found.peak) == (100.0, 1)
    assert found.busy == pytest.approx(0.1)


def test_equal_hosts_keep_everybody_busy() -> None:
    assert simulate([40] * 1_000, 100, 40, 1.0).busy == 1.0
