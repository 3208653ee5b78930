"""A store as a crawl of many people leaves it, put into the tables directly: for measuring what one more mention costs.

The people are those of `tests.bench.resolution`, each once, on a page at its employer's host that names the employer:
two mentions. Contents, blocking keys and statistics are the real ones, the latter learnt from all of the stock, as
`scrapy resolve` does at night, so a mention that is resolved afterwards meets what it would meet; nobody in the stock
was merged but the employers, whose pages are copies of one another. For SQLite.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.schema import CreateIndex, DropIndex

from crawler.items import Capture, Mention, MentionType, Method, Permission, Property, Source, Value
from pipelines.master.ids import content_id, employer_id, mention_id, name_key
from pipelines.master.models import Base
from pipelines.master.statements import Reading, capture_id, declare_source, statement_id
from pipelines.resolution import copies, frozen, judgements, keys, many_statistics
from pipelines.resolution.candidates import Candidates
from pipelines.resolution.collection import Collection
from pipelines.resolution.comparison import compare
from pipelines.resolution.preparation import Prepared, prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics
from tests.bench.resolution import mentions

START = datetime(2026, 3, 1, tzinfo=UTC)
_GRANT = Permission("Cardfile", "http://bench.example/robots.txt", 200, "0" * 64, "Allow: /")
_FIELDS = {
    Property.NAME: "names",
    Property.WORKS_FOR: "organisations",
    Property.JOB_TITLE: "job_titles",
    Property.EMAIL: "emails",
    Property.TELEPHONE: "telephones",
    Property.WORK_LOCATION: "addresses",
}
_COLUMNS = {
    Property.NAME: "name",
    Property.WORKS_FOR: "works_for",
    Property.JOB_TITLE: "job_title",
    Property.EMAIL: "email",
    Property.TELEPHONE: "telephone",
    Property.WORK_LOCATION: "work_location",
}
_QUICKLY = (
    "PRAGMA foreign_keys = OFF",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -1000000",
    "BEGIN",
)


def source() -> Source:
    """Return the one source of all mentions."""
    return Source("bench", "company-site", "Bench", "business-directory", "contract", "company_site", (), 365)


def _made(people: int) -> Iterator[tuple[int, Record, bool, bool]]:
    """Yield all mentions of the world that a stock is taken from: number, record, first of its person, held back."""
    world = people * 5 // 2
    every = max(2, world // 2600)
    last = 0
    for number, (record, person) in enumerate(mentions(world)):
        yield number, record, person != last, number % every == 0
        last = person


def held_back(people: int) -> Iterator[Reading]:
    """Yield mentions that the stock lacks, read after all of it: half of them are of people whom it holds."""
    return (reading(record, people * 3 + number) for number, record, _, held in _made(people) if held)


def reading(record: Record, number: int) -> Reading:
    """Return one mention on a page at its employer's host, a page a minute."""
    host = next(iter(record.organisations), "nowhere").split(" B")[0].replace(" ", "-").lower()
    fetched = START + timedelta(minutes=number)
    url = f"http://{host}.example/{number}"
    found = Mention(MentionType.PERSON, capture=Capture("bench", url, fetched, f"{number:064d}", _GRANT))
    for prop, field in _FIELDS.items():
        for value in getattr(record, field):
            found.add(prop, Value(value, Method.CARD, "/html/body/ul/li", 0.9, normalised=value))
    return Reading(found)


