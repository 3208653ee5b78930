"""Measure the work addresses of organisations on a folder of labelled pages.

    python -m tests.bench.extraction DATA -o PRED.jsonl
    python -m tests.bench.addresses DATA PRED.jsonl [--half A|B]

The scorer that comes with the pages judges addresses of people only. This judges those of organisations by its rule for
people's: an address is right when its words match a labelled one of the page (token set ratio of 80 or more). An
address that no label names is counted as wrong, also where the label may have left it out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from tests.bench.extraction import half

_ALIKE, _SAME_NAME = 80, 85


def alike(one: str, other: str, threshold: int = _ALIKE) -> bool:
    """Tell whether two texts have the same words, as the scorer of the labelled pages does."""
    return fuzz.token_set_ratio(one.casefold(), other.casefold()) >= threshold


def judge(gold: dict[str, Any], found: list[tuple[str, str]]) -> tuple[int, int, int, int]:
    """Return right, wrong and missed addresses of a page, and how many of the right stand with the labelled name.

    `found` are pairs of an organisation's name and its address.
    """
    labelled = [one for one in gold["organisations"] if one.get("address")]
    hits = {index: [pair for pair in found if alike(pair[1], one["address"])] for index, one in enumerate(labelled)}
    right = sum(bool(pairs) for pairs in hits.values())
    named = sum(any(alike(pair[0], labelled[n]["name"], _SAME_NAME) for pair in pairs) for n, pairs in hits.items())
    wrong = len(set(found) - {pair for pairs in hits.values() for pair in pairs})
    return right, wrong, len(labelled) - right, named


def main() -> None:
    """Print precision, recall and F1 of the addresses of organisations."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--half", choices=["A", "B"], default="")
    options = parser.parse_args()
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in options.predictions.read_text("utf-8").splitlines():
        mention = json.loads(line)
        if mention["type"] == "organisation":
            found[mention["page"]] += [(mention["name"], address) for address in mention["address"]]
    sums = [0, 0, 0, 0]
    for path in sorted((options.data / "gold").glob("*.json")):
        gold = json.loads(path.read_text("utf-8"))
        if not options.half or half(gold["site"]) == options.half:
            sums = [one + more for one, more in zip(sums, judge(gold, found[gold["page"]]), strict=True)]
    right, wrong, missed, named = sums
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    f1 = 2 * right / max(1, 2 * right + wrong + missed)
    sys.stdout.write(
        f"organisations' addresses: P {precision:.2f}  R {recall:.2f}  F1 {f1:.2f}  right {right} (with the labelled "
        f"name {named})  wrong {wrong}  missed {missed}\n"
    )


if __name__ == "__main__":
    main()
