"""Readings, notices, exports, deletion and objections in any order: nothing leaves after its end, or untold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from crawler.items import Property
from pipelines.master.accounts import DisclosedRow, NoticeMentionRow, NoticeRow
from pipelines.master.models import MentionRow, SourceRow, StatementRow
from pipelines.master.statements import Reading, declare_source, mention_ids
from pipelines.resolution.resolver import resolve
from pipelines.rights import exporting
from pipelines.rights.declared import Retention, RightsRegister
from pipelines.rights.expiry import Gatekeeper
from pipelines.rights.exporting import Export
from pipelines.rights.notifying import into_folder, send
from pipelines.rights.register import load
from pipelines.rights.renderings import Format
from pipelines.rights.secret import Keyring
from pipelines.rights.suppression import suppress
from pipelines.upkeep.retaining import retain
from tests.support.reported import EARLY, RUN, Seen, mention, source, store
from tests.support.rights import written

KEYS = Keyring(b"k" * 32)
POLICY = Retention(lost_support_days=10_000)
PURPOSE = "business-directory"
PERIODS = {"one": 60, "press": 200}
NAMES = ("Ada Achterberg", "Bo Zuid", "Cy Oost")


@dataclass
class Office:
    """A store with its registers, and what may happen in it on a day."""

    engine: Engine
    register: RightsRegister
    folder: Path
    out: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Let the sources keep people for different periods."""
        with self.engine.begin() as connection:
            for name, days in PERIODS.items():
                declare_source(connection, replace(source(name), retention_days=days))

    def read(self, which: int, at: datetime) -> None:
        """Read a person on a site, or in the press."""
        name = NAMES[which % len(NAMES)]
        place = list(PERIODS)[which % len(PERIODS)]
        values = {Property.NAME: name, Property.JOB_TITLE: "Clerk", Property.EMAIL: address(name)}
        found = mention(Seen(values, source=place, url=f"http://{place}.example/{which}", at=at))
        with self.engine.begin() as connection:
            (stored,) = Gatekeeper(place, KEYS).write(connection, [Reading(found, RUN)])
            if stored is not None:
                resolve(connection, [mention_ids(found)])

    def tell(self, which: int, at: datetime) -> None:
        """Send what is owed, to one person or to all."""
        send(self.engine, self.register, into_folder(self.folder / "out"), at, 1 if which % 2 else None)

    def delete(self, _which: int, at: datetime) -> None:
        """Delete what has ended."""
        retain(self.engine, KEYS, POLICY, at, self.register.controller.zone)

    def object(self, which: int, at: datetime) -> None:
        """Put somebody on the suppression list."""
        self.out.add(NAMES[which % len(NAMES)])
        with self.engine.begin() as connection:
            suppress(connection, KEYS, [("email", address(NAMES[which % len(NAMES)]))], "objection", at)

    def disclose(self, _which: int, at: datetime) -> int:
        """Export, look at what left, and return how many people did."""
        export = Export(self.register.recipients["acme"], PURPOSE, Format.CSV, at, KEYS)
        exporting.write(self.engine, export, self.folder / f"{export.id}.csv")
        told = (
            select(MentionRow.entity_id, func.min(NoticeRow.sent_at))
            .join(NoticeMentionRow, NoticeMentionRow.mention_id == MentionRow.id)
            .join(NoticeRow, NoticeRow.id == NoticeMentionRow.notice_id)
            .group_by(MentionRow.entity_id)
        )
        with self.engine.connect() as connection:
            since = {row[0]: row[1] for row in connection.execute(told)}
            query = (
                select(StatementRow.first_seen, SourceRow.retention_days, MentionRow.entity_id)
                .join(DisclosedRow, DisclosedRow.statement_id == StatementRow.id)
                .join(MentionRow, MentionRow.id == StatementRow.mention_id)
                .join(SourceRow, SourceRow.id == MentionRow.source_id)
                .where(DisclosedRow.disclosure_id == export.id)
            )
            for row in connection.execute(query):
                assert at < row.first_seen + timedelta(days=row.retention_days)
                assert since[row.entity_id] <= at
        lines = (self.folder / f"{export.id}.csv").read_text("utf-8")
        assert not [name for name in self.out if address(name) in lines]
        return export.people


def address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@noord.example"


@contextmanager
def office() -> Iterator[Office]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = store(f"sqlite:///{folder}/cardfile.db", [Seen({Property.NAME: "Noord NV"}, source="press")])
        yield Office(engine, load(written(folder)), folder)
        engine.dispose()


ACTS = ("read", "tell", "delete", "object", "disclose")


@settings(max_examples=15, phases=(Phase.generate,), deadline=None)
# Less than a year in all: nobody is told with a text whose review has run out.
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 5), st.integers(0, 22)), min_size=4, max_size=16))
def test_nothing_leaves_after_its_end_or_untold(acts: list[tuple[str, int, int]]) -> None:
    with office() as place:
        at = EARLY
        place.read(0, at)
        place.tell(0, at)
        for act, which, days in [*acts, ("disclose", 0, 0)]:
            at += timedelta(days=days)
            getattr(place, act)(which, at)


@pytest.mark.parametrize(
    ("acts", "leave"),
    [
        ((("read", 0), ("tell", 0), ("disclose", 59)), 1),
        ((("read", 0), ("tell", 0), ("disclose", 60)), 0),  # not deleted yet, and may not leave any more
        ((("read", 0), ("disclose", 1)), 0),
        ((("read", 0), ("tell", 0), ("object", 1), ("disclose", 2)), 0),
        ((("read", 0), ("tell", 0), ("delete", 60), ("read", 61), ("disclose", 62)), 0),
        ((("tell", 0), ("read", 1), ("disclose", 2), ("tell", 3), ("disclose", 4)), 1),
    ],
)
def test_in_time_and_told_people_leave(acts: tuple[tuple[str, int], ...], leave: int) -> None:
    with office() as place:
        found = [getattr(place, act)(0, EARLY + timedelta(days=day)) for act, day in acts]
    assert found[-1] == leave