def fill(engine: Engine, people: int) -> None:
    """Fill an empty store with at most so many people, those held back left out."""
    known = islice((record for _, record, first, held in _made(people) if first and not held), people)
    with engine.begin() as connection:
        declare_source(connection, source())
        statistics = _learnt(Collection(_with_employers(known)))
        frozen.keep(connection, statistics, statistics.people, START)
    indexes = [index for table in Base.metadata.sorted_tables for index in table.indexes]
    stock = _Stock(statistics)
    taken = islice((one for one in _made(people) if one[2] and not one[3]), people)
    with closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        for statement in (*_QUICKLY, *(str(DropIndex(index).compile(engine)) for index in indexes)):
            cursor.execute(statement)
        while group := list(islice(taken, 2000)):
            for number, record, *_ in group:
                stock.add(reading(record, number).mention)
            _put(cursor, stock.rows)
        stock.close()
        _put(cursor, stock.rows)
        for index in indexes:
            cursor.execute(str(CreateIndex(index).compile(engine)))
        raw.commit()
        raw.detach()  # it was told not to be careful


def _learnt(records: Collection) -> Statistics:
    return many_statistics.learn(records, Candidates(records).crowded())


def _with_employers(people: Iterable[Record]) -> Iterator[Record]:
    """Yield people, and each employer that they name once."""
    named: set[str] = set()
    for one in people:
        yield one
        for name in set(one.organisations) - named:
            named.add(name)
            yield Record(name, MentionType.ORGANISATION, (name,))


def _put(cursor: Any, rows: defaultdict[str, list[dict[str, Any]]]) -> None:
    for table in Base.metadata.sorted_tables:
        if listed := rows.pop(table.name, []):
            names = [column.name for column in table.columns]
            marks = ", ".join("?" * len(names))
            columns = ", ".join(f'"{name}"' for name in names)
            cells = ([_plain(row.get(name, "")) for name in names] for row in listed)
            cursor.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', cells)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    return json.dumps(value) if isinstance(value, list) else value


