"""From typed nodes to mentions: the closed schema, whatever markup the nodes came from.

Only properties that `crawler/lexicon/schema_org.toml` lists are read. Every other key of a person or an organisation is
dropped and counted. The family and friends of a person (spouse, children, knows, …) are nobody's business contact:
the walk never goes from a person to another person.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from crawler.extraction.structured_contacts import Reading, contact_readings, place_readings
from crawler.extraction.structured_jobs import Job, jobs, label
from crawler.extraction.structured_node import MAX_VALUE, Node, Text
from crawler.extraction.structured_voice import belongs, speaks, voice
from crawler.items import Disposal, Mention, MentionType, Method, Property, Value
from crawler.lexicon import words
from crawler.page import Page

#: How often a value is right when its method says so. These are starting points by how explicit the markup is; the
#: readings on labelled pages are too few to tell them apart.
CONFIDENCE = {
    Method.VCARD: 0.98,
    Method.JSON_LD: 0.97,
    Method.MICRODATA: 0.95,
    Method.RDFA: 0.95,
    Method.H_CARD: 0.93,
    Method.FEED: 0.9,
    Method.META: 0.7,
}
#: Persons and organisations of one page that are read.
MAX_MENTIONS = 5_000


@cache
def _names(kind: str) -> frozenset[str]:
    return words("schema_org", kind)


_NAMED = {
    Property.NAME: "name",
    Property.GIVEN_NAME: "givenname",
    Property.FAMILY_NAME: "familyname",
    Property.HONORIFIC_PREFIX: "honorificprefix",
    Property.HONORIFIC_SUFFIX: "honorificsuffix",
}
_READ_OF_BOTH = (
    "name",
    "email",
    "telephone",
    "faxnumber",
    "worklocation",
    "contactpoint",
    "url",
    "sameas",
    "structure",
)
_READ = {
    MentionType.PERSON: (
        *_READ_OF_BOTH,
        *("givenname", "familyname", "additionalname", "honorificprefix", "honorificsuffix"),
        *("jobtitle", "worksfor", "affiliation", "hasoccupation", "memberof"),
    ),
    MentionType.ORGANISATION: (*_READ_OF_BOTH, "alternatename", "employed", "part"),
}


@cache
def _read_by(kind: MentionType) -> frozenset[str]:
    return frozenset().union(*(_names(name) for name in _READ[kind]))


class Mapper:
    """Makes the mentions of one page from the nodes of one syntax."""

    def __init__(self, page: Page, method: Method, disposals: list[Disposal]) -> None:
        self._page = page
        self._method = method
        self._disposals = disposals
        self._by_id: dict[str, Node] = {}
        self._seen: set[int] = set()
        self._mentions: list[Mention] = []

    def mentions(self, nodes: list[Node]) -> list[Mention]:
        """Return the mentions of all nodes, nested ones included, each node once."""
        for node in _everything(nodes):
            # A node that only points to another has an id and nothing else.
            if node.id and node.properties:
                self._by_id.setdefault(node.id, node)
        pending: list[tuple[Node, str, Node | None]] = [(node, "", None) for node in reversed(nodes)]
        while pending and len(self._mentions) < MAX_MENTIONS:
            node, role, owner = pending.pop()
            node = self._resolved(node)
            if id(node) in self._seen:
                continue
            self._seen.add(id(node))
            pending.extend(reversed(list(self._visit(node, role, owner))))
        return self._mentions

    def _resolved(self, node: Node) -> Node:
        return self._by_id.get(node.id, node) if not node.properties else node

    def _follow(self, value: Node | Text) -> Node | Text:
        return self._resolved(value) if isinstance(value, Node) else value

    def _visit(self, node: Node, role: str, owner: Node | None) -> Iterator[tuple[Node, str, Node | None]]:
        """Read one node, and yield the nodes to visit next, each with the property that led there."""
        if node.types & _names("person"):
            self._person(node, role, owner)
            for name in ("worksfor", "affiliation"):
                yield from ((value, name, None) for value in node.all(_names(name)) if isinstance(value, Node))
            return
        organisation = bool(node.types & _names("organisation"))
        if organisation:
            self._organisation(node)
        employs = bool(node.types & _names("role")) or organisation
        for name, values in node.properties.items():
            for value in values:
                if isinstance(value, Node):
                    employer = node if organisation and name in _names("employed") else None
                    cited = name if name in _names("context") else ("" if employs else role)
                    cited = "comment" if voice(node, name) or role == "comment" else cited
                    yield value, cited, employer or (owner if node.types & _names("role") else None)

    # People.

    def _person(self, node: Node, role: str, owner: Node | None) -> None:
        if node.all(_names("dead")):
            self._drop("deceased", "death-date")
            return
        mention = self._mention(MentionType.PERSON)
        self._name(mention, node)
        if not mention.text(Property.NAME):
            return
        self._contacts(mention, node)
        self._jobs(mention, node, owner)
        self._count_unknown(node, MentionType.PERSON)
        speaking = role in _names("comment") or speaks(node.place)
        if not belongs(mention, named_only=role in _names("context"), speaking=speaking):
            self._drop("no-business-context", "named-only")
            return
        self._keep(mention, node, role)

    def _jobs(self, mention: Mention, node: Node, owner: Node | None) -> None:
        """Add the employments; `owner` is the organisation that lists this person among its own."""
        found = jobs(node, self._follow)
        for _ in range(found.ended):
            self._drop("former", "role-ended")
        employer = label(owner) if owner is not None else None
        if employer is not None and not any(job.employers for job in found.jobs):
            found.jobs = found.jobs or [Job()]
            found.jobs[0].employers.append(employer)
        for number, job in enumerate(found.jobs):
            self._add(mention, Property.JOB_TITLE, job.titles, number)
            self._add(mention, Property.WORKS_FOR, job.employers, number)

    def _name(self, mention: Mention, node: Node) -> None:
        for prop, kind in _NAMED.items():
            self._add(mention, prop, node.all(_names(kind))[:1])
        if not mention.all(Property.NAME):
            kinds = ("givenname", "additionalname", "familyname")
            parts = [value for kind in kinds for value in node.all(_names(kind))[:1] if isinstance(value, Text)]
            if len(parts) > 1:
                self._add(mention, Property.NAME, [Text(" ".join(part.text for part in parts), parts[0].place)])

    # Organisations.

    def _organisation(self, node: Node) -> None:
        mention = self._mention(MentionType.ORGANISATION)
        called = label(node)
        if called is None:
            return
        self._add(mention, Property.NAME, [called])
        known = {called.text}
        others = [value for kind in ("name", "alternatename") for value in node.all(_names(kind))]
        self._add(
            mention,
            Property.ALTERNATE_NAME,
            [value for value in others if isinstance(value, Text) and value.text not in known][:5],
        )
        self._contacts(mention, node)
        self._count_unknown(node, MentionType.ORGANISATION)
        if len(mention.values) > 1:  # a bare name says nothing that can be used
            self._keep(mention, node)

    # Both.

    def _keep(self, mention: Mention, node: Node, role: str = "") -> None:
        """Take a mention, with its values side by side as the text around it: there is no other."""
        mention.locator = node.locator  # here and not earlier: libxml2 counts all siblings for each path
        said = dict.fromkeys(value.text for _, value in mention)
        mention._keep_in_memory(", ".join([*said, *([role] if role else [])]))
        self._mentions.append(mention)

    def _mention(self, kind: MentionType) -> Mention:
        return Mention(
            kind,
            language=self._page.read_in,
            country=self._page.country,
            confidence=CONFIDENCE[self._method],
        )

    def _contacts(self, mention: Mention, node: Node) -> None:
        readings: list[Reading] = []
        for kind, prop in (
            ("email", Property.EMAIL),
            ("telephone", Property.TELEPHONE),
            ("faxnumber", Property.FAX_NUMBER),
        ):
            readings += contact_readings(node.all(_names(kind)), prop)
        for value in node.all(_names("contactpoint")):
            point = self._resolved(value) if isinstance(value, Node) else None
            if point is not None:
                cue = point.first_text(frozenset({"contacttype", "name", "description"}))
                readings += contact_readings(point.all(_names("email")), Property.EMAIL, cue)
                readings += contact_readings(point.all(_names("telephone")), Property.TELEPHONE, cue)
                readings += contact_readings(point.all(_names("faxnumber")), Property.FAX_NUMBER, cue)
        for value in node.all(_names("worklocation")):
            readings += place_readings(self._follow(value))
        for kind, prop in (("url", Property.URL), ("sameas", Property.SAME_AS)):
            for value in node.all(_names(kind)):
                target = Text(value.id, value.place) if isinstance(value, Node) else value
                link = self._page.absolute(target.text)
                if link.startswith(("http://", "https://")):
                    readings.append(Reading(prop, link, target.place, target.around))
        for one in readings:
            self._add(mention, one.prop, [Text(one.text, one.place, one.around)])

    def _add(
        self, mention: Mention, prop: Property, values: list[Text] | list[Node | Text], employment: int = 0
    ) -> None:
        for value in values:
            if isinstance(value, Text) and 0 < len(value.text) <= (MAX_VALUE if prop is not Property.URL else 2_000):
                confidence = CONFIDENCE[self._method]
                place, cue = value.locator, value.around
                read = Value(value.text, self._method, place, confidence, employment=employment, around=cue)
                mention.add(prop, read)

    def _count_unknown(self, node: Node, kind: MentionType) -> None:
        for name in node.properties:
            if name not in _read_by(kind):
                self._drop("unknown-property", "closed-schema")

    def _drop(self, category: str, rule: str) -> None:
        self._disposals.append(Disposal("extraction", category, self._method, rule))


def _everything(nodes: list[Node]) -> Iterator[Node]:
    pending, seen = list(nodes), set()
    while pending:
        node = pending.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            pending.extend(value for values in node.properties.values() for value in values if isinstance(value, Node))
