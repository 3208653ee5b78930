"""Who is erased is in no row any more, everybody else is as if they had never been there, and nobody comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select

from crawler.items import Mention, MentionType, Method, Property, Value
from pipelines.master.accounts import DisclosedRow, DisclosureRow
from pipelines.master.check import check, digest
from pipelines.master.models import MentionRow, PersonRow, StatementRow
from pipelines.master.statements import Reading, write_readings
from pipelines.requests.cases import Desk, recorded
from pipelines.requests.erasing import erase
from pipelines.requests.rules import Identity, Kind
from pipelines.resolution.corrections import correct
from pipelines.resolution.rebuild import rebuild
from pipelines.resolution.resolver import resolve_pending
from pipelines.rights import apart
from pipelines.rights.apart import Apart
from pipelines.rights.suppression import identifiers, keyed_hashes, look_up
from pipelines.upkeep.removal import take_out
from pipelines.upkeep.replay import remove_suppressed
from tests.support.asked import BO, JANE, KEYS, NOW, OTHER, SEEN, asked, desk
from tests.support.kept import rows
from tests.support.reported import Seen, mention, store

OF_JANE = ("jane.roe", "J. Roe", "jane-roe", "Director")


@pytest.fixture
def at(tmp_path: Path) -> Desk:
    return desk(tmp_path)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = store(database_url, SEEN)
    yield engine
    engine.dispose()


def disclosed(connection: Connection, *recipients: str, proof: str = "p") -> None:
    """Note that everything that is held has left for some recipients."""
    for recipient in recipients:
        row = {
            "id": f"to-{recipient}", "recipient_id": recipient, "recipient": {"name": recipient}, "purpose": "p",
            "format": "csv", "made_at": NOW, "people": 3, "withheld": {}, "proof": proof,
        }  # fmt: skip
        connection.execute(insert(DisclosureRow), [row])
        said = connection.execute(select(StatementRow.id, StatementRow.mention_id)).all()
        listed = [{"disclosure_id": row["id"], "statement_id": one[0], "mention_id": one[1]} for one in said]
        connection.execute(insert(DisclosedRow), listed)


def test_nothing_of_an_erased_person_is_left_in_any_table(engine: Engine, at: Desk) -> None:
    with engine.begin() as connection:
        of_jane = MentionRow.url.contains("press"), MentionRow.type == "person"
        home = connection.scalar(select(MentionRow.entity_id).where(*of_jane)) or ""
        correct(connection, home, {Property.JOB_TITLE: "Director of Jane Roe"}, by="an officer", now=NOW)
        waiting = mention(Seen({**JANE, Property.WORKS_FOR: "Oost NV"}, url="http://one.example/oost"))
        apart.keep(connection, KEYS, [Apart(waiting, apart.NAMESAKE)], NOW)
        cases = asked(connection, at, Kind.ERASE, {"email": JANE[Property.EMAIL]})
        done = erase(connection, cases, at)
        recorded(connection, cases, at)
        assert done.mentions > 2
        assert rebuild(connection)[0] == digest(connection)
        assert [finding.invariant for finding in check(connection) if finding.broken] == []
        names = connection.execute(select(PersonRow.name, PersonRow.works_for)).all()
    assert sorted(names) == [("Bo Zuid", "Noord NV"), ("Jane Roe", "Zuid BV")]
    assert [row for listed in rows(engine).values() for row in listed if any(one in str(row) for one in OF_JANE)] == []
    (case,) = cases
    assert case.entry.outcome == "done"
    assert (case.entry.counts["entries"], case.entry.counts["shared"], case.entry.counts["waiting"]) == (1, 1, 1)


def test_what_a_colleague_has_too_puts_no_colleague_out(engine: Engine, at: Desk) -> None:
    with engine.begin() as connection:
        erase(connection, asked(connection, at, Kind.ERASE, {"name": "Jane Roe", "organisation": "Noord N.V."}), at)

        def out(values: dict[Property, str]) -> bool:
            one = Mention(MentionType.PERSON)
            for prop, text in values.items():
                one.add(prop, Value(text, Method.CARD, "", normalised=text))
            return look_up(connection, [keyed_hashes(KEYS, identifiers(one))])[0]

        assert out({**JANE})
        assert out({Property.NAME: "J. Roe", Property.WORKS_FOR: "Noord NV"})
        assert not out({**BO})
        assert not out({**OTHER})
        assert not out({Property.NAME: "Somebody New", Property.TELEPHONE: JANE[Property.TELEPHONE]})


def test_each_recipient_is_told_once_and_of_nobody_else(engine: Engine, at: Desk) -> None:
    with engine.begin() as connection:
        disclosed(connection, "acme", "beta")
        disclosed(connection, "never-finished", proof="")
        cases = asked(connection, at, Kind.ERASE, {"email": JANE[Property.EMAIL]}, {"email": "nobody@west.example"})
        done = erase(connection, cases, at)
    assert {recipient: len(lines) for recipient, lines in done.lines.items()} == {"acme": 1, "beta": 1}
    assert cases[0].entry.counts["recipients"] == ["acme", "beta"]
    assert cases[1].entry.outcome == "nothing-held"
    assert [value for value in (*OF_JANE, "Jane") if value in json.dumps(done.lines)] == []


def test_somebody_who_is_not_held_is_kept_out_all_the_same(engine: Engine, at: Desk) -> None:
    new = Seen({Property.NAME: "Ida West", Property.EMAIL: "ida@west.example"}, url="http://one.example/ida")
    with engine.begin() as connection:
        erase(connection, asked(connection, at, Kind.ERASE, {"email": "ida@west.example"}), at)
        write_readings(connection, [Reading(mention(new))])
        resolve_pending(connection)
        assert remove_suppressed(connection, KEYS) == 1


def test_a_reading_that_identifies_nobody_by_itself_does_not_come_back(engine: Engine, at: Desk) -> None:
    """A page that says a name and a title only is known again as the reading that it was."""
    with engine.begin() as connection:
        bare = Seen({Property.NAME: "Jane Roe", Property.JOB_TITLE: "Director"}, url="http://one.example/bare")
        write_readings(connection, [Reading(mention(bare))])
        resolve_pending(connection)
        home = connection.scalar(select(MentionRow.id).where(MentionRow.url == bare.url)) or ""
        erase(connection, asked(connection, at, Kind.ERASE, {"id": home}), at)
        write_readings(connection, [Reading(mention(bare))])
        resolve_pending(connection)
        assert remove_suppressed(connection, KEYS) == 1


@pytest.mark.parametrize(
    ("who", "identity", "says"),
    [
        ({"email": "jane.roe@noord.example"}, Identity.NONE, "needs to know who asks"),
        ({"id": "", "telephone": "+442079460100"}, Identity.KNOWN, "not certain"),
        ({"name": "Bo Zuid"}, Identity.KNOWN, "a name alone"),
        ({"name": "Nobody Here"}, Identity.KNOWN, "cannot be kept out"),
        ({"name": "Jane Roe", "organisation": "Noord NV"}, Identity.EMAIL_LOOP, "shows nothing"),
        ({"email": "new@noord.example", "name": "Jane Roe", "organisation": "Noord NV"}, Identity.EMAIL_LOOP, "shows"),
    ],
)
def test_what_is_not_certain_is_refused(
    engine: Engine, at: Desk, who: dict[str, str], identity: Identity, says: str
) -> None:
    with engine.begin() as connection:
        (case,) = asked(connection, at, Kind.ERASE, who, identity=identity)
    assert says in case.refusal
    assert not any(value in case.refusal or value in " ".join(case.choices) for value in OF_JANE)


FIRMS, FAMILIES = ("Noord NV", "Zuid BV"), ("Roe", "Poe", "Zuid")
PEOPLE = st.builds(
    lambda given, family, firm, page, mail, phone: (
        {
            Property.NAME: f"{given} {family}",
            Property.WORKS_FOR: firm,
            **({Property.EMAIL: f"{given}.{family}@{firm[:4]}.example".lower()} if mail else {}),
            **({Property.TELEPHONE: f"+4420794601{phone:02}"} if phone < 4 else {}),
        },
        f"http://one.example/{page}",
    ),
    st.sampled_from(("Jane", "J.", "Bo", "Ida")),
    st.sampled_from(FAMILIES),
    st.sampled_from(FIRMS),
    st.integers(0, 4),
    st.booleans(),
    st.integers(0, 5),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PEOPLE, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_the_master_is_what_a_rebuild_would_derive_whoever_goes(people, chance) -> None:  # type: ignore[no-untyped-def]
    engine = store("sqlite://", [Seen(values, url=url) for values, url in people])
    with engine.begin() as connection:
        everybody = sorted(connection.scalars(select(PersonRow.id)))
        going = [one for one in everybody if chance.random() < 0.5]
        theirs = set(connection.scalars(select(MentionRow.id).where(MentionRow.entity_id.in_(going))))
        take_out(connection, theirs)
        assert [finding.invariant for finding in check(connection) if finding.broken] == []
        assert connection.scalars(select(MentionRow.id).where(MentionRow.id.in_(theirs))).all() == []
        before, after = rebuild(connection)
        assert before == after
    engine.dispose()


def test_a_request_that_goes_on_must_be_the_same_persons(engine: Engine, at: Desk) -> None:
    with engine.begin() as connection:
        (case,) = asked(connection, at, Kind.ERASE, {"email": JANE[Property.EMAIL]}, identity=Identity.NONE)
        recorded(connection, [case], at)
        later = Desk(at.keys, at.register, NOW + timedelta(days=3), "another officer")
        from pipelines.requests.cases import Ask, open_cases

        again = Ask(Kind.ERASE, case.ask.named, later.today, Identity.KNOWN, case.entry.id[:8])
        (same,) = open_cases(connection, [again], later)
        assert (same.entry.id, same.entry.received_on, same.refusal) == (case.entry.id, case.entry.received_on, "")
