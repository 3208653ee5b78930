"""A collection of documents: annual reports, technical papers, mostly PDF."""

from __future__ import annotations

from typing import ClassVar

from crawler.navigation.roles import Role
from crawler.spider import ContactSpider


class DocumentCollectionSpider(ContactSpider):
    """Goes from lists, through the pages that describe a document, to the documents.

    Reports name the board because the law or the statutes ask for it; technical documents name whom to ask.
    """

    name = "document_collection"
    kinds = frozenset({"annual-report", "technical-document"})
    worth: ClassVar = {
        Role.FILE: 40,
        Role.DOCUMENTS: 30,
        Role.CARD: 30,
        Role.ITEM: 25,
        Role.NEXT: 15,
        Role.PEOPLE: 20,
        Role.CONTACT: 20,
    }
    reads_sitemaps = True
