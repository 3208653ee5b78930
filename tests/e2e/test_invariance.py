"""What somebody's gender, age, faith, origin or family is changes nothing: whole crawls with the tokens exchanged."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from pipelines.master.check import DERIVED, digest
from pipelines.master.database import database_url, open_store
from pipelines.master.models import JudgementRow, MasterValueRow, PersonRow
from tests.support.crawling import Reactor
from tests.support.pipeline import Crawls
from tests.support.web import serve

#: Tokens of one person each: courtesy title, pronouns, age, date of birth, faith, nationality, family.
NEUTRAL = ("", "", "", "", "", "", "")
TOKENS = {
    "gender": (("Mr ", "he/him", "", "", "", "", ""), ("Mrs ", "she/her", "", "", "", "", "")),
    "age": (("", "", "31", "", "", "", ""), ("", "", "63", "", "", "", "")),
    "birth": (("", "", "", "3 May 1991", "", "", ""), ("", "", "", "12 June 1959", "", "", "")),
    "faith": (("", "", "", "", "devout Catholic", "", ""), ("", "", "", "", "practising Muslim", "", "")),
    "origin": (("", "", "", "", "", "Turkish", ""), ("", "", "", "", "", "Dutch", "")),
    "family": (("", "", "", "", "", "", "father of two"), ("", "", "", "", "", "", "widow")),
    "all": (("Mr ", "he/him", "31", "3 May 1991", "devout Catholic", "Turkish", "father of two"),
            ("Mrs ", "she/her", "63", "12 June 1959", "practising Muslim", "Dutch", "widow")),
}  # fmt: skip
PEOPLE = (
    ("Bronwen Achterberg", "Managing Director", "bronwen.achterberg"),
    ("Alasdair Pemberly", "Sales Manager", "alasdair.pemberly"),
    ("Philippa Ashworth", "Head of Customs", "philippa.ashworth"),
)


def page(tokens: tuple[str, ...]) -> str:
    """A team page on which everybody has these tokens, in every place where pages put them."""
    courtesy, pronouns, age, birth, faith, nation, family = tokens
    cards = "".join(
        f"<li><h3>{courtesy}{name}{f' ({pronouns})' if pronouns else ''}{f' ({age})' if age else ''}</h3><p>{title}</p>"
        f"<p>{' '.join(told(name.split()[0], age, birth, faith, nation, family))}</p>"
        f"<table><tr><th>Nationality</th><td>{nation or '–'}</td></tr>"
        f"<tr><th>Born</th><td>{birth or '–'}</td></tr></table>"
        f'<a href="mailto:{box}@noord.example">Mail</a></li>'
        for name, title, box in PEOPLE
    )
    return f'<!DOCTYPE html><html lang="en"><title>Our team</title><h1>Our team</h1><ul>{cards}</ul>'


def told(name: str, age: str, birth: str, faith: str, nation: str, family: str) -> list[str]:
    """Return the sentences of a biography that these tokens make."""
    statements = {
        f"{name} is {age} years old.": age, f"{name} was born on {birth}.": birth, f"{name} is a {faith}.": faith,
        f"{name} is of {nation} descent.": nation, f"{name} is a {family}.": family,
    }  # fmt: skip
    return [sentence for sentence, token in statements.items() if token]


def master(reactor: Reactor, home: Path, tokens: tuple[str, ...]) -> tuple[str, list[tuple[object, ...]]]:
    """Crawl two pages of one site with these tokens; return the master, its clusters and the scores."""
    with serve() as web:
        web.pages |= {
            "noord.example/": '<html lang="en"><title>Noord</title><a href="/team">Team</a> <a href="/about">Us</a>',
            "noord.example/team": page(tokens),
            "noord.example/about": page(tokens),
        }
        crawls = Crawls(reactor, web, home)
        crawls.source("noord", "http://noord.example/")
        crawls.crawl("noord")
    engine = open_store(database_url("", home))
    with engine.connect() as connection:
        rows: list[tuple[object, ...]] = []
        for query in (
            select(
                PersonRow.id,
                PersonRow.name,
                PersonRow.job_title,
                PersonRow.email,
                PersonRow.works_for,
                PersonRow.mentions,
            ),
            select(MasterValueRow.entity_id, MasterValueRow.property, MasterValueRow.value, MasterValueRow.rank),
            select(
                JudgementRow.left_id,
                JudgementRow.right_id,
                JudgementRow.verdict,
                JudgementRow.bits,
                JudgementRow.probability,
            ),
        ):
            rows += sorted(tuple(row) for row in connection.execute(query))
        bytes_of_master = _without_times(connection)
    engine.dispose()
    return bytes_of_master, rows


def _without_times(connection: Connection) -> str:
    """All columns of all derived rows but the moments of this crawl."""
    assert digest(connection)
    found = []
    for model in DERIVED:
        columns = [
            column
            for column in model.__table__.columns
            if "seen" not in column.name and column.name not in ("start", "end")
        ]
        found.append(sorted(str(tuple(row)) for row in connection.execute(select(*columns))))
    return str(found)


@pytest.fixture(scope="module")
def plain(reactor: Reactor, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[tuple[object, ...]]]:
    return master(reactor, tmp_path_factory.mktemp("plain") / "home", NEUTRAL)


def test_the_plain_pages_give_a_master(plain: tuple[str, list[tuple[object, ...]]]) -> None:
    assert all(name in plain[0] for name, _, _ in PEOPLE)


@pytest.mark.parametrize(
    "tokens",
    [pytest.param(pair, id=name, marks=() if name == "all" else pytest.mark.proof) for name, pair in TOKENS.items()],
)
def test_the_master_is_the_same_whoever_somebody_is(
    reactor: Reactor,
    tmp_path: Path,
    plain: tuple[str, list[tuple[object, ...]]],
    tokens: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    for number, own in enumerate(tokens):
        assert master(reactor, tmp_path / str(number), own) == plain
