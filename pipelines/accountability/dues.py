"""What the compliance report says beyond what is stored: what is due, what was told, disclosed, asked, deleted, broken.

Counts and days, and nobody's data. A count of people below five is not told where it could be one person's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from pipelines.accountability.breaches import breaches
from pipelines.master.accounts import DisclosureRow, NoticeRow
from pipelines.master.choices import ScreeningRow
from pipelines.master.requests import RequestRow
from pipelines.reports.compliance.tables import Cell, Column, Facts, Section, small
from pipelines.rights.activity import Action, entries
from pipelines.rights.declared import RightsRegister
from pipelines.rights.happenings import events
from pipelines.rights.notifying import overview, owed

#: How long before its last day something is worth a look.
SOON = timedelta(days=30)
#: An answer of a do-not-call register that is older is none; see `pipelines.rights.contactability`.
SCREENING = timedelta(days=28)
OVERDUE, NOT_COUNTED, DUE_SOON, IN_ORDER = "overdue", "not counted", "due soon", "in order"
_ORDER = (OVERDUE, NOT_COUNTED, DUE_SOON, IN_ORDER)


@dataclass(frozen=True, slots=True)
class Dues:
    """The sections over the rights register of today; without one, what it declares is said not to be counted."""

    rights: RightsRegister | None

    @property
    def sections(self) -> Sequence[Callable[[Facts], Section]]:
        """The sections, what is due first."""
        return self.due, self.notices, self.requests, self.disclosures, self.deletions, self.breaches, self.screenings

    @property
    def _zone(self) -> ZoneInfo:
        return self.rights.controller.zone if self.rights else ZoneInfo("UTC")

    def _today(self, facts: Facts) -> date:
        return facts.now.astimezone(self._zone).date()

    def due(self, facts: Facts) -> Section:
        """List everything that has a last day, what is overdue first."""
        rows = [row for found in (self._counted(facts), self._dated(facts)) for row in found]
        rows.sort(key=lambda row: (_ORDER.index(str(row[1])), str(row[3]), str(row[0])))
        overdue = sum(row[1] == OVERDUE for row in rows)
        return Section(
            "due",
            "What is due",
            "Whatever has a last day: notices, requests, breaches, contracts, transfers, texts that somebody has to"
            " read again. What is overdue ends its command with exit code 3.",
            (
                Column("What"),
                Column("State", "state"),
                Column("How many", "count"),
                Column("Last day"),
                Column("Where"),
            ),
            rows,
            "Nothing has a last day.",
            (("Overdue", overdue, "of what has a last day"), ("Due soon", sum(row[1] == DUE_SOON for row in rows), "")),
        )

    def _counted(self, facts: Facts) -> Iterator[tuple[Cell, ...]]:
        today = self._today(facts)
        if self.rights:
            counts = overview(owed(facts.connection, self.rights, today), facts.now, self.rights)
            yield _counted("Notices to people", counts["overdue"], counts["due-this-week"], "scrapy notice")
            yield _counted("People who cannot be told: no address", 0, counts["no-address"], "scrapy notice")
        else:  # "in order" would be the word for nothing that was looked at
            yield "Notices, contracts, transfers: no rights register", NOT_COUNTED, "", "", "set CARDFILE_RIGHTS"
        open_requests = facts.connection.scalars(select(RequestRow.due_on).where(RequestRow.outcome == "")).all()
        late = sum(date.fromisoformat(day) < today for day in open_requests)
        yield _counted("Requests of people", late, len(open_requests) - late, "scrapy request list")
        found = breaches(facts.connection)
        late = sum(one.overdue(facts.now) or one.untold() for one in found)
        waiting = sum(one.reported_at is None and one.risk != "none" for one in found)
        yield _counted("Breaches to report or tell", late, max(waiting - late, 0), "scrapy breach list")

    def _dated(self, facts: Facts) -> Iterator[tuple[Cell, ...]]:
        today = self._today(facts)
        for event in events(facts.connection):
            yield _dated(f"Tell people: {event.kind} on {event.on}", event.due_on, today, "scrapy event")
        if self.rights is None:
            return
        for one in self.rights.recipients.values():
            yield _dated(f"Contract of {one.id}", one.contract_until, today, "rights register")
            if one.transfer_until:
                yield _dated(f"Transfer to {one.country}: {one.id}", one.transfer_until, today, "rights register")
        for text in self.rights.texts:
            yield _dated(f"Read again: {text.name}", text.review_by, today, "rights register")
        for change in self.rights.changes:
            if change.begins_on > today:
                what = f"Tell people: data for {change.purpose}"
                yield _dated(what, change.begins_on - timedelta(days=1), today, "scrapy notice")

    def notices(self, facts: Facts) -> Section:
        """Count the notices that were sent, by purpose and clock, and how many of them came late."""
        found: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
        query = select(NoticeRow.purpose, NoticeRow.clock, NoticeRow.channel, NoticeRow.due_on, NoticeRow.sent_at)
        for row in facts.connection.execute(query):
            counts = found[row.purpose, row.clock, row.channel]
            counts["sent"] += 1
            counts["late"] += row.sent_at.astimezone(self._zone).date().isoformat() > row.due_on
        return Section(
            "notices",
            "Told",
            "Notices under Articles 13 and 14, by purpose, by the clock that set their last day, and by channel.",
            (Column("Purpose"), Column("Clock"), Column("Channel"), Column("Sent", "count"), Column("Late", "count")),
            [(*key, counts["sent"], counts["late"]) for key, counts in sorted(found.items())],
            "Nobody was told yet.",
            (("Notices sent", sum(one["sent"] for one in found.values()), ""),),
        )

    def requests(self, facts: Facts) -> Section:
        """Count the requests of people by kind: open, overdue, answered, answered late."""
        today = self._today(facts).isoformat()
        found: dict[str, Counter[str]] = defaultdict(Counter)
        query = select(RequestRow.kind, RequestRow.outcome, RequestRow.due_on, RequestRow.closed_at)
        for row in facts.connection.execute(query):
            counts = found[row.kind]
            counts["open"] += not row.outcome
            counts["overdue"] += not row.outcome and row.due_on < today
            counts["closed"] += bool(row.outcome)
            counts["late"] += bool(row.closed_at and self._day(row.closed_at) > row.due_on)
        names = ("open", "overdue", "closed", "late")
        return Section(
            "requests",
            "Asked",
            "Requests under Articles 15 to 18, 20 and 21, by kind; late ones were answered after their last day.",
            (Column("Request"), *(Column(name.capitalize(), "count") for name in names)),
            [(kind, *(counts[name] for name in names)) for kind, counts in sorted(found.items())],
            "Nobody has asked for anything.",
            (("Requests", sum(one["open"] + one["closed"] for one in found.values()), ""),),
        )

    def _day(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).date().isoformat()

    def disclosures(self, facts: Facts) -> Section:
        """List who received data: how many exports, the largest, and the last."""
        query = (
            select(
                DisclosureRow.recipient_id, DisclosureRow.purpose, func.count(), func.max(DisclosureRow.people),
                func.max(DisclosureRow.made_at),
            )
            .group_by(DisclosureRow.recipient_id, DisclosureRow.purpose)
            .order_by(DisclosureRow.recipient_id, DisclosureRow.purpose)
        )  # fmt: skip
        rows = facts.connection.execute(query).all()
        columns = (
            Column("Recipient", "code"), Column("Purpose"), Column("Exports", "count"), Column("Most people", "count"),
            Column("Latest"),
        )  # fmt: skip
        return Section(
            "disclosures",
            "Disclosed",
            "Exports by recipient and purpose; the ledger behind them says which statement went to whom.",
            columns,
            [
                (recipient, purpose, count, small(people), latest.date().isoformat())
                for recipient, purpose, count, people, latest in rows
            ],
            "Nothing was disclosed.",
            (("Exports", sum(row[2] for row in rows), "to registered recipients"),),
        )

    def deletions(self, facts: Facts) -> Section:
        """Count what was deleted by the log of activities: ended retention, erasure, today's stricter rules."""
        wanted = {Action.RETAIN.value, Action.ERASE.value, Action.RESCREEN.value}
        times: Counter[str] = Counter()
        statements: Counter[str] = Counter()
        for entry in entries(facts.connection):
            if entry and entry.action in wanted:
                times[entry.action] += 1
                statements[entry.action] += int(entry.details.get("statements", 0))
        return Section(
            "deletions",
            "Deleted",
            "Acts of deletion in the log of activities, and the values that went with them.",
            (Column("Act"), Column("Times", "count"), Column("Values", "count")),
            [(act, times[act], small(statements[act]) if statements[act] else 0) for act in sorted(times)],
            "Nothing was deleted yet.",
            (("Values deleted", sum(statements.values()), "when their time was over, or on request"),),
        )

    def breaches(self, facts: Facts) -> Section:
        """List the breaches on record with their clock."""
        rows = [
            (
                one.id[:12], one.kind, one.risk, f"{one.noticed_at:%Y-%m-%d %H:%M} UTC", small(one.people),
                f"{one.reported_at:%Y-%m-%d %H:%M} UTC" if one.reported_at else "",
                OVERDUE if one.overdue(facts.now) or one.untold() else IN_ORDER,
            )
            for one in breaches(facts.connection)
        ]  # fmt: skip
        columns = (
            Column("Breach", "code"), Column("Kind"), Column("Risk"), Column("Noticed"), Column("People", "count"),
            Column("Reported"), Column("State", "state"),
        )  # fmt: skip
        lead = "Personal data breaches; one with a risk is reported within 72 hours (Article 33)."
        return Section("breaches", "Breaches", lead, columns, rows, "No breach is on record.")

    def screenings(self, facts: Facts) -> Section:
        """List the do-not-call registers that were asked, and whether their latest answer still holds."""
        query = select(ScreeningRow.register, func.max(ScreeningRow.screened_on), func.count())
        today = self._today(facts)
        rows: list[tuple[Cell, ...]] = []
        for register, latest, count in facts.connection.execute(query.group_by(ScreeningRow.register)):
            until = date.fromisoformat(latest) + SCREENING
            rows.append((register, count, latest, until.isoformat(), OVERDUE if until < today else IN_ORDER))
        columns = (
            Column("Register"), Column("Times", "count"), Column("Latest"), Column("Holds until"),
            Column("State", "state"),
        )  # fmt: skip
        lead = "Do-not-call registers that were asked. No telephone number leaves on an answer older than 28 days."
        return Section("screenings", "Screened", lead, columns, rows, "No register was asked.")


def _counted(what: str, overdue: int, waiting: int, where: str) -> tuple[Cell, ...]:
    state = OVERDUE if overdue else DUE_SOON if waiting else IN_ORDER
    return what, state, overdue or waiting, "", where


def _dated(what: str, last: date, today: date, where: str) -> tuple[Cell, ...]:
    state = OVERDUE if last < today else DUE_SOON if last <= today + SOON else IN_ORDER
    return what, state, 1, last.isoformat(), where
