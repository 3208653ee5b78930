"""Files that come in by `scrapy import`: what is looked at before they do, and what a mapping could say of them."""
