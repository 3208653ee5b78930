"""Structured data: JSON-LD, microdata, RDFa, OpenGraph, citation metadata. What is stated outright is read first."""

from __future__ import annotations

from crawler.extraction import structured_jsonld, structured_meta, structured_scholar, structured_tree
from crawler.extraction.structured_schema import Mapper
from crawler.extraction.structured_tree import MICRODATA, RDFA
from crawler.items import Disposal, Mention, Method
from crawler.page import Page


def read(page: Page, disposals: list[Disposal]) -> list[Mention]:
    """Return the people and organisations of a page's structured data, the most explicit syntax first.

    Each syntax runs only on a page that shows its mark. Mentions of one thing in two syntaxes stay apart here: uniting
    readings is the miner's task. What is dropped by rule is counted in `disposals`.
    """
    found = Mapper(page, Method.JSON_LD, disposals).mentions(structured_jsonld.nodes(page, disposals))
    for dialect in (MICRODATA, RDFA):
        if nodes := structured_tree.nodes(page, dialect):
            found += Mapper(page, dialect.method, disposals).mentions(nodes)
    if nodes := structured_meta.nodes(page) + structured_scholar.nodes(page):
        found += Mapper(page, Method.META, disposals).mentions(nodes)
    return found
