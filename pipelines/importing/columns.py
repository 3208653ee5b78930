"""What a mapping may not name: columns that speak of what must never be stored."""

from __future__ import annotations

from crawler.registers.mapping import Mapping
from pipelines.errors import RightsError
from pipelines.sensitive.categories import LAW
from pipelines.sensitive.fields import decide


def require_harmless(mapping: Mapping) -> None:
    """Raise RightsError when a value would come from a column whose very name is sensitive.

    The minimising stage would drop each of its values; saying so at once saves an import that stores nothing.
    """
    for text in mapping.expressions:
        decision = decide(text)
        if decision.action == "drop" and decision.category is not None:
            raise RightsError(
                f"The mapping {mapping.path} reads {text!r}, which speaks of {decision.category.value} "
                f"({LAW[decision.category].value}) and cannot be stored; take the line out."
            )
