"""Publications: author lists with affiliations."""

from __future__ import annotations

from typing import ClassVar

from crawler.navigation.roles import Role
from crawler.spider import ContactSpider


class PublicationsSpider(ContactSpider):
    """Goes from issues and proceedings to the page of each paper, where its authors stand with their affiliations.

    A corresponding author gives an address in order to be written to. The papers that a paper cites are not followed,
    and their authors are not read.
    """

    name = "publications"
    kinds = frozenset({"publication"})
    worth: ClassVar = {
        Role.ITEM: 30,
        Role.ARTICLE: 30,
        Role.FEED: 28,
        Role.NEXT: 20,
        Role.DOCUMENTS: 25,
        Role.PEOPLE: 15,
        Role.CONTACT: 10,
    }
    reads_sitemaps = True
