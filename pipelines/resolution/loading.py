"""Reading mentions back from the store, as records to compare and as claims to derive from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from crawler.items import MentionType, Property
from pipelines.master.ids import mention_id
from pipelines.master.models import MentionRow, SourceRow, StatementRow
from pipelines.master.upsert import chunks
from pipelines.resolution.derivation import Cluster, Job
from pipelines.resolution.record import Record
from pipelines.resolution.survivorship import Claim

_FIELDS = {
    Property.NAME: "names",
    Property.ALTERNATE_NAME: "names",
    Property.WORKS_FOR: "organisations",
    Property.JOB_TITLE: "job_titles",
    Property.EMAIL: "emails",
    Property.TELEPHONE: "telephones",
    Property.WORK_LOCATION: "addresses",
    Property.URL: "urls",
    Property.SAME_AS: "same_as",
}


def records(connection: Connection, mentions: Collection[str]) -> dict[str, Record]:
    """Return the record of each mention that has a live name, by id; values in the order of their content."""
    facts: dict[str, tuple[str, str, str]] = {}
    values: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for chunk in chunks(sorted(mentions)):
        rows = connection.execute(
            select(
                MentionRow.id,
                MentionRow.type,
                MentionRow.url,
                MentionRow.source_id,
                StatementRow.property,
                StatementRow.normalised,
            )
            .join(StatementRow, StatementRow.mention_id == MentionRow.id)
            .where(MentionRow.id.in_(chunk), StatementRow.retired_at.is_(None))
            .order_by(MentionRow.id, StatementRow.property, StatementRow.normalised)
        )
        for key, kind, url, source, prop, value in rows:
            facts[key] = (kind, url, source)
            if field := _FIELDS.get(Property(prop)):
                values[key][field].append(value)
    return {
        key: Record(
            id=key,
            type=MentionType(kind),
            page=url,
            source=source,
            **{field: tuple(dict.fromkeys(found)) for field, found in values[key].items()},
        )
        for key, (kind, url, source) in facts.items()
        if values[key]["names"]
    }


def clusters(connection: Connection, grouped: Mapping[str, Collection[str]]) -> list[Cluster]:
    """Return what the master rows of some clusters derive from; `grouped` maps an entity's id to its mentions."""
    owner = {mention: entity for entity, mentions in grouped.items() for mention in mentions}
    claims: dict[str, list[Claim]] = defaultdict(list)
    stated: dict[tuple[str, int], list[tuple[Property, str, datetime, datetime | None]]] = defaultdict(list)
    kinds: dict[str, MentionType] = {}
    places: dict[str, tuple[str, str]] = {}
    for chunk in chunks(sorted(owner)):
        rows = connection.execute(
            select(StatementRow, MentionRow.type, MentionRow.url, MentionRow.source_id, SourceRow.kind)
            .join(MentionRow, MentionRow.id == StatementRow.mention_id)
            .join(SourceRow, SourceRow.id == MentionRow.source_id)
            .where(MentionRow.id.in_(chunk))
            .order_by(StatementRow.id)
        )
        for row in rows:
            prop = Property(row.property)
            kinds[owner[row.mention_id]] = MentionType(row.type)
            places[row.mention_id] = (row.source_id, row.url)
            if prop in {Property.JOB_TITLE, Property.WORKS_FOR}:
                stated[row.mention_id, row.employment].append((prop, row.normalised, row.first_seen, row.retired_at))
            if row.retired_at is None:
                claims[owner[row.mention_id]].append(
                    Claim(
                        statement_id=row.id,
                        mention_id=row.mention_id,
                        property=prop,
                        value=row.normalised,
                        source_id=row.source_id,
                        kind=row.kind,
                        confidence=row.confidence,
                        first_seen=row.first_seen,
                    )
                )
    jobs: dict[str, list[Job]] = defaultdict(list)
    for (mention, _), parts in stated.items():
        jobs[owner[mention]].extend(_jobs(mention, *places[mention], parts))
    return [
        Cluster(entity, kinds[entity], claims[entity], jobs[entity], len(mentions))
        for entity, mentions in grouped.items()
        if any(claim.property is Property.NAME for claim in claims[entity])
    ]


def employer_ids(cluster: Cluster) -> set[str]:
    """Return the organisation mentions that a person's jobs stand for."""
    return {job.employer_id for job in cluster.jobs if job.employer_id}


def _jobs(
    mention: str, source_id: str, url: str, parts: list[tuple[Property, str, datetime, datetime | None]]
) -> list[Job]:
    """Return the jobs of one employment of one mention: the live one, and those that its page showed before.

    Several titles at one employer are several jobs; a title and an employer belong together when their times on the
    page overlap.
    """
    titles = [part for part in parts if part[0] is Property.JOB_TITLE]
    employers = [part for part in parts if part[0] is Property.WORKS_FOR]
    pairs = [(title, employer) for title in titles for employer in employers if _overlap(title, employer)]
    paired = {id(part) for pair in pairs for part in pair}
    found = [
        Job(
            mention, t[1], e[1], mention_id(source_id, url, MentionType.ORGANISATION, e[1]), max(t[2], e[2]), _end(t, e)
        )
        for t, e in pairs
    ]
    for part in (*titles, *employers):
        if id(part) not in paired:
            title, employer = (part[1], "") if part[0] is Property.JOB_TITLE else ("", part[1])
            key = mention_id(source_id, url, MentionType.ORGANISATION, employer) if employer else ""
            found.append(Job(mention, title, employer, key, part[2], part[3]))
    return found


def _overlap(
    one: tuple[Property, str, datetime, datetime | None], other: tuple[Property, str, datetime, datetime | None]
) -> bool:
    return (one[3] is None or other[2] < one[3]) and (other[3] is None or one[2] < other[3])


def _end(*parts: tuple[Property, str, datetime, datetime | None]) -> datetime | None:
    ends = [part[3] for part in parts if part[3] is not None]
    return min(ends) if ends else None
