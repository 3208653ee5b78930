"""A directory: a list in pages or by letter, and an entry for each member."""

from __future__ import annotations

from typing import ClassVar

from crawler.navigation.roles import Role
from crawler.spider import ContactSpider


class ListingSpider(ContactSpider):
    """Reads associations, directories and communities: the list to its end, then what it lists.

    Members are listed so that others find them. Each is somebody else's employee, so nothing is taken from the
    publisher's name.
    """

    name = "listing"
    kinds = frozenset({"association", "directory", "community"})
    worth: ClassVar = {
        Role.PEOPLE: 30,
        Role.NEXT: 25,
        Role.LETTER: 28,
        Role.ITEM: 25,
        Role.CARD: 20,
        Role.CONTACT: 15,
    }
    reads_sitemaps = True
