"""Authors with their affiliations as scholarly pages state them for indexers: the `citation_*` metadata elements.

Highwire Press brought these names up, and journal systems and repositories write them for Google Scholar: one
`citation_author` for each author, and behind it the affiliation and address of that author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.extraction.structured_node import Node, Text, clean
from crawler.lexicon import fold, words
from crawler.page import Page

_AUTHOR = "citation_author"
_PROPERTIES = {"citation_author_email": "email", "citation_author_url": "url"}
_MOST_AUTHORS = 200
#: What stands for a whole where an affiliation also names its parts: "School of Engineering, University of Blackwater".
_WHOLES = ("university", "institute", "hospital", "corporation", "limited", "incorporated", "foundation")


def nodes(page: Page) -> list[Node]:
    """Return a person for each `citation_author` of a page, in its order; an empty list for a page without them."""
    if not page.shows(_AUTHOR):
        return []
    found: list[Node] = []
    for key, text, place in _elements(page):
        if key == _AUTHOR:
            if len(found) == _MOST_AUTHORS:
                break
            found.append(Node(frozenset({"person"}), place))
            found[-1].add("name", Text(text, place))
        elif found and key == "citation_author_institution":
            employer = Node(frozenset({"organization"}), place)
            employer.add("name", Text(employer_of(text), place))
            found[-1].add("worksfor", employer)
        elif found and key in _PROPERTIES:
            found[-1].add(_PROPERTIES[key], Text(text, place))
    return found


def employer_of(affiliation: str) -> str:
    """Return who employs, of an affiliation that may name department, institution, town and country."""
    pieces = [piece.strip() for piece in re.split(r"[,;]", affiliation) if piece.strip()]
    wholes = {fold(word) for kind in _WHOLES for word in (kind, *words("organisation_words", kind))}
    whole = next((piece for piece in pieces if wholes & set(re.findall(r"\w+", fold(piece)))), "")
    return whole or (pieces[0] if pieces else "")


def _elements(page: Page) -> Iterator[tuple[str, str, str]]:
    """Yield (name, content, XPath) of the metadata elements about authors, in document order."""
    counts: dict[str, int] = {}
    for element in () if page.root is None else page.root.iter("meta"):
        key = (element.get("name") or element.get("property") or "").strip().lower()
        text = clean(element.get("content") or "")
        if key.startswith(_AUTHOR) and text:
            counts[key] = counts.get(key, 0) + 1
            yield key, text, f"(//meta[@name='{key}'])[{counts[key]}]"
