"""One spider a file: file = name = class."""
