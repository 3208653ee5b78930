"""Reading mentions back from the store, as records to compare and as claims to derive from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from sqlalchemy import Connection, select

from crawler.items import MentionType, Property
from pipelines.master.ids import employer_id
from pipelines.master.keyed import Keyed
from pipelines.master.models import CorrectionRow, MentionRow, SourceRow, StatementRow
from pipelines.resolution.derivation import Cluster, Job
from pipelines.resolution.record import Record
from pipelines.resolution.survivorship import CORRECTION, Claim

_FIELDS = {
    Property.NAME.value: "names",
    Property.ALTERNATE_NAME.value: "names",
    Property.WORKS_FOR.value: "organisations",
    Property.JOB_TITLE.value: "job_titles",
    Property.EMAIL.value: "emails",
    Property.TELEPHONE.value: "telephones",
    Property.WORK_LOCATION.value: "addresses",
    Property.URL.value: "urls",
    Property.SAME_AS.value: "same_as",
}
_AT_WORK = frozenset({Property.JOB_TITLE, Property.WORKS_FOR})
#: An enumeration takes a microsecond to look a value up, and a group of mentions has thousands of statements.
_PROPERTIES = {prop.value: prop for prop in Property}
_KINDS = {kind.value: kind for kind in MentionType}
_RECORDS = Keyed(
    lambda these: (
        select(
            MentionRow.id,
            MentionRow.type,
            MentionRow.url,
            MentionRow.source_id,
            StatementRow.property,
            StatementRow.normalised,
        )
        .join(StatementRow, StatementRow.mention_id == MentionRow.id)
        .where(these.among(MentionRow.id), StatementRow.live())
        .where(MentionRow.id.not_in(select(CorrectionRow.id)))
    )
)
#: Where a row of `_RECORDS` has its mention, property and value. Sorted here and not by the database: how PostgreSQL
#: sorts texts depends on its locale, and the order of the values is part of a mention's content.
_PLACES = itemgetter(0, 4, 5)
_STATED = Keyed(
    lambda these: (
        select(
            MentionRow.entity_id,
            MentionRow.type,
            MentionRow.url,
            MentionRow.source_id,
            SourceRow.kind,
            StatementRow.id,
            StatementRow.mention_id,
            StatementRow.property,
            StatementRow.normalised,
            StatementRow.employment,
            StatementRow.confidence,
            StatementRow.first_seen,
            StatementRow.live(),
            StatementRow.retired_at,
        )
        .join(MentionRow, MentionRow.id == StatementRow.mention_id)
        .join(SourceRow, SourceRow.id == MentionRow.source_id)
        .where(these.among(MentionRow.entity_id), StatementRow.quarantined_at.is_(None))
        .order_by(StatementRow.id)
    )
)
_REFUTED = Keyed(
    lambda these: (
        select(MentionRow.entity_id, CorrectionRow.replaces)
        .join(MentionRow, MentionRow.id == CorrectionRow.mention_id)
        .where(these.among(MentionRow.entity_id), CorrectionRow.withdrawn_at.is_(None))
    )
)


def records(connection: Connection, mentions: Collection[str]) -> dict[str, Record]:
    """Return the record of each mention that has a live name, by id; values in the order of their content.

    A correction is no mention to compare: it goes where the mention is that it corrects.
    """
    if not mentions:
        return {}
    facts: dict[str, tuple[str, str, str]] = {}
    values: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key, kind, url, source, prop, value in sorted(_RECORDS(connection, keys=mentions), key=_PLACES):
        facts[key] = (kind, url, source)
        if field := _FIELDS.get(prop):
            values[key][field].append(value)
    return {
        key: Record(
            id=key,
            type=_KINDS[kind],
            page=url,
            source=source,
            **{field: tuple(dict.fromkeys(found)) for field, found in values[key].items()},
        )
        for key, (kind, url, source) in facts.items()
        if values[key]["names"]
    }


def clusters(connection: Connection, entities: Collection[str]) -> list[Cluster]:
    """Return what the master rows of some entities derive from; one without a live name is left out."""
    if not entities:
        return []
    claims: dict[str, list[Claim]] = defaultdict(list)
    stated: dict[tuple[str, str, int], list[_Part]] = defaultdict(list)
    kinds: dict[str, MentionType] = {}
    mentions: dict[str, set[str]] = defaultdict(set)
    rows = _STATED(connection, keys=entities).all()
    for entity, kind, url, source, trust, key, mention, name, value, job, confidence, start, live, end in rows:
        prop = _PROPERTIES[name]
        kinds[entity] = _KINDS[kind]
        if trust != CORRECTION:
            mentions[entity].add(mention)
        if prop in _AT_WORK and (live or end is not None):
            employer = employer_id(source, url, value) if prop is Property.WORKS_FOR else ""
            part = _Part(prop, value, employer, start, end, trust, confidence, source)
            stated[entity, mention, job].append(part)
        if live:
            claims[entity].append(Claim(key, mention, prop, value, source, trust, confidence, start))
    jobs: dict[str, list[Job]] = defaultdict(list)
    for (entity, mention, _), parts in stated.items():
        jobs[entity].extend(_jobs(mention, parts))
    refuted = _refuted(connection, entities)
    return [
        Cluster(entity, kinds[entity], claims[entity], jobs[entity], len(mentions[entity]), refuted[entity])
        for entity in sorted(claims)
        if any(claim.property is Property.NAME for claim in claims[entity])
    ]


def _refuted(connection: Connection, entities: Collection[str]) -> defaultdict[str, frozenset[tuple[str, str]]]:
    """Return by entity the (property, value) that people have said to be wrong."""
    found: defaultdict[str, frozenset[tuple[str, str]]] = defaultdict(frozenset)
    for entity, replaces in _REFUTED(connection, keys=entities):
        found[entity] |= {(str(prop), str(value)) for prop, value in replaces}
    return found


def employer_ids(cluster: Cluster) -> set[str]:
    """Return the organisation mentions that a person's jobs stand for."""
    return {job.employer_id for job in cluster.jobs if job.employer_id}


@dataclass(frozen=True, slots=True)
class _Part:
    """A title or an employer as one page stated it, from `start` until `end` (None: it still does)."""

    property: Property
    value: str
    employer_id: str
    start: datetime
    end: datetime | None
    kind: str
    confidence: float
    source: str

    def overlaps(self, other: _Part) -> bool:
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)


def _jobs(mention: str, parts: Sequence[_Part]) -> list[Job]:
    """Return the jobs of one employment of one mention: the live ones, and those that its page showed before.

    Several titles at one employer are several jobs; a title and an employer belong together when their times on the
    page overlap.
    """
    titles = [part for part in parts if part.property is Property.JOB_TITLE]
    employers = [part for part in parts if part.property is Property.WORKS_FOR]
    pairs = [(title, employer) for title in titles for employer in employers if title.overlaps(employer)]
    paired = {part for pair in pairs for part in pair}
    return [
        *(_job(mention, title, employer) for title, employer in pairs),
        *(_job(mention, title, None) for title in titles if title not in paired),
        *(_job(mention, None, employer) for employer in employers if employer not in paired),
    ]


def _job(mention: str, title: _Part | None, employer: _Part | None) -> Job:
    stated = [part for part in (title, employer) if part is not None]
    return Job(
        mention_id=mention,
        title=title.value if title else "",
        employer=employer.value if employer else "",
        employer_id=employer.employer_id if employer else "",
        start=max(part.start for part in stated),
        end=min((part.end for part in stated if part.end), default=None),
        kind=stated[0].kind,
        confidence=stated[0].confidence,
        source=stated[0].source,
    )