class _Stock:
    """The rows of a stock as it grows."""

    def __init__(self, statistics: Statistics) -> None:
        self.statistics = statistics
        self.rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.originals: dict[str, str] = {}  # content to the mention that stands for it
        self.employers: dict[str, tuple[str, list[Prepared]]] = {}  # host to the employer's id and its originals
        self.names: dict[str, dict[str, str]] = defaultdict(dict)  # employer to its names, with their statements
        self.counts: Counter[str] = Counter()
        self.firms: dict[str, tuple[str, Prepared]] = {}  # name at a host to content and record
        self.permission = content_id("permission", "bench")
        grant = {"user_agent": _GRANT.user_agent, "robots_url": _GRANT.robots_url, "robots_hash": _GRANT.robots_hash}
        more = {"robots_status": 200, "rule": _GRANT.rule, "signals": []}
        self.rows["permission"].append({"id": self.permission, **grant, **more})

    def add(self, mention: Mention) -> None:
        """Add the rows of one person and of the employer that the page names; nothing for a second equal one."""
        capture = mention.capture
        assert capture
        values = {prop: mention.text(prop) for prop in _FIELDS if mention.text(prop)}
        own = mention_id("bench", capture.url, MentionType.PERSON, values[Property.NAME])
        told = {field: (values[prop],) for prop, field in _FIELDS.items() if prop in values}
        record = Record(id=own, type=MentionType.PERSON, page=capture.url, source="bench", **told)
        prepared = prepare(record)
        content = copies.content_of(record, prepared, self.statistics)
        if content in self.originals:
            return
        self.originals[content] = own
        self.rows["capture"].append(self._capture(capture))
        employer = values.get(Property.WORKS_FOR, "")
        organisation = self._employer(capture, employer) if employer else ""
        self._mention(capture, own, MentionType.PERSON, own, content)
        self._keys(prepared)
        row: dict[str, Any] = {"id": own, "mentions": 1, "first_seen": capture.fetched_at}
        for prop, value in values.items():
            row[_COLUMNS[prop]] = value
            self._value(own, prop, value, self._statement(capture, own, prop, value))
        self.rows["person"].append(row)
        if title := values.get(Property.JOB_TITLE, "") or employer:
            job = values.get(Property.JOB_TITLE, "")
            self.rows["employment"].append(
                {
                    "id": content_id("employment", own, organisation or title, name_key(job)),
                    "person_id": own,
                    "organisation_id": organisation,
                    "job_title": job,
                    "works_for": employer,
                    "start": capture.fetched_at,
                    "end": None,
                    "current": True,
                }
            )

    def close(self) -> None:
        """Add the rows of the employers."""
        for entity, names in self.names.items():
            self.rows["organisation"].append(
                {"id": entity, "name": next(iter(names)), "mentions": self.counts[entity], "first_seen": START}
            )
            for rank, (name, statement) in enumerate(names.items()):
                self._value(entity, Property.NAME, name, statement, rank)

    def _employer(self, capture: Capture, name: str) -> str:
        own = employer_id("bench", capture.url, name)
        host = capture.url.split("/")[2]
        known = self.firms.get(f"{name}@{host}")
        if known is None:
            record = Record(own, MentionType.ORGANISATION, (name,), page=capture.url, source="bench")
            prepared = prepare(record)
            known = (copies.content_of(record, prepared, self.statistics), prepared)
            self.firms[f"{name}@{host}"] = known
        content, prepared = known
        entity, variants = self.employers.setdefault(host, (own, []))
        self.counts[entity] += 1
        original = self.originals.setdefault(content, own)
        self._mention(capture, own, MentionType.ORGANISATION, entity, content)
        statement = self._statement(capture, own, Property.NAME, name)
        self.names[entity].setdefault(name, statement)
        if original != own:
            self._judged(judgements.rows_of({}, {own: original}, START))
            return entity
        self._keys(prepared)
        for other in variants:
            pair = judgements.ordered(prepared.id, other.id)
            self._judged(judgements.rows_of({pair: compare(prepared, other, self.statistics)}, {}, START))
        variants.append(prepared)
        return entity

    def _judged(self, rows: dict[str, dict[str, Any]]) -> None:
        self.rows["judgement"] += rows.values()

    def _keys(self, one: Prepared) -> None:
        numbers = keys.numbers(one, self.statistics.crowded)
        self.rows["block_key"] += ({"key": key, "mention_id": one.id} for key in numbers)

    def _mention(self, capture: Capture, own: str, kind: MentionType, entity: str, content: str) -> None:
        self.rows["mention"].append(
            {
                "id": own,
                "source_id": "bench",
                "type": kind.value,
                "url": capture.url,
                "first_seen": capture.fetched_at,
                "last_seen": capture.fetched_at,
                "last_capture_id": capture_id(capture),
                "entity_id": entity,
                "content": content,
                "pending": False,
            }
        )

    def _statement(self, capture: Capture, own: str, prop: Property, text: str) -> str:
        value = Value(text, Method.CARD, "/html/body/ul/li", 0.9, normalised=text)
        found = statement_id(own, prop, value)
        self.rows["statement"].append(
            {
                "id": found,
                "mention_id": own,
                "property": prop.value,
                "employment": 0,
                "original": text,
                "normalised": text,
                "method": value.method.value,
                "locator": value.locator,
                "confidence": value.confidence,
                "first_seen": capture.fetched_at,
                "last_seen": None,
                "left_at": None,
                "retired_at": None,
                "quarantined_at": None,
                "first_capture_id": capture_id(capture),
                "last_capture_id": None,
            }
        )
        return found

    def _value(self, entity: str, prop: Property, value: str, statement: str, rank: int = 0) -> None:
        row = {"entity_id": entity, "property": prop.value, "value": value, "rank": rank, "support": 1}
        self.rows["master_value"].append({**row, "statement_id": statement})

    def _capture(self, capture: Capture) -> dict[str, Any]:
        return {
            "id": capture_id(capture),
            "source_id": "bench",
            "run_id": None,
            "permission_id": self.permission,
            "url": capture.url,
            "fetched_at": capture.fetched_at,
            "content_hash": capture.content_hash,
            "status": 200,
            "media_type": "text/html",
            "rendered": False,
        }
