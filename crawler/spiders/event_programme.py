"""An event: who speaks, who exhibits, who organises."""

from __future__ import annotations

from typing import ClassVar

from crawler.navigation.roles import Role
from crawler.spider import ContactSpider


class EventProgrammeSpider(ContactSpider):
    """Reads the lists of speakers, exhibitors and organisers, page by page, and the entry of each.

    Programmes are public so that visitors find speakers and exhibitors; the people on them work elsewhere, so an
    employer has to stand beside the name.
    """

    name = "event_programme"
    kinds = frozenset({"conference", "trade-fair", "user-group"})
    worth: ClassVar = {
        Role.PEOPLE: 30,
        Role.DOCUMENTS: 28,
        Role.ITEM: 25,
        Role.NEXT: 22,
        Role.LETTER: 20,
        Role.CONTACT: 20,
        Role.CARD: 25,
        Role.FEED: 20,
        Role.ARTICLE: 22,
        Role.FILE: 5,
    }
    reads_sitemaps = True
