"""Registers and directories that come as records: CSV, JSON, JSON Lines, YAML, XLSX.

`records` reads a file record by record, whatever its size; `mapping` holds what an operator declared about the meaning
of its columns (`declaration` reads that) and makes mentions of them. Cards need no mapping: `crawler.extraction.vcard`
knows what they say.
"""
