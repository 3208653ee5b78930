"""Small counts of special categories are recorded together."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Disposal
from pipelines.sensitive.categories import LAW, Category, Law
from pipelines.sensitive.pooling import LEAST, POOLED, pooled

FAITH = Disposal("minimise", "religion_belief", "jobTitle", "title-person", "transform")
FEW = Disposal("minimise", POOLED, "any", "few")
AGE = Disposal("minimise", "age", "jobTitle", "title-person", "transform")


@pytest.mark.parametrize(
    ("counts", "recorded"),
    [
        ({("a", FAITH): 1}, {("a", FEW): 1}),
        ({("a", FAITH): LEAST}, {("a", FAITH): LEAST}),
        ({("a", FAITH): 4, ("b", FAITH): 4}, {("a", FEW): 4, ("b", FEW): 4}),
        ({("a", AGE): 1}, {("a", AGE): 1}),
        ({("a", Disposal("validate", "religion", "honorificPrefix", "religious-title")): 1},
         {("a", Disposal("validate", POOLED, "any", "few")): 1}),
    ],
)  # fmt: skip
def test_few_are_pooled(counts: dict[tuple[str, Disposal], int], recorded: dict[tuple[str, Disposal], int]) -> None:
    assert pooled(counts) == recorded


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.builds(Disposal, st.just("minimise"), st.sampled_from([c.value for c in Category]),
                      st.sampled_from(["name", "email"]), st.sampled_from(["x", "y"])),
        ),
        st.integers(1, 9),
    )
)  # fmt: skip
def test_nothing_is_lost_and_no_special_category_is_rare(counts: dict[tuple[str, Disposal], int]) -> None:
    found = pooled(counts)
    assert sum(found.values()) == sum(counts.values())
    met = Counter[tuple[str, str]]()
    for (host, disposal), count in found.items():
        met[host, disposal.category] += count
    special = {category.value for category, law in LAW.items() if law is not Law.HOUSE}
    assert all(count >= LEAST for (_, category), count in met.items() if category in special)
