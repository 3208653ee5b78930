"""How long a batch resolution takes: `python tests/bench/resolution.py [--mentions 50000]`.

The mentions are invented: names and employers from syllables, each person in one to four mentions with abbreviated,
misspelt and turned names, some moved to another employer. Same seed, same mentions. Prints one line a step with CPU
seconds, then pairs a mention, how many pairs of one person were merged, and the peak memory.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Iterator
from itertools import combinations

from crawler.items import MentionType
from pipelines.resolution import batch
from pipelines.resolution.preparation import prepare
from pipelines.resolution.record import Record
from pipelines.resolution.statistics import Statistics

STARTS = [
    "ba",
    "be",
    "bo",
    "da",
    "de",
    "do",
    "fa",
    "fe",
    "ga",
    "ge",
    "ha",
    "he",
    "jo",
    "ka",
    "ke",
    "ko",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "ni",
    "pa",
    "pe",
    "pi",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "ta",
    "te",
    "to",
    "va",
    "ve",
    "wi",
]
ENDS = [
    "ndel",
    "rik",
    "sten",
    "mans",
    "ver",
    "berg",
    "lo",
    "na",
    "ris",
    "ton",
    "nard",
    "win",
    "mar",
    "vik",
    "rova",
    "dez",
    "nes",
    "ssen",
    "ki",
]
GIVEN = [
    "Ada",
    "Bob",
    "Carla",
    "Dirk",
    "Emma",
    "Frits",
    "Gerda",
    "Hugo",
    "Ines",
    "Joris",
    "Karin",
    "Lars",
    "Mona",
    "Nils",
    "Olga",
    "Piet",
    "Rosa",
    "Sven",
    "Tess",
    "Uwe",
    "Vera",
    "Wim",
    "Yara",
    "Zoe",
]
WORK = ["Techniek", "Logistiek", "Advies", "Bouw", "Energie", "Media", "Zorg", "Onderwijs", "Transport", "Groen"]
TITLES = [
    "Directeur",
    "Hoofd Inkoop",
    "Sales Manager",
    "CFO",
    "Chief Financial Officer",
    "Jurist",
    "Engineer",
    "Projectleider",
]


def mentions(count: int, seed: int = 1) -> Iterator[tuple[Record, int]]:
    """Yield invented mentions, each with the number of its person."""
    dice = random.Random(seed)
    firms = max(20, count // 40)
    made = person = 0
    while made < count:
        person += 1
        given = dice.choice(GIVEN) + dice.choice(("", "", "", "bert", "lien"))
        family = (dice.choice(STARTS) + dice.choice(STARTS) + dice.choice(ENDS)).capitalize()
        firm, title = dice.randrange(firms), dice.choice(TITLES)
        for _ in range(dice.choice((1, 1, 2, 2, 3, 4))):
            if dice.random() < 0.04:
                firm = dice.randrange(firms)
            made += 1
            yield _mention(dice, str(made), (given, family), firm, title), person


def _mention(dice: random.Random, identity: str, name: tuple[str, str], firm: int, title: str) -> Record:
    given, family = name
    employer = f"{STARTS[firm % 41].capitalize()}{STARTS[firm // 41 % 41]}{ENDS[firm % 19]} {WORK[firm % 10]}"
    domain = employer.replace(" ", "").lower() + f"{firm}.example"
    written = dice.choice((f"{given} {family}", f"{given} {family}", f"{family}, {given}", f"{given[0]}. {family}"))
    return Record(
        identity,
        MentionType.PERSON,
        (written,),
        organisations=(employer + dice.choice(("", " BV", " B.V.")),) if dice.random() < 0.9 else (),
        job_titles=(title,) if dice.random() < 0.7 else (),
        emails=(f"{given}.{family}@{domain}".lower(),) if dice.random() < 0.35 else (),
        telephones=(f"+3120794{firm:04d}{dice.randrange(9)}",) if dice.random() < 0.4 else (),
        addresses=(f"Dorpsstraat {firm}, {1000 + firm % 9000} AB",) if dice.random() < 0.4 else (),
    )


def main() -> dict[str, float]:
    """Run the steps, print what they cost, and return each as a multiple of parsing the same mentions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=10_000)
    options = parser.parse_args()
    made = list(mentions(options.mentions))
    truth = {record.id: person for record, person in made}
    spent: dict[str, float] = {}
    start = time.process_time()

    def lap(step: str) -> None:
        nonlocal start
        now = time.process_time()
        spent[step] = now - start
        sys.stdout.write(f"{step:12} {spent[step]:7.2f} CPU s {spent[step] / spent['prepare']:7.2f} x prepare\n")
        start = now

    prepared = [prepare(record) for record, _ in made]
    lap("prepare")
    statistics = Statistics.from_prepared(prepared)
    lap("statistics")
    found = batch.resolve(prepared, statistics)
    lap("resolve")
    members: dict[int, list[str]] = {}
    for name, person in truth.items():
        members.setdefault(person, []).append(name)
    pairs = [pair for listed in members.values() for pair in combinations(listed, 2)]
    merged = sum(found.clusters[a] == found.clusters[b] for a, b in pairs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{found.pairs / len(made):.2f} pairs a mention, {merged / max(1, len(pairs)):.3f} of the true pairs "
    )
    sys.stdout.write(f"merged, peak {peak:.0f} MB\n")
    return {f"{step}_to_prepare": round(cost / spent["prepare"], 2) for step, cost in spent.items()} | {
        "pairs_a_mention": round(found.pairs / len(made), 2)
    }


if __name__ == "__main__":
    main()
