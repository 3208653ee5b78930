"""A labelled population for tests of the store: invented people as several pages show them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from pipelines.master.statements import Reading, mention_ids
from tests.support.readings import reading

GIVEN = ("Jane", "Janet", "Bob", "Robert", "Ines", "Lars", "Tess")
FAMILIES = ("Roe", "Poe", "Roe-Poe", "van der Zwaan", "Quill")
EMPLOYERS = ("Noord NV", "Zuid BV", "Oost Holding")
TITLES = ("Director", "Chair", "Engineer")
SOURCES = ("noord", "press", "zuid")


def population(size: int, seed: int) -> list[tuple[Reading, int]]:
    """Return about `size` readings, each with the number of the person that it is of; the same for the same seed.

    Names are abbreviated, turned and shared, details are left out, some people change their employer, a press contact
    stands on several pages, and now and then a page lists two of one name.
    """
    dice = random.Random(seed)
    found: dict[str, tuple[Reading, int]] = {}
    person = 0
    while len(found) < size:
        person += 1
        given, family = dice.choice(GIVEN), dice.choice(FAMILIES)
        employer, title = dice.choice(EMPLOYERS), dice.choice(TITLES)
        mailbox = f"{given}.{family}@{employer.split()[0]}.example".lower().replace(" ", "")
        number = f"+4420794601{dice.randrange(40, 60)}"
        for _ in range(dice.choice((1, 2, 3, 5))):
            if dice.random() < 0.1:
                employer = dice.choice(EMPLOYERS)
            written = dice.choice((f"{given} {family}", f"{given} {family}", f"{given[0]}. {family}"))
            details = {"works_for": employer, "job_title": title, "email": mailbox, "telephone": number}
            shown = {key: value for key, value in details.items() if dice.random() < 0.7}
            source = dice.choice(SOURCES)
            url = f"http://{source}.example/{dice.randrange(max(2, size // 3))}"
            one = reading(written, shown, url=url, source_id=source, day=dice.randrange(4))
            one.mention.ordinal = dice.choice((0, 0, 0, 0, 1))
            found.setdefault(mention_ids(one.mention)[-1], (one, person))
    return list(found.values())[:size]


def shuffled(readings: Sequence[Reading], seed: int) -> list[Reading]:
    """Return the readings in another order."""
    order = list(readings)
    random.Random(seed).shuffle(order)
    return order
