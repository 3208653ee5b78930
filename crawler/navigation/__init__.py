"""Finding the way: what the links, feeds and sitemaps of a source lead to. Pure: no Scrapy, no network, no clock."""
