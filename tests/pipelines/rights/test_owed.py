"""Who has to be told of what, and until when: three clocks, changes of purpose, and events, in any order."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, true

from crawler import clock
from crawler.items import Acquisition, Property
from pipelines.errors import RightsError
from pipelines.master.answering import EventRow
from pipelines.master.statements import declare_source
from pipelines.rights import notifying
from pipelines.rights.changes import held_purposes, require_begun
from pipelines.rights.clocks import Clock, months_after, notice_due
from pipelines.rights.declared import Change, Planned, RightsRegister
from pipelines.rights.gate import Wishes, Withheld, decide
from pipelines.rights.notifying import into_folder, overview, owed, send
from pipelines.rights.register import load
from pipelines.rights.subjects import subjects
from tests.support import commands, reported
from tests.support.reported import EARLY, Seen, store
from tests.support.rights import written

PURPOSE = "business-directory"
TODAY = date(2026, 11, 2)
ADA = Seen({Property.NAME: "Ada Noord", Property.JOB_TITLE: "Head", Property.EMAIL: "ada@noord.example"})
ABROAD = Seen(
    {Property.NAME: "Al Far", Property.JOB_TITLE: "Head", Property.TELEPHONE: "+12125550123"},
    url="http://one.example/al",
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    engine = store(f"sqlite:///{tmp_path_factory.mktemp('owed') / 'cardfile.db'}", [ADA])
    yield engine
    engine.dispose()


@pytest.fixture
def register(tmp_path: Path) -> RightsRegister:
    return load(written(tmp_path))


@pytest.mark.parametrize(
    ("planned", "on", "by"),
    [
        ((), date(2026, 12, 1), Clock.COLLECTED),
        ((Planned(PURPOSE, disclosure_on=date(2026, 11, 20)),), date(2026, 11, 20), Clock.FIRST_DISCLOSURE),
        ((Planned(PURPOSE, contact_on=date(2026, 11, 10)),), date(2026, 11, 10), Clock.FIRST_CONTACT),
        ((Planned(PURPOSE, date(2026, 11, 10), date(2026, 11, 9)),), date(2026, 11, 9), Clock.FIRST_DISCLOSURE),
        ((Planned(PURPOSE, date(2027, 1, 1)), Planned(PURPOSE, date(2026, 11, 5))), date(2026, 11, 5),
         Clock.FIRST_CONTACT),
        ((Planned("something-else", date(2026, 11, 3)),), date(2026, 12, 1), Clock.COLLECTED),
    ],
)  # fmt: skip
def test_three_clocks(
    engine: Engine, register: RightsRegister, planned: tuple[Planned, ...], on: date, by: Clock
) -> None:
    with engine.connect() as connection:
        (one,) = owed(connection, replace(register, planned=planned), TODAY)
    assert (one.due.on, one.due.clock) == (on, by)


def test_who_gave_the_data_is_told_the_same_day(tmp_path: Path, register: RightsRegister) -> None:
    engine = store(f"sqlite:///{tmp_path / 'cardfile.db'}", [ADA])
    asked = Acquisition("interview", "none", 13, date(2026, 11, 1))
    with engine.begin() as connection:
        declare_source(connection, replace(reported.source("one"), acquisition=asked))
    with engine.connect() as connection:
        (one,) = owed(connection, register, TODAY)
    assert (one.due.on, one.due.clock) == (date(2026, 11, 1), Clock.COLLECTED)
    send(engine, register, into_folder(tmp_path / "out"), EARLY)
    (text,) = (tmp_path / "out").iterdir()
    assert "Article 13 of the" in text.read_text("utf-8")
    with engine.connect() as connection:
        assert list(owed(connection, register, TODAY)) == []
    engine.dispose()


def test_a_limit_takes_the_most_urgent_and_leaves_no_place_to_who_has_no_address(
    tmp_path: Path, register: RightsRegister
) -> None:
    """The order of ids would leave whoever has none in front, and a nightly limit would send nothing any more."""
    named = [
        Seen(
            {Property.NAME: f"{name} Noord", Property.JOB_TITLE: "Head", Property.TELEPHONE: f"+4420794601{n:02}"}
            | ({Property.EMAIL: f"ada{n}@noord.example"} if n < 3 else {}),
            url=f"http://one.example/{n}",
            at=EARLY + timedelta(days=-7 * n),
        )
        for n, name in enumerate(["Ada", "Bea", "Cor", "Dirk", "Ella", "Fien", "Guus", "Hans", "Ida"])
    ]
    engine = store(f"sqlite:///{tmp_path / 'cardfile.db'}", named)
    for first in (2, 1, 0):
        out = tmp_path / str(first)
        assert send(engine, register, into_folder(out), EARLY, 1) == {"sent": 1, "no-address": 6}
        assert f"ada{first}@" in next(out.iterdir()).read_text("utf-8")
    engine.dispose()


CHANGE = Change("invitations", PURPOSE, date(2027, 1, 1), "compatible")


@pytest.mark.parametrize(
    ("now", "held"),
    [
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), False),  # New Year in Amsterdam
        (datetime(2027, 6, 1, tzinfo=UTC), False),
    ],
)
def test_a_new_purpose_is_held_until_its_day(register: RightsRegister, now: datetime, held: bool) -> None:
    changed = replace(register, changes=(CHANGE,))
    assert set(held_purposes(changed, now)) == ({"invitations"} if held else set())
    require_begun(changed, PURPOSE, now)
    if held:
        with pytest.raises(RightsError, match="before 2027-01-01"):
            require_begun(changed, "invitations", now)


def test_people_are_told_of_a_new_purpose_before_anything_leaves_for_it(tmp_path: Path) -> None:
    engine = store(f"sqlite:///{tmp_path / 'cardfile.db'}", [ADA])
    register = replace(load(written(tmp_path)), changes=(CHANGE,))
    with engine.connect() as connection:
        due = {one.purpose: one.due for one in owed(connection, register, TODAY)}
    assert (due["invitations"].on, due["invitations"].clock) == (date(2026, 12, 31), Clock.NEW_PURPOSE)

    def verdict() -> Withheld | None:
        with engine.connect() as connection:
            (ada,) = subjects(connection)
        later = datetime(2027, 2, 1, tzinfo=UTC)
        return decide(ada, "invitations", later, Wishes(), register.origins("invitations")).withheld

    assert verdict() is Withheld.NOT_NOTIFIED
    assert send(engine, register, into_folder(tmp_path / "out"), EARLY + timedelta(days=1))["sent"] == 2
    assert verdict() is None
    texts = "".join(file.read_text("utf-8") for file in (tmp_path / "out").iterdir())
    assert "Purpose: invitations" in texts
    with engine.connect() as connection:
        assert list(owed(connection, register, TODAY)) == []
    engine.dispose()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    store(f"sqlite:///{tmp_path / 'cardfile.db'}", [ADA, ABROAD]).dispose()
    written(tmp_path)
    own = {"CARDFILE_HOME": str(tmp_path), "CARDFILE_RIGHTS": str(tmp_path / "rights.toml")}
    monkeypatch.setattr(clock, "now", lambda: EARLY + timedelta(days=2))

    def call(*arguments: str) -> Any:
        code = commands.call(*arguments, "--json", **own)
        said = capsys.readouterr()
        return code, json.loads(said.out.splitlines()[0]) if said.out.startswith("{") else said.err

    return call


SALE = ("event", "sale", "--on", "2027-06-01", "--name", "New BV", "--address", "Kade 2", "--email", "p@new.example")


def test_a_sale_is_told_to_everybody_once(run: Callable[..., Any], tmp_path: Path) -> None:
    run("notice", "--into", str(tmp_path / "first"))
    assert run("notice")[1]["owed"] == 1  # Al Far has no address
    _, event = run(*SALE)
    code, counts = run("notice")
    assert (code, counts["owed"]) == (0, 3)
    assert run("notice", "--into", str(tmp_path / "second"))[1]["sent"] == 1
    (letter,) = (tmp_path / "second").iterdir()
    assert "New BV" in letter.read_text("utf-8")
    assert run("notice", "--into", str(tmp_path / "third"))[1]["sent"] == 0
    assert run("event", "call-off", event["event"])[0] == 0
    assert run("event", "list")[1] == ""


def test_the_end_of_the_service_is_told(run: Callable[..., Any], tmp_path: Path) -> None:
    assert run("event", "withdrawal", "--on", "2027-12-31")[0] == 0
    assert run("notice", "--into", str(tmp_path / "out"))[1]["sent"] == 2
    assert any("2027-12-31" in file.read_text("utf-8") for file in (tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["event", "sale", "--on", "2027-06-01"], "names who takes over"),
        (["event", "withdrawal", "--on", "2027-06-01", "--name", "x"], "a withdrawal nobody"),
        (["event", "withdrawal", "--on", "2020-06-01"], "not ahead"),
        (["event", "withdrawal", "--on", "soon"], "--on is a day"),
        (["event", "call-off"], "needs an event"),
        (["event", "call-off", "ffff"], "0 events answer"),
    ],
)
def test_wrong_use_is_told(run: Callable[..., Any], arguments: list[str], says: str) -> None:
    code, said = run(*arguments)
    assert code == 2
    assert says in said


def test_a_dry_run_announces_nothing(run: Callable[..., Any]) -> None:
    assert run(*SALE, "--dry-run")[0] == 0
    assert run("event", "list")[1] == ""
    assert run(*SALE)[0] == 0
    assert run(*SALE)[0] == 2  # on record already


@pytest.mark.parametrize("told", [False, True], ids=["untold", "told"])
@pytest.mark.parametrize("announced", [False, True], ids=["no event", "event"])
@pytest.mark.parametrize(
    ("changes", "left"),
    [((), 0), ((CHANGE,), 2), ((replace(CHANGE, from_purpose="something-else"),), 0)],
    ids=["no change", "change", "change of something else"],
)
def test_the_database_leaves_out_only_people_who_are_owed_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: tuple[Change, ...], left: int,
    announced: bool, told: bool,
) -> None:  # fmt: skip
    engine = store(database_url, [ADA, ABROAD, replace(ADA, source="two", url="http://two.example/team")])
    register = load(written(tmp_path))
    if told:
        assert send(engine, register, into_folder(tmp_path / "out"), EARLY)["sent"] == 1
    if announced:
        event = {
            "id": "e" * 32,
            "kind": "withdrawal",
            "on": "2027-06-01",
            "successor": {},
            "recorded_at": EARLY,
            "by": "",
        }
        with engine.begin() as connection:
            connection.execute(insert(EventRow), [event])
    register = replace(register, changes=changes)
    with engine.connect() as connection:
        found = [(one.id, one.due) for one in owed(connection, register, TODAY)]
        monkeypatch.setattr(notifying, "untold", lambda *_: true())
        assert found == [(one.id, one.due) for one in owed(connection, register, TODAY)]
    assert len(found) == (1 if told else 2) + left + 2 * announced
    engine.dispose()


START = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = st.integers(-3 * 366 * 86_400, 7 * 366 * 86_400)  # leap years and clock changes among them
ZONES = ("Europe/Amsterdam", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC", "America/St_Johns")


@given(
    SECONDS.map(lambda seconds: START + timedelta(seconds=seconds)),
    st.sampled_from(ZONES),
    st.integers(1, 3),
)
def test_a_period_of_months_ends_as_regulation_1182_71_says(moment: datetime, zone: str, months: int) -> None:
    day = moment.astimezone(ZoneInfo(zone)).date()
    end = months_after(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)
    assert notice_due(moment, ZoneInfo(zone)).on == months_after(day, 1)


@given(
    SECONDS.map(lambda seconds: START + timedelta(seconds=seconds)),
    st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1)),
)
def test_the_first_clock_decides(collected: datetime, contact: date | None, disclosure: date | None) -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    due = notice_due(collected, zone, contact, disclosure)
    month = months_after(collected.astimezone(zone).date(), 1)
    assert due.on == min(day for day in (month, contact, disclosure) if day)


def test_what_is_overdue_is_counted(engine: Engine, register: RightsRegister) -> None:
    planned = replace(register, planned=(Planned(PURPOSE, disclosure_on=date(2026, 11, 10)),))
    with engine.connect() as connection:
        found = list(owed(connection, planned, TODAY))
    at = datetime(2026, 11, 10, 22, 59, tzinfo=UTC)
    assert overview(found, at, planned)["overdue"] == 0
    assert overview(found, at + timedelta(minutes=1), planned)["overdue"] == 1  # midnight in Amsterdam
