"""What to do next, from the figures: the sentence, how many it concerns, and the command. Pure."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from crawler.extensions.outcome import Past, drift
from crawler.items import Property
from pipelines.reports.quality.figures import LEAST, Decisions, SourceLine

#: Fields that a source is compared in with others of its kind: those that a business card is asked for.
COMPARED = (Property.EMAIL, Property.TELEPHONE, Property.JOB_TITLE, Property.WORKS_FOR)
#: Properties that are written in one way only, so that another value is another thing: a title has translations, and an
#: organisation is "Noord" here and "Noord NV" there.
_PLAIN = (Property.EMAIL, Property.TELEPHONE, Property.FAX_NUMBER)
#: Sources of one kind, about, that each other one is compared with; more would hardly change the median.
_PEERS = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody can do. `count` is how many it concerns, `source` an id or empty for the whole store."""

    what: str
    count: int
    of: str
    command: str
    source: str = ""


def steps(lines: Sequence[SourceLine], decisions: Decisions) -> list[Step]:
    """Return what to do, the store's own questions first, then source by source what concerns most people."""
    kinds = _by_kind(lines)
    of_sources = [step for line in lines for step in _of_source(line, kinds[line.kind])]
    return [*_of_store(decisions), *sorted(of_sources, key=lambda step: (-step.count, step.source, step.what))]


def reason(rule: str) -> str:
    """Return what a rule found wrong, in words; the rule's own name for one that has none yet."""
    return _texts()["reasons"].get(rule, rule.replace("-", " "))


def word(prop: str) -> str:
    """Return what a property is called in a sentence."""
    return _texts()["words"].get(prop, prop)


def _of_store(found: Decisions) -> Iterator[Step]:
    if found.conflicts:
        yield Step("People contradict each other", found.conflicts, "contradictions", "scrapy review --conflicts")
    if found.open:
        yield Step("Two entries may be one, and only a person can tell", found.open, "pairs", "scrapy review")
    if found.namesakes:
        said = "Somebody has the name of a person who was put out"
        yield Step(said, found.namesakes, "readings", "scrapy suppress waiting")


def _of_source(line: SourceLine, kind: Sequence[SourceLine]) -> Iterator[Step]:
    crawl = f"scrapy crawl {line.last.spider} -a source={line.id}" if line.last and line.last.spider else ""
    look = f"scrapy report runs --source {line.id}"
    if line.last and line.last.trouble:
        found = f": {'; '.join(line.last.findings)}" if line.last.findings else ""
        yield Step(f"Its last run ended as {line.last.outcome}{found}", line.people, "people held", look, line.id)
    if line.stale >= LEAST:
        said = f"Not seen for more than {line.bound} days, after which its clocks would have looked or let go"
        yield _step(line, said, line.stale, crawl or look)
    others = [Past("finished", _as_run(one)) for one in kind if one.id != line.id]
    for finding in drift(_as_run(line), others, declared=True):
        said = (
            f"Has the {word(finding.measure)} of {finding.found:.0%} of its people, where {finding.usual or 0:.0%} is"
            f" usual for the kind {line.kind}"
        )
        yield _step(line, said, line.people - line.of(finding.measure).people, "scrapy extract URL")
    for stated in map(line.of, _PLAIN):
        if stated.people >= LEAST and 2 * stated.overruled > stated.people:
            said = f"The master prefers another value to its {word(stated.property)} for most of its people"
            yield _step(line, said, stated.overruled, f"scrapy report provenance --source {line.id}")
    if lost := line.rejected.get("telephone-no-country"):
        said = "Telephone numbers without a country were lost: declare the source's country in the register"
        yield Step(said, lost, "numbers", crawl or look, line.id)


def _by_kind(lines: Sequence[SourceLine]) -> dict[str, list[SourceLine]]:
    """Return the sources of each kind; of many every n-th, so that comparing all of them takes no square of them."""
    found: defaultdict[str, list[SourceLine]] = defaultdict(list)
    for line in lines:
        found[line.kind].append(line)
    return {kind: several[:: 1 + len(several) // _PEERS] for kind, several in found.items()}


def _as_run(line: SourceLine) -> dict[str, int]:
    """Return how full the fields of a source are in the form in which runs are compared with earlier ones."""
    filled = {f"people/with/{prop}": line.of(prop).people for prop in COMPARED}
    return {"people/readings": line.people, **filled}


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files(__package__).joinpath("advice.toml").read_text("utf-8"))


def _step(line: SourceLine, what: str, count: int, command: str) -> Step:
    return Step(what, count, "person" if count == 1 else "people", command, line.id)
