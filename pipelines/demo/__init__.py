"""The demo: a folder of sites, served on loopback and crawled like the real web."""
