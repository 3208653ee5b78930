"""Data-subject rights: suppression now, with room for requests, notices, retention and recipients."""
