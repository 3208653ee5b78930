"""What is not stored about a person: categories and field actions as data, and the barrier in front of the store."""

from pipelines.sensitive.categories import LAW, Category, Law
from pipelines.sensitive.evidence import rebuild
from pipelines.sensitive.mention import minimise_mention

__all__ = ["LAW", "Category", "Law", "minimise_mention", "rebuild"]
