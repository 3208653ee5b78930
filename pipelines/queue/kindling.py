"""Imported by the process that crawls are copied from, and by nothing else: it reads one page, so that no copy has to.

Reading a first page parses every word list, compiles every pattern and loads the numbering plans of telephones, which
costs more processor time than the pages of a small source. A fork server can only be told to import modules, which is
why this one does its work when it is imported. The page and its people are invented, nothing is stored, and no network
or database is touched.
"""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import create_engine

from crawler import extraction
from crawler.page import Page
from pipelines.master.database import head_revision
from pipelines.sensitive import minimise_mention
from pipelines.values import MentionRejected, validate_mention

_PAGE = b"""<!DOCTYPE html><html lang="en"><head><title>Team - Noord NV</title>
<meta name="description" content="The people of Noord NV"></head><body><h1>Our team</h1>
<div class="team"><div class="card"><h3>Dr Jane Roe</h3><p>Sales Manager</p><p>jane.roe (at) noord.example</p>
<p>Tel. +44 20 7946 0123</p></div><div class="card"><h3>John Roe</h3><p>Head of IT, Noord NV</p>
<a href="mailto:john.roe@noord.example">Mail</a></div></div>
<p>&#8220;We are growing&#8221;, says Mary Major, managing director of Noord NV, who is 52 and a mother of two.</p>
<table><tr><th>Name</th><th>Role</th></tr><tr><td>Richard Miles</td><td>Engineer</td></tr></table>
<address>Noord NV, 1 Example Street, London SW1A 1AA</address></body></html>"""


def _read_one() -> None:
    for mention in list(extraction.mentions(Page("http://noord.example/team", _PAGE, country="GB", language="en"))):
        with suppress(MentionRejected):
            validate_mention(mention, "GB")
            minimise_mention(mention)
    head_revision()
    create_engine("postgresql+psycopg://").dispose()  # imports the driver, and connects to nothing


_read_one()
