"""Telling people: who is due, the message on its way, and the proof of it."""

from __future__ import annotations

import hashlib
import os
import smtplib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from heapq import nsmallest
from pathlib import Path

from sqlalchemy import Connection, Engine

from crawler.items import Property
from pipelines.errors import StoreError
from pipelines.master.accounts import NoticeMentionRow, NoticeRow
from pipelines.master.database import reading
from pipelines.master.ids import content_id
from pipelines.master.upsert import upsert
from pipelines.rights import mail, notices
from pipelines.rights.clocks import Clock, Due, notice_due
from pipelines.rights.gate import protected
from pipelines.rights.happenings import Event, events
from pipelines.rights.letters import letter
from pipelines.rights.register import RightsRegister
from pipelines.rights.subjects import Subject, subjects
from pipelines.rights.untold import untold

#: Messages that leave between two commits: so many may leave again after a crash, under the same Message-ID.
GROUP = 100
#: The same for files: one that is written again takes the place of the first.
FILES = 1_000


@dataclass(frozen=True)
class Owed:
    """A notice that somebody is owed.

    `origins` are the purposes of the data that it tells of, by default its own; `event` is what it announces, if it
    tells of no purpose.
    """

    subject: Subject
    purpose: str
    due: Due
    origins: frozenset[str] = frozenset()
    event: Event | None = None

    @property
    def address(self) -> str:
        """Where to write to: the best-supported address, empty when none is held."""
        return next(iter(self.subject.values(Property.EMAIL)), "")

    @cached_property
    def mention_ids(self) -> list[str]:
        """The mentions that it tells of."""
        told = self.origins or {self.purpose}
        return sorted({one.mention_id for one in self.subject.held if self.event or one.origin.purpose in told})

    @cached_property
    def id(self) -> str:
        """The same for the same mentions, so that a notice that left twice is seen to be one."""
        return content_id("notice", self.purpose, *self.mention_ids)


@dataclass(frozen=True, slots=True)
class Message:
    """A notice on its way: `raw` is the message as it is handed over."""

    owed: Owed
    template: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """A way for messages to leave, `group` between two commits; `hand_over` raises StoreError when one could not."""

    channel: str
    hand_over: Callable[[Message], None]
    group: int = GROUP


def owed(connection: Connection, register: RightsRegister, today: date | None = None) -> Iterator[Owed]:
    """Yield the notices that protected people of the master have not had, person by person.

    Who has been told of a purpose is not told again when another page shows the same (Articles 13(4), 14(5)(a)). The
    exemption of Article 14(5)(b), disproportionate effort, is nobody's here: whoever can be written to is written to,
    and whoever cannot stays out of every export. `today` is the day in the controller's zone; without one, events that
    are over are told of too.
    """
    ahead = [event for event in events(connection) if today is None or event.on > today]
    for subject in subjects(connection, only=untold(register.changes, ahead)):
        if protected(subject):
            yield from _owed(subject, register, ahead)


def _owed(subject: Subject, register: RightsRegister, ahead: Sequence[Event]) -> Iterator[Owed]:
    for purpose in subject.purposes:
        if purpose not in subject.notified:
            plan = register.plan(purpose)
            collected = subject.collected(purpose)
            zone = register.controller.zone
            due = notice_due(collected, zone, plan.contact_on, plan.disclosure_on, subject.given(purpose))
            yield Owed(subject, purpose, due)
    for change in register.changes:
        new = change.purpose not in {*subject.purposes, *subject.notified}
        if new and change.from_purpose in subject.purposes:
            due = Due(change.begins_on - timedelta(days=1), Clock.NEW_PURPOSE)
            yield Owed(subject, change.purpose, due, frozenset({change.from_purpose}))
    for event in ahead:
        if event.purpose not in subject.notified:
            yield Owed(subject, event.purpose, Due(event.due_on, Clock.EVENT), event=event)


def overview(found: Iterable[Owed], now: datetime, register: RightsRegister) -> dict[str, int]:
    """Return value-free totals: how many notices are owed, overdue, due within a week, and without an address."""
    today = now.astimezone(register.controller.zone).date()
    counts = Counter({"owed": 0, "overdue": 0, "due-this-week": 0, "no-address": 0})
    for one in found:
        left = (one.due.on - today).days
        counts["owed"] += 1
        counts["overdue"] += left < 0
        counts["due-this-week"] += 0 <= left < 7
        counts["no-address"] += not one.address
    return dict(counts)


