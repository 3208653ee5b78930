"""Large hostile collections end, within memory and a bounded number of pairs."""

from __future__ import annotations

import resource
from collections.abc import Callable

import pytest

from crawler.items import MentionType
from pipelines.resolution import batch
from pipelines.resolution.collection import Collection
from pipelines.resolution.record import Record

pytestmark = pytest.mark.proof
SIZE = 50_000


def _equal(place: int) -> Record:
    return Record(f"{place:07}", MentionType.PERSON, ("Ada Voorbeeld",))


def _one_name(place: int) -> Record:
    return Record(f"{place:07}", MentionType.PERSON, ("Ada Voorbeeld",), telephones=(f"+3120{place:07}",))


def _one_mailbox(place: int) -> Record:
    return Record(f"{place:07}", MentionType.PERSON, (f"Persoon{place} Ander",), emails=("info@acme.example",))


@pytest.mark.parametrize("made", [_equal, _one_name, _one_mailbox])
def test_a_hostile_collection_ends(made: Callable[[int], Record]) -> None:
    found = batch.dedupe(Collection(map(made, range(SIZE))))
    assert len(found.clusters) == SIZE
    assert found.pairs <= 12 * SIZE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 * 1024 * 1024
