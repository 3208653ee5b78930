"""From a mention to the master table, and out again."""
