"""What watches a run: the ledger, the expectations."""
