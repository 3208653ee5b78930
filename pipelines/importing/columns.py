"""What a mapping may not name: columns that speak of what must never be stored."""

from __future__ import annotations

from crawler.registers.mapping import Mapping
from pipelines.errors import RightsError
from pipelines.sensitive.categories import LAW
from pipelines.sensitive.fields import forbidden_column


def require_harmless(mapping: Mapping) -> None:
    """Raise RightsError when a value would come from a column whose very name is sensitive.

    The minimising stage would drop each of its values; saying so at once saves an import that stores nothing.
    """
    for prop, column in mapping.columns():
        if category := forbidden_column(prop, column):
            raise RightsError(
                f"The mapping {mapping.path} reads {column!r}, which speaks of {category.value} "
                f"({LAW[category].value}) and cannot be stored; take the line out."
            )
