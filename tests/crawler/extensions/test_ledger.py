"""Every run has an outcome, and every outcome an exit code."""

from __future__ import annotations

import pytest

from crawler.extensions.ledger import EXIT_CODES, classify
from tests.support.readings import source


@pytest.mark.parametrize(
    ("reason", "stats", "outcome"),
    [
        ("finished", {"pages/read": 3, "people/found": 7, "statements/new": 2}, "finished"),
        ("finished", {"pages/read": 3, "people/found": 7, "statements/retired": 1}, "finished"),
        ("finished", {"pages/read": 3, "people/found": 7}, "unchanged"),
        ("finished", {"pages/read": 3, "people/found": 4, "statements/new": 2}, "expectation-missed"),
        ("finished", {"pages/read": 3, "people/found": 11, "statements/new": 2}, "expectation-missed"),
        ("finished", {"pages/read": 3}, "expectation-missed"),
        ("finished", {"pages/refused": 1}, "refused"),
        ("finished", {"pages/failed": 1}, "failed"),
        ("finished", {}, "failed"),
        ("shutdown", {"pages/read": 3, "people/found": 7}, "interrupted"),
        ("store_failed", {"pages/read": 3, "people/found": 7}, "failed"),
        ("closespider_timeout", {"pages/read": 3, "people/found": 7, "statements/new": 2}, "finished"),
    ],
)
def test_outcomes(reason: str, stats: dict[str, int], outcome: str) -> None:
    prefixed = {f"cardfile/{key}": value for key, value in stats.items()}
    assert classify(source(expects_people=(5, 10)), reason, prefixed) == outcome
    assert outcome in EXIT_CODES
