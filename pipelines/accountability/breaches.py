"""The record of personal data breaches, and whom they concern (Articles 33 and 34 GDPR)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from crawler.items import MentionType
from pipelines.errors import UsageError
from pipelines.master.accounts import DisclosedRow, DisclosureRow
from pipelines.master.answering import BreachRow
from pipelines.master.models import CaptureRow, MentionRow, RunRow, SourceRow, StatementRow

#: Article 33(1): from the moment at which the controller became aware of it; hours, so no zone and no holiday matters.
HOURS = timedelta(hours=72)
KINDS = ("confidentiality", "integrity", "availability")
RISKS = ("none", "risk", "high")


class Scope(StrEnum):
    """By what it is known whose data a breach concerns."""

    SOURCE = "source"
    RUN = "run"
    DISCLOSURE = "disclosure"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Affected:
    """Whose values a breach concerns: the ids of their entries, and how many statements. No value."""

    people: tuple[str, ...]
    statements: int


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach as it is documented; `due_at` is when the authority has to have been told."""

    id: str
    kind: str
    noticed_at: datetime
    facts: str
    effects: str
    measures: str
    risk: str
    scope: Mapping[str, Any]
    people: int
    statements: int
    reported_at: datetime | None
    reference: str
    delay: str
    told_at: datetime | None
    closed_at: datetime | None

    @property
    def due_at(self) -> datetime:
        """When the 72 hours end."""
        return self.noticed_at + HOURS

    def overdue(self, now: datetime) -> bool:
        """Return whether the authority should have been told; a breach without a risk need not be reported."""
        return self.risk != "none" and self.reported_at is None and now > self.due_at

    def untold(self) -> bool:
        """Return whether people still have to be told: a high risk to them wants it without delay (Article 34(1))."""
        return self.risk == "high" and self.told_at is None and self.closed_at is None


def affected(connection: Connection, scope: Mapping[str, Any]) -> Affected:
    """Return whose values a scope covers.

    `scope` maps kinds of `Scope` to an id, and "since" and "until" to ISO times: values that the store held in that
    time. A source or a run means what was read there, a disclosure what left with it. Raises UsageError for an id that
    the store does not know.
    """
    _require_known(connection, scope)
    statements = select(StatementRow.id, MentionRow.entity_id, MentionRow.type).join(
        MentionRow, MentionRow.id == StatementRow.mention_id
    )
    if source := scope.get(Scope.SOURCE):
        statements = statements.where(MentionRow.source_id == source)
    if run := scope.get(Scope.RUN):
        read = select(CaptureRow.id).where(CaptureRow.run_id == run)
        pages = select(CaptureRow.url).where(CaptureRow.run_id == run)  # what was shown last is in no index, pages are
        seen = StatementRow.first_capture_id.in_(read) | StatementRow.shown_by().in_(read)
        statements = statements.where(MentionRow.url.in_(pages), seen)
    if disclosure := scope.get(Scope.DISCLOSURE):
        left = select(DisclosedRow.statement_id).where(DisclosedRow.disclosure_id == disclosure)
        statements = statements.where(StatementRow.id.in_(left))
    if until := scope.get("until"):
        statements = statements.where(StatementRow.first_seen <= datetime.fromisoformat(until))
    if since := scope.get("since"):
        gone = StatementRow.retired_at
        statements = statements.where(gone.is_(None) | (gone >= datetime.fromisoformat(since)))
    found = statements.subquery()
    count = connection.scalar(select(func.count()).select_from(found)) or 0
    people = select(found.c.entity_id).where(found.c.type == MentionType.PERSON.value).distinct()
    return Affected(tuple(sorted(one for one in connection.scalars(people) if one)), count)


def _require_known(connection: Connection, scope: Mapping[str, Any]) -> None:
    for kind, model in ((Scope.SOURCE, SourceRow), (Scope.RUN, RunRow), (Scope.DISCLOSURE, DisclosureRow)):
        wanted = scope.get(kind)
        if wanted and connection.scalar(select(model.id).where(model.id == wanted)) is None:
            raise UsageError(f"The store knows no {kind} {wanted!r}.")


def add(connection: Connection, texts: Mapping[str, str], scope: Mapping[str, Any], noticed: datetime, by: str) -> str:
    """Document a breach and return its id; `texts` are kind, facts, effects, measures and risk."""
    found, breach_id = affected(connection, scope), uuid.uuid4().hex
    row = {
        "id": breach_id, "kind": texts["kind"], "noticed_at": noticed, "facts": texts["facts"],
        "effects": texts["effects"], "measures": texts["measures"], "risk": texts["risk"], "scope": dict(scope),
        "people": len(found.people), "statements": found.statements, "reported_at": None, "reference": "",
        "delay": "", "told_at": None, "closed_at": None, "by": by,
    }  # fmt: skip
    connection.execute(insert(BreachRow), [row])
    return breach_id


def change(connection: Connection, wanted: str, values: Mapping[str, Any]) -> Breach:
    """Add to a breach (named by its id or the beginning of it) and return it.

    Raises UsageError for an unknown one, and where the authority is told late without a reason (Article 33(1)).
    """
    breach = get(connection, wanted)
    reported = values.get("reported_at")
    if reported and reported > breach.due_at and not values.get("delay"):
        raise UsageError("It is reported after the 72 hours: say why with --delay (Article 33(1) GDPR).")
    if values:
        connection.execute(update(BreachRow).where(BreachRow.id == breach.id).values(**values))
    return get(connection, breach.id)


def get(connection: Connection, wanted: str) -> Breach:
    """Return a breach by its id or the beginning of it; raises UsageError when none or several answer to that."""
    found = [one for one in breaches(connection) if wanted and one.id.startswith(wanted.lower())]
    if len(found) != 1:
        raise UsageError(f"{len(found)} breaches answer to {wanted!r}; `scrapy breach list` names them.")
    return found[0]


def breaches(connection: Connection) -> list[Breach]:
    """Return every breach, the latest first."""
    columns = BreachRow.__table__.columns
    names = [name for name in Breach.__dataclass_fields__ if name in columns]
    query = select(*(columns[name] for name in names)).order_by(columns["noticed_at"].desc(), columns["id"])
    return [Breach(*row) for row in connection.execute(query)]


def moment(text: str, option: str) -> datetime:
    """Return a time with a zone from ISO 8601, UTC where none is named; raises UsageError for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} is a time such as 2026-11-22T09:30+01:00, not {text!r}.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def scope_of(given: Mapping[str, str], window: Collection[str]) -> dict[str, str]:
    """Return a scope of what was given; raises UsageError when nothing was: whose data it is must be said."""
    found = {kind: value for kind, value in given.items() if value}
    found |= {name: moment(given[name], f"--{name}").isoformat() for name in window if given.get(name)}
    if not found:
        raise UsageError("Say whose data it concerns: --source, --run, --disclosure, --since/--until, or --everything.")
    return found
