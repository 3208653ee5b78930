"""Erased is erased: through a second crawl, merges, an unmerge, an old backup and a new job; and in every byte."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, select

from pipelines.master.check import check
from pipelines.master.choices import ApartRow
from pipelines.master.database import database_url, open_store
from pipelines.master.models import JudgementRow, MasterValueRow, MentionRow, PersonRow
from tests.support import commands
from tests.support.pipeline import Crawls
from tests.support.rights import RIGHTS, written
from tests.support.web import Web

HOME = '<!DOCTYPE html><html lang="en"><title>Noord</title><a href="/team">Team</a> <a href="/board">Board</a>'
BETA = RIGHTS[RIGHTS.index("[[recipient]]") :].replace('"acme"', '"beta"').replace("Acme", "Beta")
ADDRESS, NAME = "bronwen.achterberg@noord.example", "Bronwen Achterberg"
VALUES = (ADDRESS, NAME, "Achterberg", "+442079460155")


def card(name: str, title: str, address: str, telephone: str = "") -> str:
    number = f'<a href="tel:{telephone}">{telephone}</a>' if telephone else ""
    return f'<li><h3>{name}</h3><p>{title}</p><a href="mailto:{address}">Mail</a>{number}</li>'


def page(*cards: str) -> str:
    return f'<!DOCTYPE html><html lang="en"><title>People</title><h1>People</h1><ul>{"".join(cards)}</ul>'


BRONWEN = card(NAME, "Managing Director", ADDRESS, "+442079460155")
ALASDAIR = card("Alasdair Pemberly", "Sales Manager", "alasdair@noord.example")


@pytest.fixture
def home(crawls: Crawls, web: Web) -> Path:
    """A store of two people of which one stands on two pages."""
    web.pages |= {"noord.example/": HOME, "noord.example/team": page(BRONWEN, ALASDAIR)}
    web.pages["noord.example/board"] = page(BRONWEN)
    crawls.source("noord", "http://noord.example/")
    written(crawls.home, (RIGHTS + BETA).replace("business-directory", "test"))
    crawls.crawl("noord")
    return crawls.home


def run(home: Path, *arguments: str | Path) -> int:
    return commands.call(*arguments, CARDFILE_HOME=str(home), CARDFILE_RIGHTS=str(home / "rights.toml"))


def people(home: Path) -> set[str]:
    """Who stands in the master, after a look at every invariant."""
    engine = open_store(database_url("", home))
    with engine.connect() as connection:
        found = set(connection.scalars(select(PersonRow.name)))
        assert [finding.invariant for finding in check(connection) if finding.broken] == []
    engine.dispose()
    return found


def titles(home: Path) -> set[str]:
    """Return the titles that stand in the master."""
    return set(ask(home, select(MasterValueRow.value).where(MasterValueRow.property == "jobTitle")))


def judged(home: Path) -> str:
    """Return the id of the judgement of a person that holds two readings together."""
    (found,) = ask(home, select(JudgementRow.id).where(JudgementRow.human, JudgementRow.superseded_at.is_(None)))
    return str(found)


def homes(home: Path) -> set[str]:
    """Return the entries that the people's readings stand in."""
    return set(ask(home, select(MentionRow.entity_id).where(MentionRow.type == "person")))


def ask(home: Path, query: Select[Any]) -> list[Any]:
    """Return what a query of one column finds in the store."""
    engine = open_store(database_url("", home))
    with engine.connect() as connection:
        found = list(connection.scalars(query))
    engine.dispose()
    return found


def holding(*folders: Path) -> set[str]:
    """Return the names of files that hold a value, plain or compressed."""
    return {
        path.name
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
        for content in _layers(path.read_bytes())
        if any(value.encode() in content for value in VALUES)
    }


def _layers(content: bytes) -> Iterator[bytes]:
    yield content
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)


