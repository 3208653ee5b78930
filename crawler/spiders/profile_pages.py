"""Profile pages: one person a page, published by that person or with their will."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from scrapy.http import Response

from crawler.extensions import Tally, find
from crawler.items import Disposal, Mention, MentionType, Property
from crawler.lexicon import fold
from crawler.navigation.roles import Role
from crawler.page import Page
from crawler.spider import ContactSpider

_OTHERS = Disposal("extraction", "no-business-context", "name", "not-the-profile-owner")


class ProfilePagesSpider(ContactSpider):
    """Reads public professional profile pages that allow it; their source states when its terms were read.

    A profile speaks for its owner only: who recommends them there, or is shown beside them, has a page of their own.
    """

    name = "profile_pages"
    kinds = frozenset({"profile"})
    worth: ClassVar = {Role.ITEM: 30, Role.CARD: 30, Role.NEXT: 25, Role.LETTER: 28, Role.PEOPLE: 20}
    reads_sitemaps = True

    def mentions(self, page: Page, response: Response) -> Iterator[Mention]:
        """Yield the owner of a profile and their organisations; of other documents, all that they say."""
        heading = page.root.find(".//h1") if page.root is not None else None
        owner = set(fold(heading.text_content()).split()) if heading is not None else set()
        for mention in super().mentions(page, response):
            if owner and mention.type is MentionType.PERSON and not _is_owner(mention, owner):
                if tally := find(self.crawler, Tally):
                    tally.tally(page.host, [_OTHERS])
                continue
            yield mention


def _is_owner(mention: Mention, owner: set[str]) -> bool:
    return any(set(fold(value.text).split()) <= owner for value in mention.all(Property.NAME))