def message(one: Owed, register: RightsRegister, now: datetime) -> Message:
    """Return the message for a notice; raises RightsError when its text may not be sent."""
    controller = register.controller
    today = now.astimezone(controller.zone).date()
    if one.event:
        facts = {"controller": controller, "on": one.event.on.isoformat(), "successor": one.event.successor}
        notice = letter(one.event.kind, notices.language_for(one.subject.held), facts, today)
    else:
        named = register.recipients.values()
        notice = notices.write(one.subject, one.purpose, controller, named, today, one.origins)
    headers = {
        "From": controller.email,
        "To": one.address,
        "Subject": notice.subject,
        "Date": format_datetime(now),
        "Message-ID": f"<{one.id}@{controller.email.rpartition('@')[2]}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: an out-of-office reply helps nobody
    }
    return Message(one, notice.template, mail.message(headers, notice.body))


def send(
    engine: Engine, register: RightsRegister, delivery: Delivery, now: datetime, most: int | None = None
) -> Counter[str]:
    """Deliver what is owed and record the proof of it; return how many were sent, and how many have no address.

    Of more than `most` messages those leave whose last day is nearest; who has no address takes no place among them.
    What was handed over before a delivery fails is recorded.
    """
    today = now.astimezone(register.controller.zone).date()
    counts: Counter[str] = Counter({"sent": 0, "no-address": 0})
    sent: list[Message] = []
    try:
        with reading(engine) as connection:
            found = _with_address(owed(connection, register, today), counts)
            for one in found if most is None else nsmallest(most, found, key=_urgency):
                prepared = message(one, register, now)
                delivery.hand_over(prepared)
                sent.append(prepared)
                counts["sent"] += 1
                if len(sent) == delivery.group:
                    _record(engine, sent, delivery.channel, register, now)
                    sent = []
    finally:
        _record(engine, sent, delivery.channel, register, now)
    return counts


def _with_address(found: Iterable[Owed], counts: Counter[str]) -> Iterator[Owed]:
    """Yield the notices that can be written to somebody, and count the others."""
    for one in found:
        if one.address:
            yield one
        else:
            counts["no-address"] += 1


def _urgency(one: Owed) -> tuple[date, str]:
    return one.due.on, one.id


def _record(engine: Engine, sent: list[Message], channel: str, register: RightsRegister, now: datetime) -> None:
    rows = [
        {
            "id": one.owed.id,
            "purpose": one.owed.purpose,
            "due_on": one.owed.due.on.isoformat(),
            "clock": one.owed.due.clock.value,
            "template": one.template,
            "recipients": sorted(
                recipient.id for recipient in register.recipients.values() if one.owed.purpose in recipient.purposes
            ),
            "channel": channel,
            "sent_at": now,
            "proof": hashlib.sha256(one.raw).hexdigest(),
        }
        for one in sent
    ]
    told = [{"notice_id": one.owed.id, "mention_id": mention} for one in sent for mention in one.owed.mention_ids]
    with engine.begin() as connection:
        upsert(connection, NoticeRow, rows)
        upsert(connection, NoticeMentionRow, told)


def into_folder(folder: Path) -> Delivery:
    """Return a delivery that writes each message as a file for a mailer, named by the notice's id."""
    folder.mkdir(parents=True, exist_ok=True)

    def hand_over(one: Message) -> None:
        path = f"{folder}/{one.owed.id}"
        with open(f"{path}.part", "wb", opener=_privately) as file:
            file.write(one.raw)
        os.rename(f"{path}.part", f"{path}.eml")  # noqa: PTH104  a Path costs more than the renaming

    return Delivery("file", hand_over, FILES)


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def by_smtp(server: smtplib.SMTP, sender: str) -> Delivery:
    """Return a delivery over an open SMTP connection; what cannot be delivered comes back to `sender`."""

    def hand_over(one: Message) -> None:
        try:
            server.sendmail(sender, [one.owed.address], one.raw)
        except smtplib.SMTPException as error:
            raise StoreError(
                f"The mail server refused a notice ({_reason(error)}); what left before is recorded."
            ) from None

    return Delivery("smtp", hand_over)


def _reason(error: smtplib.SMTPException) -> str:
    """Return the server's code and nothing of its text, which may quote the address."""
    code = getattr(error, "smtp_code", 0)
    return f"code {code}" if code else type(error).__name__
