"""What people read about the store: provenance, and totals."""
