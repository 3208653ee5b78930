"""How many independent voices say something: near-copies of one press release are one. Pure.

A release is printed by many; each that prints it is a source of its own, but not a witness of its own. Mentions in
running text (`TEXTS`) of different sources that say nearly the same of somebody have one origin. Registers and company
sites that agree are not copies: each answers for what it shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from pipelines.resolution.survivorship import Claim

#: Kinds of source that print what others wrote.
TEXTS = frozenset({"press-release", "publication", "journal"})
#: Share of the values of two mentions that near-copies have in common (Jaccard), as of shingles of a text.
_ALIKE = 0.8
#: Mentions with fewer values say too little to be told from an honest second voice.
_FEWEST = 3
#: More different contents than this are compared for equality only, which bounds the work.
_MOST = 200


def origins(claims: Iterable[Claim]) -> dict[str, str]:
    """Return for each mention the source that counts for it: its own, or the first of those that print one text."""
    said: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    source: dict[str, str] = {}
    printed: set[str] = set()
    for claim in claims:
        said[claim.mention_id].add((claim.property.value, claim.value))
        source[claim.mention_id] = claim.source_id
        if claim.kind in TEXTS:
            printed.add(claim.mention_id)
    groups: defaultdict[frozenset[tuple[str, str]], set[str]] = defaultdict(set)
    for mention in printed:
        if len(said[mention]) >= _FEWEST:
            groups[frozenset(said[mention])].add(mention)
    found = dict(source)
    for mentions in _united(groups):
        first = min(source[mention] for mention in mentions)
        found.update(dict.fromkeys(mentions, first))
    return found


def _united(groups: dict[frozenset[tuple[str, str]], set[str]]) -> list[set[str]]:
    """Return the groups of mentions, those whose contents are nearly the same made one."""
    contents = sorted(groups, key=sorted)
    home = {content: content for content in contents}

    def root(content: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        while home[content] is not content:
            content = home[content]
        return content

    if len(contents) <= _MOST:
        for one, other in combinations(contents, 2):
            if len(one & other) / len(one | other) >= _ALIKE:
                home[root(other)] = root(one)
    united: defaultdict[frozenset[tuple[str, str]], set[str]] = defaultdict(set)
    for content in contents:
        united[root(content)] |= groups[content]
    return list(united.values())
