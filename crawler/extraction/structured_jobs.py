"""The employments of a person in typed nodes: which title belongs to which employer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crawler.extraction.structured_node import Node, Text
from crawler.lexicon import words

Resolve = Callable[[Node | Text], Node | Text]
_EMPLOYERS = ("worksfor", "affiliation")


@dataclass(slots=True)
class Job:
    """One employment: what a person is, and where."""

    titles: list[Text] = field(default_factory=list)
    employers: list[Text] = field(default_factory=list)


@dataclass(slots=True)
class Jobs:
    """The employments of one person, and how many were left out because they have ended."""

    jobs: list[Job] = field(default_factory=list)
    ended: int = 0


def label(value: Node | Text) -> Text | None:
    """Return the name by which a thing is called: an organisation, an occupation; None when it has none but a URL."""
    if isinstance(value, Text):
        return value if value.text and not value.text.startswith(("http://", "https://")) else None
    kinds = (frozenset({"name"}), words("schema_org", "name"), words("schema_org", "alternatename"))
    return next((one for kind in kinds for one in value.all(kind) if isinstance(one, Text) and one.text), None)


def jobs(person: Node, resolve: Resolve) -> Jobs:
    """Return the employments of a person; `resolve` follows references between nodes.

    A role with its own title and employer is one employment. Titles and employers that stand side by side are paired
    by their order when there are as many of one as of the other; otherwise all titles belong to the first employer,
    which is what a reader would assume. A role with an end date is over: whether that date lies ahead is not for a
    reader without a clock to say, and a former job shown as a present one is the worse mistake.
    """
    found = Jobs()
    titles = [value for value in person.all(words("schema_org", "jobtitle")) if isinstance(value, Text)]
    employers: dict[str, Text] = {}
    for name in (*_EMPLOYERS, "memberof", "hasoccupation"):
        for value in person.all(words("schema_org", name)):
            resolved = resolve(value)
            named = label(resolved)
            if isinstance(resolved, Node) and resolved.types & words("schema_org", "role"):
                _add_role(found, resolved, resolve)
            elif named is not None and name in _EMPLOYERS:
                employers.setdefault(named.text, named)
            elif named is not None and name == "hasoccupation":
                titles.append(named)
    found.jobs[:0] = _paired(titles, list(employers.values()))
    return found


def _paired(titles: list[Text], employers: list[Text]) -> list[Job]:
    if len(titles) == len(employers) > 1:
        return [Job([title], [employer]) for title, employer in zip(titles, employers, strict=True)]
    first = [Job(titles, employers[:1])] if titles or employers else []
    return [*first, *(Job(employers=[employer]) for employer in employers[1:])]


def _add_role(found: Jobs, role: Node, resolve: Resolve) -> None:
    if any(True for _ in role.all(words("schema_org", "ended"))):
        found.ended += 1
        return
    job = Job([title for title in role.all(words("schema_org", "rolename")) if isinstance(title, Text)][:1])
    for name in (*_EMPLOYERS, "memberof", "hasoccupation"):
        for value in role.all(words("schema_org", name)):
            named = label(resolve(value))
            if named is not None and name != "hasoccupation":
                job.employers.append(named)
            elif named is not None and not job.titles:
                job.titles.append(named)
    if job.titles:  # bare membership is no employment, and may be a party, a union or a church
        found.jobs.append(job)
