"""Looking at one document: what is read from it, how, and what is not kept. Stores nothing."""
