"""One command a file; see `pipelines.command` for what they share."""
