"""What was not kept: how often, by category, host and rule; never what."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, func, select

from pipelines.master.models import DisposalRow, RunRow
from pipelines.reports.compliance.tables import Column, Facts, Section, small
from pipelines.sensitive import LAW, Category
from pipelines.sensitive.pooling import POOLED

_LAWS = {category.value: law.value for category, law in LAW.items()} | {
    POOLED: "art9 or art10", "religion": "art9", "ethnic-origin": "art9",
}  # fmt: skip
_SAID = {
    **{category.value: category.name.replace("_", " ").lower() for category in Category},
    Category.RELIGION.value: "religion or belief",
    Category.POLITICS.value: "political opinion",
    Category.UNION.value: "trade union membership",
    Category.ORIGIN.value: "racial or ethnic origin",
    Category.HEALTH.value: "health or disability",
    Category.SEX_LIFE.value: "sex life or orientation",
    Category.BIOMETRIC.value: "genetic, biometric or bodily data",
    Category.BIRTH.value: "birth or death",
    Category.FAMILY.value: "family status",
    Category.IDENTIFIER.value: "national identifier",
    Category.HOME.value: "private address",
    Category.CRIMINAL.value: "criminal record",
    POOLED: "special categories, too few to tell apart",
    "ethnic-origin": "title of nobility",
    "religion": "religious title",
    "unknown-property": "property outside the closed schema",
    "opted-out": "person on the suppression list",
    "invalid": "no valid value",
}


def by_category(facts: Facts) -> Section:
    """Count what was not kept by category and law, over all hosts."""
    rows = facts.connection.execute(_counted(facts, DisposalRow.category, DisposalRow.stage, DisposalRow.action)).all()
    personal = sum(count for category, _, _, count in rows if category in _LAWS)
    return Section(
        "not-kept-by-category",
        "Not kept, by category",
        "What the stages left out of what pages and files said. `art9` and `art10` are articles of the GDPR, `house"
        " rule` is data minimisation (Article 5(1)(c)); what has no law was no valid value.",
        (
            Column("Category"),
            Column("Law", "code"),
            Column("Stage"),
            Column("What became of it"),
            Column("Times", "count"),
        ),
        [
            (_SAID.get(category, category.replace("-", " ")), _LAWS.get(category, ""), stage, action, small(count))
            for category, stage, action, count in sorted(rows, key=lambda row: (row[0] not in _LAWS, -row[3], row[0]))
        ],
        "Nothing was left out yet.",
        (("Private things not kept", personal, "by category of law"),),
    )


def by_host(facts: Facts) -> Section:
    """Count by host and law: which sites show what nobody needs; small counts do not tell whose."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for host, category, count in facts.connection.execute(_counted(facts, DisposalRow.host, DisposalRow.category)):
        found[host, _LAWS.get(category, "none")] += count
    return Section(
        "not-kept-by-host",
        "Not kept, by host",
        "Categories are not told apart here, and a count below five is not told: on the site of one person they would"
        " say something about that person.",
        (Column("Host", "code"), Column("Law", "code"), Column("Times", "count")),
        [
            (host, law, small(count))
            for (host, law), count in sorted(found.items(), key=lambda item: (item[0][0], item[0]))
        ],
        "Nothing was left out yet.",
    )


def by_rule(facts: Facts) -> Section:
    """Count by rule and kind of place, over all hosts: which rule works hardest, and where a page holds such things."""
    columns = (DisposalRow.rule, DisposalRow.stage, DisposalRow.location)
    rows = facts.connection.execute(_counted(facts, *columns)).all()
    return Section(
        "not-kept-by-rule",
        "Not kept, by rule",
        "The rule that decided and the kind of place: a property or a way of reading, never a page.",
        (Column("Rule", "code"), Column("Stage"), Column("Kind of place", "code"), Column("Times", "count")),
        [
            (rule, stage, place, small(count))
            for rule, stage, place, count in sorted(rows, key=lambda row: (-row[3], row[0]))
        ],
        "Nothing was left out yet.",
    )


def _counted(facts: Facts, *columns: Any) -> Select[Any]:
    query = select(*columns, func.sum(DisposalRow.count)).group_by(*columns).order_by(*columns)
    if facts.source_id:
        query = query.join(RunRow, RunRow.id == DisposalRow.run_id).where(RunRow.source_id == facts.source_id)
    return query