def test_an_erased_person_stays_out_and_is_in_no_byte(
    home: Path, crawls: Crawls, web: Web, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert people(home) == {NAME, "Alasdair Pemberly"}
    assert run(home, "notice", "--into", tmp_path / "outbox") == 0
    for recipient in ("acme", "beta"):
        arguments = ("--recipient", recipient, "--purpose", "test", "-o", tmp_path / f"{recipient}.csv")
        assert run(home, "export", *arguments) == 0
    assert run(home, "db", "backup", home / "backup") == 0
    shutil.copy(home / "backup", tmp_path / "forgotten")  # a copy that the operator made, so nobody knows of it
    assert {"cardfile.db", "backup"} <= holding(home)

    capfd.readouterr()
    who = ("--email", ADDRESS, "--identity", "email-loop")
    assert run(home, "erase", *who, "--dry-run") == 0
    assert NAME in people(home)
    assert run(home, "erase", *who) == 0
    said = capfd.readouterr()
    assert [value for value in VALUES if value in said.out + said.err] == []
    assert sorted(path.name.split("-")[0] for path in (home / "corrections").iterdir()) == ["acme", "beta"]
    assert holding(home) == set()
    assert people(home) == {"Alasdair Pemberly"}

    crawls.crawl("noord")
    assert run(home, "resolve") == 0
    assert people(home) == {"Alasdair Pemberly"}
    web.pages["noord.example/board"] = page(BRONWEN, ALASDAIR.replace("Sales", "Area"))
    crawls.crawl("noord")
    pair = sorted(ask(home, select(MentionRow.id).where(MentionRow.type == "person")))
    assert len(pair) == 2
    assert run(home, "judge", *pair, "--different", "--by", "A. Reviewer") == 0
    assert run(home, "judge", *pair, "--same", "--by", "A. Reviewer") == 0
    assert people(home) == {"Alasdair Pemberly"}
    assert run(home, "unmerge", judged(home), "--by", "A. Reviewer") == 0
    assert len(homes(home)) == 2
    assert run(home, "judge", *pair, "--same", "--by", "A. Reviewer") == 0
    assert len(homes(home)) == 1
    assert run(home, "db", "rebuild") == 0
    assert people(home) == {"Alasdair Pemberly"}

    assert run(home, "db", "restore", tmp_path / "forgotten") == 0
    assert people(home) == {"Alasdair Pemberly"}
    assert holding(home) == set()

    web.pages |= {
        "zuid.example/": '<html lang="en"><title>Zuid</title><a href="/team">Team</a>',
        "zuid.example/team": page(card(NAME, "Chair", "b.achterberg@zuid.example")),
    }
    crawls.source("zuid", "http://zuid.example/", 'publisher = "Zuid BV"')
    crawls.crawl("zuid")
    assert people(home) == {"Alasdair Pemberly"}
    assert ask(home, select(ApartRow.reason)) == ["namesake"]


def test_an_answer_names_recipients_and_what_they_received(home: Path, tmp_path: Path) -> None:
    assert run(home, "notice", "--into", tmp_path / "outbox") == 0
    assert run(home, "export", "--recipient", "beta", "--purpose", "test", "-o", tmp_path / "beta.csv") == 0
    answer = tmp_path / "answer.json"
    assert run(home, "access", "--email", ADDRESS, "--identity", "email-loop", "-o", answer) == 0
    assert answer.stat().st_mode & 0o077 == 0
    found = json.loads(answer.read_text("utf-8"))
    held = {(one["property"], one["value"]) for one in found["values"]}
    assert {("name", NAME), ("email", ADDRESS), ("jobTitle", "Managing Director")} <= held
    assert {one["url"] for one in found["sources"]} == {f"http://noord.example/{path}" for path in ("team", "board")}
    (given,) = found["given"]
    assert given["name"] == "Beta Sales Ltd"
    assert ["email", ADDRESS] in given["values"]
    assert found["merges"]
    assert [one["purpose"] for one in found["notices"]] == ["test"]
    assert all(
        reading["permission"] and reading["kept_until"] for one in found["values"] for reading in one["readings"]
    )


def test_what_is_restricted_stays_as_it_is_and_leaves_for_nobody(home: Path, crawls: Crawls, web: Web) -> None:
    who = ("restrict", "--email", ADDRESS)
    assert run(home, *who, "--ground", "accuracy") == 0
    web.pages["noord.example/team"] = page(card(NAME, "Head of Customs", ADDRESS), ALASDAIR)
    web.pages["noord.example/board"] = page(ALASDAIR)
    for _ in range(2):
        crawls.crawl("noord")
    assert "Managing Director" in titles(home)
    assert "Head of Customs" not in titles(home)
    assert run(home, *who, "--lift") == 4
    assert run(home, *who, "--lift", "--told-on", "2026-01-01") == 0
    crawls.crawl("noord")
    assert "Head of Customs" in titles(home)
