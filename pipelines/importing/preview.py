"""What an import would store: the same reading, validating and minimising, and no store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from crawler.items import Disposal
from crawler.registers.delivery import Delivery
from pipelines.inspection.reading import Found
from pipelines.sensitive import minimise_mention
from pipelines.values import MentionRejected, validate_mention


def preview(delivery: Delivery, rejected: Counter[Disposal], *, revealing_employers: bool) -> Iterator[Found]:
    """Yield the mentions of a delivery as they would be stored; `rejected` counts what would not be, by rule."""
    for mention in delivery.mentions():
        try:
            rejected.update(validate_mention(mention))
        except MentionRejected as refused:
            rejected.update(refused.disposals)
            continue
        rejected.update(minimise_mention(mention, revealing_employers=revealing_employers))
        if mention.values:
            yield Found(mention)
    rejected.update(delivery.disposals)
