"""The human side of merging: the queue, judgements and their undoing, and why two readings are one or are not."""
