"""Who only speaks on a page: authors, commenters, reviewers, members of a forum.

Their mark-up often carries a "job title" that is a rank of the forum, so a title is no business context there.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.extraction.gate import in_business
from crawler.extraction.structured_node import Node
from crawler.items import Mention, Property
from crawler.lexicon import words

_VOICE = re.compile(
    r"(?:^|[\s_-])(?:comment(?:s|list|ary)?|message|reply|replies|forum|thread|reviews?|testimonials?|guestbook)(?:$|[\s_-])",
    re.IGNORECASE,
)
_WORK = (Property.WORKS_FOR, Property.EMAIL, Property.TELEPHONE)


def speaks(place: HtmlElement | str) -> bool:
    """Say whether an element stands among comments, reviews or posts, by the class names around it."""
    if isinstance(place, str):
        return False
    for element in (place, *place.iterancestors()):
        if element.tag in ("body", "html"):
            return False
        if _VOICE.search(element.get("class") or "") or _VOICE.search(element.get("id") or ""):
            return True
    return False


def voice(node: Node, name: str) -> bool:
    """Say whether a property of a node leads to somebody who comments, reviews or asks."""
    return bool(node.types & words("schema_org", "voice")) or name in words("schema_org", "comment")


def belongs(mention: Mention, *, named_only: bool, speaking: bool) -> bool:
    """Say whether a person has a business context of their own, given how the page names them."""
    if speaking:
        return any(mention.all(prop) for prop in _WORK)
    return not named_only or in_business(mention)
