"""The store: captures, mentions, statements, judgements, and the master rows derived from them."""
