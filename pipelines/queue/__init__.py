"""Crawling on any number of machines: jobs in the PostgreSQL that holds the store, carried by Procrastinate."""
