"""Counts that would tell something about somebody are pooled before they are stored.

The audit counts by run and host. On the site of a village shop, "health, once" is a statement about the one person whom
it shows. So counts of special categories below a threshold are recorded together, without category, place and rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from crawler.items import Disposal
from pipelines.sensitive.categories import LAW, Law

#: The usual least count of official statistics.
LEAST = 5
#: The category under which small counts of special categories and of criminal records are recorded.
POOLED = "special_category"
#: The validating stage's names of what a religious or noble title says.
_SPECIAL = {category.value for category, law in LAW.items() if law is not Law.HOUSE} | {"religion", "ethnic-origin"}


def pooled(counts: Mapping[tuple[str, Disposal], int]) -> Counter[tuple[str, Disposal]]:
    """Return the counts by (host, disposal) with the small ones of special categories pooled by host.

    What counts is how often a category was met on a host, whatever the rule: three rules with two each are six.
    """
    met = Counter[tuple[str, str]]()
    for (host, disposal), count in counts.items():
        met[host, disposal.category] += count
    found = Counter[tuple[str, Disposal]]()
    for (host, disposal), count in counts.items():
        few = disposal.category in _SPECIAL and met[host, disposal.category] < LEAST
        told = replace(disposal, category=POOLED, location="any", rule="few", action="drop") if few else disposal
        found[host, told] += count
    return found
