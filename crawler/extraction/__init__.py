"""From a page to its mentions, the most explicit reading first."""
