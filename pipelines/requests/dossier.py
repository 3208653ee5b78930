"""Everything that is held about one person, as Article 15 GDPR asks for it: plain data, from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, select

from crawler.items import Property
from pipelines.master.accounts import DisclosedRow, DisclosureRow, NoticeMentionRow, NoticeRow
from pipelines.master.choices import SuppressionRow
from pipelines.master.models import (
    CaptureRow,
    CorrectionRow,
    EmploymentRow,
    JudgementRow,
    MasterValueRow,
    MentionRow,
    PermissionRow,
    SourceRow,
    StatementRow,
)
from pipelines.master.requests import RestrictionRow
from pipelines.master.upsert import chunks
from pipelines.requests import book
from pipelines.requests.cases import Case, Desk
from pipelines.rights import apart, consents
from pipelines.rights.clocks import retention_ends
from pipelines.rights.suppression import keyed_hashes

_ORDER = {prop.value: place for place, prop in enumerate(Property)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One place where one value was read; `standing` is "in-use", "silent", "left", "quarantined" or "wrong".

    `kept_until` is empty where nothing ends it, as for what the person set right.
    """

    publisher: str
    source: str
    url: str
    first_seen: datetime
    last_seen: datetime
    method: str
    evidence: str
    purpose: str
    legal_basis: str
    kept_until: date | None
    permission: str
    robots_url: str
    standing: str


@dataclass(slots=True)
class Value:
    """One value of one property with all its readings; `rank` 0 is what is shown first, None what is not in use."""

    property: str
    value: str
    rank: int | None
    readings: list[Reading] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Job:
    """One job as the pages showed it."""

    job_title: str
    works_for: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Given:
    """What one recipient received in one disclosure; `forgotten` counts values that are no longer stored."""

    recipient: str
    name: str
    country: str
    transfer: str
    purpose: str
    on: date
    values: tuple[tuple[str, str], ...]
    forgotten: int


@dataclass(frozen=True, slots=True)
class Merge:
    """Why two readings are taken for one person; `rules` are the ids of what was seen, `sentences` the words for it."""

    pages: tuple[str, str]
    by_person: bool
    on: date
    probability: float
    same: bool
    rules: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(slots=True)
