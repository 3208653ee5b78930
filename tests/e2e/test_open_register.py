"""An open register, answer by answer, in the formats that registers have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.errors import SourceError
from pipelines.master.database import database_url, open_store
from pipelines.master.models import PersonRow, StatementRow
from tests.support.pipeline import Crawls
from tests.support.web import Answer, Web

MAPPING = """[[mention]]
type = "person"
name = "name"
jobTitle = "role"
worksFor = "firm"
email = "mail"
"""
ROE = {
    "name": "Jacoba Roe",
    "role": "Harbour Master",
    "firm": "Alder Ltd",
    "mail": "jacoba.roe@alder.example",
    "sex": "Qz",
}
POE = {"name": "Ambrose Poe-Lindley", "role": "Clerk", "firm": "Alder Ltd", "mail": "a.poe@alder.example", "sex": "Qz"}
XML = (
    '<?xml version="1.0"?><register xmlns="http://noord.example/ns"><person id="{n}"><name>{name}</name>'
    "<role>{role}</role><firm>{firm}</firm><mail>{mail}</mail><sex>Qz</sex></person></register>"
)


def register(crawls: Crawls, url: str, mapping: str = MAPPING, more: str = "") -> None:
    crawls.home.mkdir(parents=True, exist_ok=True)
    (crawls.home / "columns.toml").write_text(mapping, "utf-8")
    table = (
        f'id = "noord"\nkind = "register"\nspider = "open_register"\nmapping = "columns.toml"\nstart_urls = ["{url}"]'
    )
    crawls.register(f"[[source]]\n{table}\n{more}\n")


def people(crawls: Crawls) -> set[tuple[str, str | None, str | None]]:
    engine = open_store(database_url("", crawls.home))
    with engine.connect() as connection:
        found = {(row.name, row.email, row.works_for) for row in connection.execute(select(PersonRow))}
        assert not any("Qz" in text for text in connection.scalars(select(StatementRow.original)))
    engine.dispose()
    return found


BOTH = {
    ("Jacoba Roe", "jacoba.roe@alder.example", "Alder Ltd"),
    ("Ambrose Poe-Lindley", "a.poe@alder.example", "Alder Ltd"),
}


def answer(body: object, content_type: str = "application/json", **headers: str) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(text, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    ("pages", "layout", "more"),
    [
        pytest.param(
            {"/api": answer([ROE], Link='</api?after=1>; rel="next"'), "/api?after=1": answer([POE])},
            "",
            "",
            id="header",
        ),
        pytest.param(
            {"/api": answer({"data": [ROE], "next": "/api/2"}), "/api/2": answer({"data": [POE], "next": None})},
            '[layout]\npath = "data"\n',
            'paging = { next = "next" }',
            id="body",
        ),
        pytest.param(
            {"/api": answer([ROE]), "/api?page=2": answer([POE]), "/api?page=3": answer([])},
            "",
            'paging = { parameter = "page" }',
            id="counted",
        ),
        pytest.param(
            {
                "/api": answer(
                    "name;role;firm;mail;sex\n" + "\n".join(";".join(one.values()) for one in (ROE, POE)), "text/csv"
                )
            },
            "",
            "",
            id="csv",
        ),
        pytest.param(
            {
                "/api": answer(XML.format(n=1, **ROE), "application/xml", Link='</api/2>; rel="next"'),
                "/api/2": answer(XML.format(n=2, **POE), "text/xml"),
            },
            '[layout]\npath = "register.person"\n',
            "",
            id="xml",
        ),
    ],
)
def test_a_register_is_read_to_its_end(
    crawls: Crawls, web: Web, pages: dict[str, Answer], layout: str, more: str
) -> None:
    web.pages |= {f"noord.example{path}": page for path, page in pages.items()}
    register(crawls, "http://noord.example/api", layout + MAPPING, more)
    crawls.crawl("noord", "open_register")
    assert people(crawls) == BOTH
    assert web.paths("noord.example") == list(pages)


@pytest.mark.parametrize("body", ["<a><b", "<html><p>Down for maintenance</p></html>", "{", "PK\x03\x04"])
def test_an_answer_that_is_none_is_counted(crawls: Crawls, web: Web, body: str) -> None:
    web.pages["noord.example/api"] = answer(body, "application/octet-stream")
    register(crawls, "http://noord.example/api", f'format = "json"\n{MAPPING}', 'paging = { parameter = "page" }')
    stats = crawls.crawl("noord", "open_register")
    assert people(crawls) == set()
    assert web.paths("noord.example") == ["/api"]
    assert stats.get("cardfile/pages/unreadable", 0) + stats.get("cardfile/pages/read", 0) == 1


def test_the_budget_ends_a_register_without_end(crawls: Crawls, web: Web) -> None:
    for number in range(2, 30):
        web.pages[f"noord.example/api?page={number}"] = answer([ROE])
    web.pages["noord.example/api"] = answer([ROE])
    register(
        crawls, "http://noord.example/api", more='paging = { parameter = "page" }\nbudget = { pages = 5, depth = 1 }'
    )
    crawls.crawl("noord", "open_register")
    assert len(web.paths("noord.example")) == 5


def test_a_register_needs_a_mapping(crawls: Crawls, tmp_path: Path) -> None:
    table = 'id = "noord"\nkind = "register"\nspider = "open_register"\nstart_urls = ["http://noord.example/api"]'
    crawls.register(f"[[source]]\n{table}\n")
    with pytest.raises(SourceError, match="needs a mapping file"):
        crawls.crawl("noord", "open_register")
