"""A site of an organisation: its people and contact pages, best first."""

from __future__ import annotations

from crawler.links import SITE
from crawler.spider import ContactSpider


class CompanySiteSpider(ContactSpider):
    """Starts at the start URLs and the sitemap and follows what stays on the site, people and contact pages first.

    An organisation publishes these pages so that business reaches it; they are the first place to look.
    """

    name = "company_site"
    kinds = frozenset({"company-site"})
    worth = SITE
    reads_sitemaps = True
