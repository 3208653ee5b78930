"""What came in under looser rules goes when they grow stricter, is counted, and is quoted nowhere any more."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine, insert, select

from crawler.items import MentionType, Property
from pipelines.master.models import DisposalRow, EmploymentRow, PersonRow, StatementRow
from pipelines.resolution.rebuild import rebuild
from pipelines.upkeep.rescreen import rescreen, screen_store
from tests.support.kept import JANE, NOORD, filled, rows
from tests.support.reported import Seen, store

OLD = [
    (Property.JOB_TITLE, "Catholic press officer", "religion_belief"),
    (Property.JOB_TITLE, "mother of two", "marital_family"),
    (Property.WORKS_FOR, "Sample Workers' Party", "political_opinion"),
    (Property.EMAIL, "jane@gmail.com", "private_contact"),
    (Property.SAME_AS, "https://www.facebook.com/jane.roe", "private_contact"),
    (Property.WORK_LOCATION, "402-19-4925", "national_id"),
]


@pytest.mark.parametrize(("prop", "value", "category"), OLD)
def test_an_old_value_goes_and_is_counted(database_url: str, prop: Property, value: str, category: str) -> None:
    evidence = f"Jane Roe, {value}, jane.roe@noord.example"
    kept = {key: text for key, text in JANE.items() if key is not prop}
    engine = store(
        database_url, [Seen({**kept, prop: value}, evidence=evidence), Seen(NOORD, type=MentionType.ORGANISATION)]
    )
    assert screen_value(engine) == [value]
    with engine.begin() as connection:
        found = rescreen(connection)
        rebuild(connection)
    assert found.by_category() == {category: 1}
    with engine.connect() as connection:
        person = connection.execute(select(PersonRow)).one()
        counted = connection.execute(
            select(DisposalRow.stage, DisposalRow.host, DisposalRow.category, DisposalRow.count)
        ).all()
    assert person.name == "Jane Roe"
    assert counted == [("rescreen", "one.example", category, 1)]
    stored = json.dumps({table: values for table, values in rows(engine).items() if table != "mention"}, default=str)
    assert value not in stored or prop is Property.WORKS_FOR  # an organisation may be called so; nobody works there
    assert screen_value(engine) == []
    engine.dispose()


def screen_value(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        found = screen_store(connection)
        return list(
            connection.scalars(select(StatementRow.normalised).where(StatementRow.id.in_(found.statements)).distinct())
        )


def test_the_evidence_of_what_stays_quotes_it_no_more(tmp_path: object) -> None:
    seen = Seen({**JANE, Property.JOB_TITLE: "widow"}, evidence="Jane Roe, widow, Noord NV")
    engine = store(f"sqlite:///{tmp_path}/cardfile.db", [seen])
    with engine.begin() as connection:
        rescreen(connection)
        evidence = set(connection.scalars(select(StatementRow.evidence)))
    assert evidence == {"Jane Roe … Noord NV", "Noord NV"}
    engine.dispose()


def test_a_job_of_a_revealing_employer_stays_without_it(tmp_path: object) -> None:
    seen = Seen({**JANE, Property.WORKS_FOR: "Sample Workers' Party"})
    engine = store(f"sqlite:///{tmp_path}/cardfile.db", [seen])
    with engine.connect() as connection:
        assert not screen_store(connection, revealing_employers=True).statements
    with engine.begin() as connection:
        rescreen(connection)
        rebuild(connection)
        job = connection.execute(select(EmploymentRow.job_title, EmploymentRow.works_for)).one()
    assert tuple(job) == ("Director", "")
    engine.dispose()


def test_a_store_of_today_stays_as_it_is(engine: Engine) -> None:
    before = rows(engine)
    with engine.begin() as connection:
        assert not rescreen(connection).statements
    assert rows(engine) == before


def test_a_property_that_the_schema_no_longer_knows_goes(tmp_path: object) -> None:
    engine = filled(f"sqlite:///{tmp_path}/cardfile.db")
    with engine.begin() as connection:
        row = dict(connection.execute(select(StatementRow.__table__).limit(1)).mappings().one())
        connection.execute(insert(StatementRow).values(row | {"id": "0" * 32, "property": "nationality"}))
        assert rescreen(connection).statements == ["0" * 32]
    engine.dispose()
