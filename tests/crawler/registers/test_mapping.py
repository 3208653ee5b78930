from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crawler.errors import SourceError
from crawler.items import Mention, Method, Property
from crawler.registers.declaration import load
from crawler.registers.mapping import MAX_READINGS, Mapping
from crawler.registers.records import Record

FULL = """
id = "id"
country = "NL"
language = "nl"

[[mention]]
type = "person"
name = "Full name"
email = ["E-mail", "other.mail"]
jobTitle = { from = "Role", translate = { upper = "Senator" } }
worksFor = "'Provinciale Staten'"
telephone = { from = "Tel.", split = "/" }

[[mention.part]]
each = "offices[]"
label = "kind"
telephone = "voice"

[[mention.part]]
each = "jobs[?!ended]"
jobTitle = "title"
worksFor = "employer"

[[mention]]
type = "organisation"
when = "club"
name = "club.name"
email = "club.mail"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    return declared(tmp_path, FULL)


def declared(folder: Path, text: str) -> Mapping:
    file = folder / "mapping.toml"
    file.write_text(text, "utf-8")
    return load(file)


def mentions(mapping: Mapping, data: dict[str, Any]) -> tuple[list[Mention], list[str]]:
    rejected: list[str] = []
    return mapping.mentions(Record("/3", data), lambda _, reason: rejected.append(reason)), rejected


def said(mention: Mention, prop: Property) -> list[tuple[str, int]]:
    return [(value.text, value.employment) for value in mention.all(prop)]


def test_a_record_becomes_what_the_mapping_says(mapping: Mapping) -> None:
    (person, club), rejected = mentions(
        mapping,
        {
            "id": 7,
            "Full name": " Ada Noord ",
            "E-mail": "ada@noord.example",
            "other": {"mail": "a.noord@noord.example"},
            "Role": "upper",
            "Tel.": "020 7946 0001 / 020 7946 0002",
            "offices": [{"kind": "home", "voice": 2079460003.0}, {"voice": None}],
            "jobs": [{"title": "Voorzitter", "employer": "Noordclub"}, {"title": "Lid", "ended": "2020"}],
            "club": {"name": "Noordclub", "mail": "post@noord.example"},
            "religion": "none of ours",
        },
    )
    assert rejected == []
    assert said(person, Property.NAME) == [("Ada Noord", 0)]
    assert said(person, Property.EMAIL) == [("ada@noord.example", 0), ("a.noord@noord.example", 0)]
    assert said(person, Property.JOB_TITLE) == [("Senator", 0), ("Voorzitter", 1)]
    assert said(person, Property.WORKS_FOR) == [("Provinciale Staten", 0), ("Noordclub", 1)]
    assert [text for text, _ in said(person, Property.TELEPHONE)] == ["020 7946 0001", "020 7946 0002", "2079460003"]
    assert said(club, Property.EMAIL) == [("post@noord.example", 0)]
    assert (person.country, person.language, person.locator) == ("NL", "nl", "/3")
    assert "none of ours" not in person.context
    last = person.all(Property.TELEPHONE)[-1]
    assert (last.method, last.locator, last.context) == (Method.IMPORT, "/3/offices[]/voice", "home voice")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"E-mail": "ada@noord.example"}, "no name"),
        ({"Full name": "", "Role": "upper"}, "no name"),
        ({"Full name": {"first": "Ada"}}, "no name"),
        ({"Full name": "x" * 500}, "no name"),
    ],
)
def test_what_no_mention_can_be_made_of_is_rejected(mapping: Mapping, data: dict[str, Any], reason: str) -> None:
    assert mentions(mapping, data) == ([], [reason])


def test_a_name_alone_is_no_mention(tmp_path: Path) -> None:
    bare = declared(tmp_path, '[[mention]]\ntype = "person"\ngivenName = "first"\nfamilyName = "last"\nurl = "site"\n')
    found, rejected = mentions(bare, {"first": "Ada", "last": "Noord", "site": "https://noord.example"})
    assert (found, len(rejected)) == ([], 1)


def test_a_name_is_made_of_its_parts(tmp_path: Path) -> None:
    parts = declared(tmp_path, '[[mention]]\ntype="person"\ngivenName="first"\nfamilyName="last"\njobTitle="role"\n')
    ((person,), _) = mentions(parts, {"first": "Ada", "last": "Noord", "role": "Head"})
    assert person.text(Property.NAME) == "Ada Noord"


def test_keys_that_nothing_names_are_counted(mapping: Mapping) -> None:
    record = Record("", {"id": 1, "Full name": "Ada", "gender": "f", "birth_date": "x", "offices": [], "club": {}})
    assert mapping.unknown(record) == 2
    assert mapping.key(record) == "1"


def test_a_record_of_a_million_numbers_has_a_bound(mapping: Mapping) -> None:
    ((person,), _) = mentions(mapping, {"Full name": "Ada Noord", "E-mail": [f"{n}@a.example" for n in range(10**6)]})
    assert len(person.all(Property.EMAIL)) == MAX_READINGS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no \[\[mention\]\] table"),
        ("[[mention]\n", "no valid TOML"),
        ('[[mention]]\nname = "a"', 'number 1: type is "person" or "organisation"'),
        ('[[mention]]\ntype = "person"\nemail = "a"', "needs a name"),
        ('[[mention]]\ntype = "person"\nname = "a"\nemial = "b"', "unknown key 'emial'; did you mean 'email'"),
        ('[[mention]]\ntype = "person"\nname = "a"\nbirthDate = "b"', "unknown key 'birthDate'"),
        ('[[mention]]\ntype = "organisation"\nname = "a"\njobTitle = "b"', "unknown key 'jobTitle'"),
        ('[[mention]]\ntype = "person"\nname = 7', "number 1, name: name a column"),
        ('[[mention]]\ntype = "person"\nname = { form = "a" }', "unknown key 'form'; did you mean 'from'"),
        ('[[mention]]\ntype = "person"\nname = "a"\nwhen = 1', "'when' is a column's name"),
        ('format = "pdf"\n[[mention]]\ntype = "person"\nname = "a"', "unknown format 'pdf'"),
        ('[layout]\nheader = 0\n[[mention]]\ntype = "person"\nname = "a"', "header is the number"),
        ('[layout]\ndelimiter = ";;"\n[[mention]]\ntype = "person"\nname = "a"', "delimiter is one sign"),
        ('snapshot = "no"\n[[mention]]\ntype = "person"\nname = "a"', "'snapshot' must be true or false"),
    ],
)
def test_a_wrong_mapping_says_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        declared(tmp_path, text)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"none\.toml cannot be read"):
        load(tmp_path / "none.toml")
