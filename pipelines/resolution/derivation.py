"""From the claims of one cluster to its master rows. Pure: the same claims give the same rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.items import MentionType, Property
from pipelines.master.ids import content_id, name_key
from pipelines.resolution.origins import origins
from pipelines.resolution.survivorship import CORRECTION, Claim, Survivor, kind_rank, survivors

#: Columns of a master row and the property each shows.
_PERSON = {
    "name": Property.NAME,
    "given_name": Property.GIVEN_NAME,
    "family_name": Property.FAMILY_NAME,
    "honorific_prefix": Property.HONORIFIC_PREFIX,
    "honorific_suffix": Property.HONORIFIC_SUFFIX,
    "email": Property.EMAIL,
    "telephone": Property.TELEPHONE,
    "fax_number": Property.FAX_NUMBER,
    "work_location": Property.WORK_LOCATION,
    "url": Property.URL,
}
_ORGANISATION = {
    "name": Property.NAME,
    "email": Property.EMAIL,
    "telephone": Property.TELEPHONE,
    "fax_number": Property.FAX_NUMBER,
    "work_location": Property.WORK_LOCATION,
    "url": Property.URL,
}
_NAME_PARTS = frozenset({Property.GIVEN_NAME, Property.FAMILY_NAME})


@dataclass(frozen=True, slots=True)
class Job:
    """One title at one employer as one mention states it; `end` is None while a page still shows it.

    `kind` is that of the source, `confidence` that of the title, or of the employer where there is no title.
    `employer_id` is the organisation mention that the employer's name stands for, empty when no employer is named.
    """

    mention_id: str
    title: str
    employer: str
    employer_id: str
    start: datetime
    end: datetime | None
    kind: str = ""
    confidence: float = 1.0
    source: str = ""


@dataclass(slots=True)
class Rows:
    """The rows of one person or organisation, as mappings of column to value."""

    entity: dict[str, Any]
    values: list[dict[str, Any]]
    employments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Mentions that are one: their live claims, their jobs (live and ended) and how many mentions they are.

    `refuted` are the (property, value) that people have said to be wrong: they stay out of the master.
    """

    entity_id: str
    kind: MentionType
    claims: Sequence[Claim]
    jobs: Sequence[Job]
    mentions: int
    refuted: frozenset[tuple[str, str]] = frozenset()


def derive(cluster: Cluster, employer_entities: Mapping[str, str]) -> Rows:
    """Return the master rows of a cluster; `employer_entities` gives the organisation of each employer mention."""
    entity_id, kind = cluster.entity_id, cluster.kind
    by_property: dict[Property, list[Claim]] = defaultdict(list)
    for claim in cluster.claims:
        if (claim.property.value, claim.value) not in cluster.refuted or claim.kind == CORRECTION:
            by_property[claim.property].append(claim)
    voices = origins(cluster.claims)
    ranked = {prop: survivors(group, voices) for prop, group in by_property.items()}
    _take_parts_from_chosen_name(ranked, by_property)
    columns = _PERSON if kind is MentionType.PERSON else _ORGANISATION
    entity: dict[str, Any] = {"id": entity_id}
    entity.update({column: ranked[prop][0].value if prop in ranked else "" for column, prop in columns.items()})
    entity["mentions"] = cluster.mentions
    entity["first_seen"] = min(claim.first_seen for claim in cluster.claims)
    rows = Rows(entity, _values(entity_id, ranked))
    if kind is MentionType.PERSON:
        rows.employments = _employments(entity_id, _believed(cluster), employer_entities)
        current = next((row for row in rows.employments if row["current"]), None)
        entity["job_title"] = current["job_title"] if current else ""
        entity["works_for"] = current["works_for"] if current else ""
    return rows


def _believed(cluster: Cluster) -> list[Job]:
    """Return the jobs of which nobody said that title or employer is wrong."""
    return [
        job
        for job in cluster.jobs
        if job.kind == CORRECTION
        or not {(Property.JOB_TITLE.value, job.title), (Property.WORKS_FOR.value, job.employer)} & cluster.refuted
    ]


def _take_parts_from_chosen_name(
    ranked: dict[Property, list[Survivor]], by_property: Mapping[Property, Sequence[Claim]]
) -> None:
    """Let given and family name come from the mention whose name was chosen, so that the parts fit the whole."""
    if Property.NAME not in ranked:
        return
    chosen = ranked[Property.NAME][0].claim.mention_id
    for prop in _NAME_PARTS & set(ranked):
        fitting = {claim.value for claim in by_property[prop] if claim.mention_id == chosen}
        ranked[prop].sort(key=lambda survivor: survivor.value not in fitting)


def _values(entity_id: str, ranked: Mapping[Property, Sequence[Survivor]]) -> list[dict[str, Any]]:
    return [
        {
            "entity_id": entity_id,
            "property": prop.value,
            "value": survivor.value,
            "rank": rank,
            "support": survivor.support,
            "statement_id": survivor.claim.statement_id,
        }
        for prop, found in ranked.items()
        for rank, survivor in enumerate(found)
    ]


def _employments(entity_id: str, jobs: Iterable[Job], employer_entities: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one row a job, the open one that appeared last marked as current.

    Jobs that name the same title at the same organisation are one. A job without a title or without an employer says
    nothing beside a fuller one that agrees with it.
    """
    groups: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in jobs:
        organisation = employer_entities.get(job.employer_id, "") or name_key(job.employer)
        groups[organisation, name_key(job.title)].append(job)
    full = {key for key in groups if all(key)}
    kept = {
        key: group
        for key, group in groups.items()
        if key in full
        or not any(_agrees(key, other) and _covers(groups[other], group) for other in groups if other != key)
    }
    rows = [(_employment(entity_id, key, group, employer_entities), group) for key, group in kept.items()]
    rows.sort(key=lambda found: _currency(*found))
    for index, (row, _) in enumerate(rows):
        row["current"] = index == 0 and row["end"] is None
    return [row for row, _ in rows]


def _agrees(partial: tuple[str, str], other: tuple[str, str]) -> bool:
    return any(other) and all(mine in ("", theirs) for mine, theirs in zip(partial, other, strict=True))


def _covers(fuller: Sequence[Job], partial: Sequence[Job]) -> bool:
    """Tell whether the fuller job is still open, or the partial one has ended too."""
    return any(job.end is None for job in fuller) or all(job.end is not None for job in partial)


def _employment(
    entity_id: str, key: tuple[str, str], group: Sequence[Job], employer_entities: Mapping[str, str]
) -> dict[str, Any]:
    best = min(group, key=lambda job: (job.end is not None, job.start, job.title, job.employer, job.mention_id))
    ends = [job.end for job in group if job.end is not None]
    return {
        "id": content_id("employment", entity_id, *key),
        "person_id": entity_id,
        "organisation_id": employer_entities.get(best.employer_id, ""),
        "job_title": best.title,
        "works_for": best.employer,
        "start": min(job.start for job in group),
        "end": max(ends) if len(ends) == len(group) else None,
    }


def _currency(row: Mapping[str, Any], group: Sequence[Job]) -> tuple[Any, ...]:
    """Order jobs: open and whole ones first, then as `survivorship` orders values."""
    return (
        row["end"] is not None,
        (not row["job_title"]) + (not row["works_for"]),
        min(kind_rank(job.kind) for job in group),
        -row["start"].toordinal(),
        -len({job.source for job in group}),
        -max(job.confidence for job in group),
        row["works_for"],
        row["job_title"],
    )