class Dossier:
    """The answer to an access request, before it is written down in a language."""

    request: str
    made_on: date
    entries: list[str]
    names: list[str]
    values: list[Value] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    consents: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    restricted: list[dict[str, Any]] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)

    @property
    def purposes(self) -> list[tuple[str, str]]:
        """The purposes with their legal bases, each pair once."""
        return sorted({(one.purpose, one.legal_basis) for value in self.values for one in value.readings})

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Who published what was read, and where: (publisher, URL), each once; what the person set right is no page."""
        return sorted({(one.publisher, one.url) for value in self.values for one in value.readings if "://" in one.url})

    @property
    def kept_until(self) -> date | None:
        """The day by which the last value goes, where every value has one."""
        ends = [one.kept_until for value in self.values for one in value.readings if one.kept_until]
        return max(ends) if ends else None


def dossier(connection: Connection, case: Case, desk: Desk) -> Dossier:
    """Return everything that is held about the person of a case; an empty answer where nobody is held."""
    zone = desk.register.controller.zone
    person = case.person
    entries = sorted(person.entities) if person else []
    mentions = person.everything if person else set()
    found = Dossier(case.entry.id, desk.today, entries, sorted(person.names) if person else [])
    _add_values(connection, found, mentions, desk)
    _add_jobs(connection, found, entries, desk)
    _add_given(connection, found, mentions, desk)
    _add_merges(connection, found, mentions, desk)
    found.notices = _notices(connection, mentions, desk)
    found.choices = _choices(connection, case, desk)
    found.consents = _consents(connection, case, desk)
    found.restricted = _restricted(connection, mentions, desk)
    asked = book.of_subject(connection, desk.keys, case.identifiers)
    found.requests = [
        {"kind": one.kind.value, "received_on": one.received_on, "outcome": one.outcome or "open"}
        for one in asked
        if one.id != case.entry.id
    ]
    kept = apart.content(connection, apart.having(connection, keyed_hashes(desk.keys, case.identifiers)))
    for mention in kept.values():
        assert mention.capture is not None
        said = [(prop.value, value.normalised or value.text) for prop, value in mention]
        day = mention.capture.fetched_at.astimezone(zone).date()
        found.waiting.append({"url": mention.capture.url, "read_on": day, "values": said})
    return found


def _add_values(connection: Connection, found: Dossier, mentions: Collection[str], desk: Desk) -> None:
    ranks = _ranks(connection, found.entries)
    wrong = _wrong(connection, mentions)
    values: dict[tuple[str, str], Value] = {}
    languages, countries = set(), set()
    for chunk in chunks(sorted(mentions)):
        query = (
            select(StatementRow.__table__, MentionRow.language, MentionRow.country, CaptureRow.url, SourceRow.__table__)
            .add_columns(PermissionRow.rule, PermissionRow.robots_url, StatementRow.seen().label("seen"))
            .join(MentionRow, MentionRow.id == StatementRow.mention_id)
            .join(CaptureRow, CaptureRow.id == StatementRow.shown_by())
            .join(PermissionRow, PermissionRow.id == CaptureRow.permission_id)
            .join(SourceRow, SourceRow.id == MentionRow.source_id)
            .where(StatementRow.mention_id.in_(chunk))
            .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
            .order_by(StatementRow.first_seen, StatementRow.id)
        )
        for row in connection.execute(query).mappings():
            prop, value = row["statement_property"], row["statement_normalised"]
            one = values.setdefault((prop, value), Value(prop, value, ranks.get((prop, value))))
            one.readings.append(_reading(row, desk, is_wrong=(prop, value) in wrong))
            languages.add(row["mention_language"])
            countries.add(row["mention_country"])
    found.values = sorted(
        values.values(), key=lambda one: (_ORDER.get(one.property, 99), one.rank is None, one.rank or 0, one.value)
    )
    found.languages, found.countries = sorted(languages - {""}), sorted(countries - {""})


def _reading(row: Any, desk: Desk, *, is_wrong: bool) -> Reading:
    if is_wrong:
        standing = "wrong"
    elif row["statement_quarantined_at"]:
        standing = "quarantined"
    elif row["statement_retired_at"]:
        standing = "left"
    else:
        standing = "silent" if row["statement_left_at"] else "in-use"
    zone, days = desk.register.controller.zone, row["source_retention_days"]
    ends = retention_ends(row["statement_first_seen"], days).astimezone(zone).date()
    return Reading(
        publisher=row["source_publisher"],
        source=row["source_id"],
        url=row["capture_url"],
        first_seen=row["statement_first_seen"].astimezone(zone),
        last_seen=row["seen"].astimezone(zone),
        method=row["statement_method"],
        evidence=row["statement_evidence"],
        purpose=row["source_purpose"],
        legal_basis=row["source_legal_basis"],
        kept_until=ends if days else None,
        permission=row["permission_rule"],
        robots_url=row["permission_robots_url"],
        standing=standing,
    )


def _ranks(connection: Connection, entries: Collection[str]) -> dict[tuple[str, str], int]:
    query = select(MasterValueRow.property, MasterValueRow.value, MasterValueRow.rank)
    rows = connection.execute(query.where(MasterValueRow.entity_id.in_(entries)).order_by(MasterValueRow.rank.desc()))
    return {(row[0], row[1]): row[2] for row in rows}


def _wrong(connection: Connection, mentions: Collection[str]) -> set[tuple[str, str]]:
    """Return the values that a correction which holds keeps out."""
    found: set[tuple[str, str]] = set()
    for chunk in chunks(sorted(mentions)):
        query = select(CorrectionRow.replaces).where(
            CorrectionRow.mention_id.in_(chunk), CorrectionRow.withdrawn_at.is_(None)
        )
        for listed in connection.scalars(query):
            found.update((prop, value) for prop, value in listed)
    return found


def _add_jobs(connection: Connection, found: Dossier, entries: Collection[str], desk: Desk) -> None:
    zone = desk.register.controller.zone
    columns = (EmploymentRow.job_title, EmploymentRow.works_for, EmploymentRow.start, EmploymentRow.end)
    query = select(*columns).where(EmploymentRow.person_id.in_(entries)).order_by(EmploymentRow.start.desc())
    for title, employer, start, end in connection.execute(query):
        ended = end.astimezone(zone).date() if end else None
        found.jobs.append(Job(title, employer, start.astimezone(zone).date(), ended))


def _add_given(connection: Connection, found: Dossier, mentions: Collection[str], desk: Desk) -> None:
    """Name every recipient, not a category of them (Article 15(1)(c); Court of Justice, C-154/21)."""
    facts: dict[str, Any] = {}
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    lost: dict[str, int] = defaultdict(int)
    for chunk in chunks(sorted(mentions)):
        query = (
            select(
                DisclosureRow.id, DisclosureRow.recipient_id, DisclosureRow.recipient, DisclosureRow.purpose,
                DisclosureRow.made_at, StatementRow.property, StatementRow.normalised,
            )
            .join(DisclosedRow, DisclosedRow.disclosure_id == DisclosureRow.id)
            .outerjoin(StatementRow, StatementRow.id == DisclosedRow.statement_id)
            .where(DisclosedRow.mention_id.in_(chunk), DisclosureRow.proof != "")
        )  # fmt: skip
        for row in connection.execute(query):
            facts[row.id] = row
            if row.property:
                said[row.id].add((row.property, row.normalised))
            else:
                lost[row.id] += 1
    for key, row in sorted(facts.items(), key=lambda pair: (pair[1].made_at, pair[0])):
        listed = tuple(sorted(said[key], key=lambda pair: (_ORDER.get(pair[0], 99), pair[1])))
        day = row.made_at.astimezone(desk.register.controller.zone).date()
        kept = row.recipient
        found.given.append(
            Given(
                row.recipient_id, kept.get("name", row.recipient_id), kept.get("country", ""), kept.get("transfer", ""),
                row.purpose, day, listed, lost[key],
            )
        )  # fmt: skip


def _add_merges(connection: Connection, found: Dossier, mentions: Collection[str], desk: Desk) -> None:
    """Add why readings are one, and what people decided; who of the staff decided is not the person's to know.

    (Court of Justice, C-579/21: those who acted for the controller are no recipients.)
    """
    pages: dict[str, str] = {}
    for chunk in chunks(sorted(mentions)):
        rows = connection.execute(select(MentionRow.id, MentionRow.url).where(MentionRow.id.in_(chunk)))
        pages.update((row[0], row[1]) for row in rows)
    seen: dict[str, Any] = {}
    for chunk in chunks(sorted(mentions)):
        for column in (JudgementRow.left_id, JudgementRow.right_id):
            query = select(JudgementRow.__table__).where(column.in_(chunk), JudgementRow.superseded_at.is_(None))
            seen.update((row.id, row) for row in connection.execute(query))
    for row in sorted(seen.values(), key=lambda one: (not one.human, -one.probability, one.id)):
        if row.left_id in pages and row.right_id in pages and row.verdict != "review":
            found.merges.append(
                Merge(
                    (pages[row.left_id], pages[row.right_id]),
                    row.human,
                    row.made_at.astimezone(desk.register.controller.zone).date(),
                    row.probability,
                    row.verdict != "different",
                    tuple(str(reason.get("rule", "")) for reason in row.reasons),
                    tuple(str(reason.get("sentence", "")) for reason in row.reasons),
                )
            )


def _notices(connection: Connection, mentions: Collection[str], desk: Desk) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for chunk in chunks(sorted(mentions)):
        query = select(NoticeRow.id, NoticeRow.purpose, NoticeRow.channel, NoticeRow.sent_at).join(
            NoticeMentionRow, NoticeMentionRow.notice_id == NoticeRow.id
        )
        for row in connection.execute(query.where(NoticeMentionRow.mention_id.in_(chunk))):
            day = row.sent_at.astimezone(desk.register.controller.zone).date()
            found[row.id] = {"purpose": row.purpose, "channel": row.channel, "sent_on": day}
    return sorted(found.values(), key=lambda one: (one["sent_on"], one["purpose"]))


def _choices(connection: Connection, case: Case, desk: Desk) -> list[dict[str, Any]]:
    """Return what the person has opted out of; the entries themselves are hashes and say nothing more."""
    found: dict[tuple[str, date], dict[str, Any]] = {}
    for chunk in chunks(sorted(keyed_hashes(desk.keys, (one for one in case.identifiers if one[0] != "name-only")))):
        query = select(SuppressionRow.scope, SuppressionRow.created_at).where(
            SuppressionRow.hash.in_(chunk), SuppressionRow.lifted_at.is_(None)
        )
        for scope, at in connection.execute(query):
            day = at.astimezone(desk.register.controller.zone).date()
            found[scope, day] = {"scope": scope, "since": day}
    return [found[key] for key in sorted(found)]


def _consents(connection: Connection, case: Case, desk: Desk) -> list[dict[str, Any]]:
    """Return what the person agreed to and took back, with what proves it (Article 7(1)); not who recorded it."""
    zone = desk.register.controller.zone
    acts = [one.act for one in consents.history(connection, desk.keys, case.identifiers)]
    return [
        {
            "act": act.act,
            "purpose": act.purpose,
            "channel": act.channel,
            "on": act.at.astimezone(zone).date(),
            "text": act.text,
            "collected": act.collected,
            "evidence": act.evidence,
        }
        for act in acts
    ]


def _restricted(connection: Connection, mentions: Collection[str], desk: Desk) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for chunk in chunks(sorted(mentions)):
        query = select(RestrictionRow.ground, RestrictionRow.made_at).where(RestrictionRow.mention_id.in_(chunk))
        for ground, at in connection.execute(query):
            found[ground] = {"ground": ground, "since": at.astimezone(desk.register.controller.zone).date()}
    return [found[key] for key in sorted(found)]


def chosen(found: Dossier, prop: Property) -> Sequence[str]:
    """Return the values of a property that are in use, the first one first."""
    return [one.value for one in found.values if one.property == prop.value and one.rank is not None]
