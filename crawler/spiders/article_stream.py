"""A stream of articles: newest first, with the people who speak in them and those who answer for the stream."""

from __future__ import annotations

from typing import ClassVar

from crawler.navigation.roles import Role
from crawler.spider import ContactSpider


class ArticleStreamSpider(ContactSpider):
    """Reads news, magazines, journals, blogs, newsletters and press rooms by feed, sitemap and list, newest first.

    An article names people in their professional role because they spoke in public. The masthead and the press contact
    come before all articles but the newest: they are what a reader is asked to use.
    """

    name = "article_stream"
    kinds = frozenset({"news", "magazine", "journal", "blog", "newsletter", "press-release"})
    worth: ClassVar = {
        Role.FEED: 50,
        Role.PEOPLE: 35,
        Role.CONTACT: 35,
        Role.ARTICLE: 30,
        Role.ITEM: 20,
        Role.DOCUMENTS: 15,
        Role.NEXT: 10,
    }
    reads_sitemaps = True
