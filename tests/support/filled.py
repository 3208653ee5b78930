"""Large stores for measuring reads: rows of invented people, put into the tables directly.

`python -m tests.support.filled URL PEOPLE [KEYS]` fills an empty store. The rows are those that a crawl and a
resolution would leave (every value has its statement, capture and permission, every seventh person was merged from two
readings), so `scrapy db check` finds nothing; only the blocking keys are random numbers, for nothing is resolved again.
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, Engine, Table
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateIndex, DropIndex

from crawler.items import MentionType
from pipelines.master.database import open_store
from pipelines.master.ids import content_id, employer_id, mention_id
from pipelines.master.models import Base
from tests.support.readings import source

#: People of one page, of one organisation and of one source.
PAGE, FIRM, SOURCE = 10, 20, 500
_START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
_GIVEN = ("", "ma", "li", "ro", "ke", "ta", "ni", "so")
_FAMILY = ("ba", "der", "kel", "mor", "sten", "vig", "lund", "ro")
_TITLES = ("Director", "Head of Sales", "Engineer", "Press Officer", "Controller", "Counsel")
_QUICKLY = {
    "sqlite": (
        "PRAGMA foreign_keys = OFF",
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA cache_size = -1000000",
        "BEGIN",
    )
}
Row = tuple[Any, ...]
_EMPTY: dict[str, dict[str, Any]] = {
    table.name: {
        column.name: None if column.nullable else "[]" if isinstance(column.type, JSON) else column.type.python_type()
        for column in table.columns
        if column.nullable or column.type.python_type in {str, int, bool, dict, list}
    }
    for table in Base.metadata.sorted_tables
}
_CELLS = {table.name: itemgetter(*(column.name for column in table.columns)) for table in Base.metadata.sorted_tables}


def fill(engine: Engine, people: int, keys: int = 6) -> None:
    """Fill an empty store with so many people, whose mentions have so many blocking keys each; the same every time."""
    indexes = [index for table in Base.metadata.sorted_tables for index in table.indexes]
    raw = engine.raw_connection()
    cursor = raw.cursor()
    for statement in _QUICKLY.get(engine.dialect.name, ()):
        cursor.execute(statement)
    for index in indexes:
        cursor.execute(str(DropIndex(index).compile(engine)))
    groups = _groups(people, keys)
    while group := list(islice(groups, 2_000)):
        rows: defaultdict[str, list[Row]] = defaultdict(list)
        for found in group:
            for name, row in found:
                rows[name].append(row)
        for table in Base.metadata.sorted_tables:
            if rows[table.name]:
                _put(cursor, table, rows[table.name], postgres=engine.dialect.name == "postgresql")
    for index in indexes:
        cursor.execute(str(CreateIndex(index).compile(engine)))
    if engine.dialect.name == "postgresql":
        cursor.execute("ANALYZE")  # it does so by itself after a while; nobody does it for SQLite
    raw.commit()
    raw.detach()  # it was told not to be careful
    raw.close()


def _put(cursor: Any, table: Table, rows: Sequence[Row], *, postgres: bool) -> None:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    if postgres:
        with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(table.columns))
    plain = ([_sqlite(cell) if type(cell) is datetime else cell for cell in row] for row in rows)
    cursor.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', plain)


@lru_cache(maxsize=64)
def _sqlite(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


def _row(name: str, /, **values: Any) -> tuple[str, Row]:
    return name, _CELLS[name](_EMPTY[name] | values)


def _groups(people: int, keys: int) -> Iterator[list[tuple[str, Row]]]:
    """Yield rows with the name of their table: shared ones first, then page by page; parents before children."""
    dice = random.Random(people)
    yield [_permission()]
    sources = range(-(-people // SOURCE))
    yield [found for number in sources for found in _source(number)]
    yield [_source_row("press"), _run("press")]
    for page in range(-(-people // PAGE)):
        numbers = range(page * PAGE, min(people, (page + 1) * PAGE))
        yield list(_Page(page, keys, dice).rows(numbers))


def _permission() -> tuple[str, Row]:
    return _row(
        "permission", id=_id("permission"), user_agent="Cardfile (+https://operator.example)", robots_status=200,
        robots_url="http://www.firm.example/robots.txt", robots_hash="0" * 64, rule="Allow: /", signals="[]",
    )  # fmt: skip


def _source(number: int) -> Iterator[tuple[str, Row]]:
    yield _source_row(f"source-{number}")
    yield _run(f"source-{number}")


def _source_row(identifier: str) -> tuple[str, Row]:
    declared = source(identifier)
    columns = [column.name for column in Base.metadata.tables["source"].columns]
    return _row("source", **{name: getattr(declared, name) for name in columns})


def _run(identifier: str) -> tuple[str, Row]:
    return _row(
        "run", id=_id("run", identifier), source_id=identifier, spider="company_site", started_at=_START,
        ended_at=_START + timedelta(hours=1), outcome="finished", counts=json.dumps({"items": 10, "pages": 5}),
    )  # fmt: skip


class _Page:
    """A page of a company site with its people, and the press page that some of them stand on again."""

    def __init__(self, number: int, keys: int, dice: random.Random) -> None:
        self.number, self.keys, self.dice = number, keys, dice
        firm = number * PAGE // FIRM
        self.firm = f"{word(firm, _FAMILY)} {word(firm // 7, _FAMILY)} NV"
        self.host = f"firm{firm}.example"
        self.first = number * PAGE % FIRM == 0
        self.home = f"source-{number * PAGE // SOURCE}", f"http://{self.host}/team/{number}"
        self.press = "press", f"http://press.example/{number}"
        self.at = _START + timedelta(seconds=number % 3_000_000)

    def rows(self, people: Iterable[int]) -> Iterator[tuple[str, Row]]:
        """Yield the rows of one page."""
        yield from self._capture(*self.home)
        yield from self._capture(*self.press)
        earliest = self.number - self.number % (FIRM // PAGE)
        organisation = employer_id(self.home[0], f"http://{self.host}/team/{earliest}", self.firm)
        own = employer_id(*self.home, self.firm)
        yield self._mention(own, MentionType.ORGANISATION, self.home, organisation, self.firm)
        statement = self._statement(own, self.home, "name", self.firm)
        yield statement
        if self.first:
            yield self._organisation(organisation)
            yield self._value(organisation, "name", self.firm, 0, statement[1][0])
        yield from self._keys(own)
        for number in people:
            yield from self._person(number, organisation)

    def _person(self, number: int, organisation: str) -> Iterator[tuple[str, Row]]:
        given, family = word(number * 31 % 4096, _GIVEN).strip() or "Ro", word(number * 17 + number // 4096, _FAMILY)
        name, title = f"{given} {family}", _TITLES[number % len(_TITLES)]
        facts = {
            "name": name,
            "givenName": given,
            "familyName": family,
            "jobTitle": title,
            "worksFor": self.firm,
            "email": f"{given}.{family}.{number}@{self.host}".lower(),
            "telephone": f"+1{201 + number // 100 % 799}555{100 + number % 100:04}",
        }
        person = mention_id(*self.home, MentionType.PERSON, name, number)
        yield self._mention(person, MentionType.PERSON, self.home, person, name)
        statements = {}
        for prop, value in facts.items():
            found = self._statement(person, self.home, prop, value)
            statements[prop] = found[1][0]
            yield found
        yield from self._keys(person)
        again = number % 7 == 0
        if again:
            yield from self._again(number, name, person, facts)
        yield _row(
            "person", id=person, name=name, given_name=given, family_name=family, honorific_prefix="",
            honorific_suffix="", job_title=title, works_for=self.firm, email=facts["email"],
            telephone=facts["telephone"], fax_number="", work_location="", url="", mentions=1 + again,
            first_seen=self.at,
        )  # fmt: skip
        for prop, value in facts.items():
            yield self._value(person, prop, value, 0, statements[prop])
        yield _row(
            "employment", id=_id("employment", person), person_id=person, organisation_id=organisation,
            job_title=title, works_for=self.firm, start=self.at, end=None, current=True,
        )  # fmt: skip

    def _again(self, number: int, name: str, person: str, facts: dict[str, str]) -> Iterator[tuple[str, Row]]:
        other = mention_id(*self.press, MentionType.PERSON, name, number)
        yield self._mention(other, MentionType.PERSON, self.press, person, f"{name} again")
        for prop in ("name", "jobTitle", "worksFor", "email"):
            yield self._statement(other, self.press, prop, facts[prop])
        yield from self._keys(other)
        left, right = sorted((person, other))
        reasons = [
            {"rule": "name.exact", "bits": 9.2, "sentence": "The names are equal."},
            {"rule": "email.same", "bits": 14.0, "sentence": "They share a personal mailbox."},
            {"rule": "firm.same", "bits": 3.1, "sentence": "They name one employer."},
        ]
        yield _row(
            "judgement", id=_id("judgement", left, right), left_id=left, right_id=right, verdict="same",
            probability=0.999, bits=11.0, reasons=json.dumps(reasons), by="learnt-2026-11-22", human=False,
            made_at=self.at, superseded_at=None,
        )  # fmt: skip

    def _capture(self, identifier: str, url: str) -> Iterator[tuple[str, Row]]:
        content = blake2b(url.encode(), digest_size=32).hexdigest()
        yield _row(
            "capture", id=_id("capture", url), source_id=identifier, run_id=_id("run", identifier),
            permission_id=_id("permission"), url=url, fetched_at=self.at, content_hash=content, status=200,
            media_type="text/html", etag="", last_modified="", rendered=False,
        )  # fmt: skip
        yield _row(
            "document", source_id=identifier, url=url, etag="", last_modified="", content_hash=content, reader="0" * 32,
            links="[]", sole=False, depth=1, priority=0, state="shown", reason="", shown_at=self.at, checked_at=self.at,
            lost_since=None, missing_since=None,
        )  # fmt: skip

    def _mention(
        self, identifier: str, kind: MentionType, place: tuple[str, str], entity: str, content: str
    ) -> tuple[str, Row]:
        return _row(
            "mention", id=identifier, source_id=place[0], type=kind.value, url=place[1], language="en",
            locator="/html/body/main/ul/li[3]", country="US", first_seen=self.at, last_seen=self.at,
            last_capture_id=_id("capture", place[1]), entity_id=entity,
            content=_id("content", content, self.host), pending=False,
        )  # fmt: skip

    def _statement(self, mention: str, place: tuple[str, str], prop: str, value: str) -> tuple[str, Row]:
        return _row(
            "statement", id=_id("statement", mention, prop, value), mention_id=mention, property=prop, employment=0,
            original=value, normalised=value, evidence=f"{value} …", method="card",
            locator="/html/body/main/ul/li[3]/p", confidence=0.9, first_seen=self.at, last_seen=None, left_at=None,
            retired_at=None, quarantined_at=None, first_capture_id=_id("capture", place[1]), last_capture_id=None,
        )  # fmt: skip

    def _organisation(self, identifier: str) -> tuple[str, Row]:
        return _row(
            "organisation", id=identifier, name=self.firm, email="", telephone="", fax_number="", work_location="",
            url="", mentions=FIRM // PAGE, first_seen=self.at,
        )  # fmt: skip

    def _value(self, entity: str, prop: str, value: str, rank: int, statement: str) -> tuple[str, Row]:
        return _row(
            "master_value", entity_id=entity, property=prop, value=value, rank=rank, support=1, statement_id=statement
        )

    def _keys(self, mention: str) -> Iterator[tuple[str, Row]]:
        for _ in range(self.keys):
            yield _row("block_key", key=self.dice.getrandbits(63), mention_id=mention)


def _id(*parts: str) -> str:
    return content_id("filled", *parts)


def word(number: int, syllables: Sequence[str]) -> str:
    """Return a word for a number: neighbours differ, so that the order of names is not that of the rows."""
    found = ""
    for _ in range(4):
        number, digit = divmod(number, len(syllables))
        found += syllables[digit]
    return found.capitalize()


if __name__ == "__main__":
    store = open_store(make_url(sys.argv[1]))
    fill(store, *map(int, sys.argv[2:]))
    store.dispose()
