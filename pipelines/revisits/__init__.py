"""What becomes of a value when its page changes, goes, or is reserved; and what a crawl remembers of earlier ones."""
