"""Learn the weights from labelled mentions: `make weights LABELLED=FILE.jsonl DATE=2026-11-22`.

Each line is a mention as `scrapy dedupe` reads it with its label `entity_id`; pairs with equal labels are matches. What
reviewers have judged can be learnt from as well (`--judgements`, see `labels`). To keep the weights of people from
fitting one collection's size, the pairs come from the whole file and from parts of it, each with its own statistics;
folds of whole surnames, so that namesakes are never split between learning and testing, calibrate the bits and choose
the threshold (`validation`).

Organisations' rules (`firm…`) are drawn to what they count now: experts set them first, as labelled organisations are
rare, and every labelled or judged pair moves them. The same files, date and code give the same weights, to the byte;
their version is a hash of what they say.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from crawler.errors import CardfileError, DocumentError
from crawler.items import MentionType
from pipelines.resolution import comparison
from pipelines.resolution.labels import Labelled, read
from pipelines.resolution.learning import Centre, Judged, Part, learn, part_of
from pipelines.resolution.statistics import Statistics
from pipelines.resolution.validation import Validation, order_out_of_fold, parts_of, validate
from pipelines.resolution.weights import WEIGHTS

_WEIGHTS = Path(__file__).with_name("weights.json")
#: Fewer matches than this teach a hundred rules nothing, least of all in three folds.
_LEAST = 50
_FIRMS = Centre(
    {rule: bits for rule, bits in WEIGHTS.rules.items() if rule.startswith("firm")},
    WEIGHTS.prior[MentionType.ORGANISATION.value],
)


def train(given: Labelled, day: date) -> tuple[str, Validation]:
    """Return the weights file's text and the validation behind it; `day` is only written down.

    Raises DocumentError for labels that are too few: weights of chance would merge people by chance.
    """
    people = given.mentions[MentionType.PERSON]
    matches = sum(count * (count - 1) // 2 for count in Counter(people[1]).values())
    if matches < _LEAST:
        raise DocumentError(
            f"{len(people[0])} labelled mentions of people hold {matches} pairs of one person; weights need {_LEAST} "
            "and more: label mentions of a few hundred people, two or three of each (`entity_id`)."
        )
    checked = validate(*people)
    parts = parts_of(*people)
    judged = given.judged(MentionType.PERSON, parts[0].statistics)
    weights, prior = learn([*parts, judged] if judged.findings else parts)
    firms, firms_prior, told = learn_organisations(given)
    learnt = {rule: round(bits * checked.scale, 3) for rule, bits in weights.items() if abs(bits) >= 0.001}
    table = {
        "match": round(comparison.probability(checked.threshold), 4),
        "review": WEIGHTS.review,
        "prior": {"organisation": firms_prior, "person": round(prior * checked.scale, 3)},
        "workplace_cap": WEIGHTS.workplace_cap,
        "rules": dict(sorted((learnt | firms).items())),
    }
    figures = {name: round(getattr(checked, name), 4) for name in ("f1", "precision", "recall", "brier", "log_loss")}
    learned = {
        "on": day.isoformat(), "from": given.digest, "mentions": len(people[0]), "judgements": len(judged.findings),
        "out_of_fold": figures,
    } | ({"organisations": told} if told else {})  # fmt: skip
    version = hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()[:12]
    return json.dumps({"version": version, "learned": learned} | table, indent=1) + "\n", checked


def learn_organisations(given: Labelled) -> tuple[dict[str, float], float, dict[str, Any]]:
    """Return the weights and the prior of organisations in bits, and what they were learnt from.

    Without a labelled or judged pair they are what they were, and the last is empty. It says of how many pairs of a
    match and a non-match the match had more bits, before and out of fold.
    """
    records, labels = given.mentions[MentionType.ORGANISATION]
    collection = part_of(records, labels) if records else None
    judged = given.judged(MentionType.ORGANISATION, collection.statistics if collection else Statistics())
    samples: list[Part | Judged] = [one for one in (collection, judged) if one and one.findings]
    if not samples:
        return dict(_FIRMS.rules), _FIRMS.prior, {}
    before, after = order_out_of_fold(samples, _FIRMS)
    weights, prior = learn(samples, _FIRMS)
    told = {"mentions": len(records), "judgements": len(judged.findings)}
    orders = {"in_order_before": before, "in_order_out_of_fold": after}
    told_orders = {name: round(share, 4) for name, share in orders.items() if not math.isnan(share)}
    return {rule: round(bits, 3) for rule, bits in weights.items()}, round(prior, 3), told | told_orders


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the labels, write the weights file and print what the folds say; exit code 2 for labels that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.resolution.train", description=__doc__)
    parser.add_argument("file", type=Path, help="JSONL of mentions with entity_id")
    parser.add_argument(
        "--date", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD", help="the day to write down"
    )
    parser.add_argument("--judgements", type=Path, help="JSONL of judged pairs")
    parser.add_argument("--output", type=Path, default=_WEIGHTS, help="where the weights go (default: the project's)")
    options = parser.parse_args(arguments)
    try:
        text, checked = train(read(options.file, options.judgements), options.date)
        options.output.write_text(text, "utf-8")
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}.")
    except (CardfileError, UnicodeDecodeError) as error:
        parser.error(str(error))
    told = json.loads(text)["learned"].get("organisations", {"weights": "kept, as there are no labels"})
    lines = [
        f"version {json.loads(text)['version']}",
        f"out of fold: F1 {checked.f1:.4f}, precision {checked.precision:.4f}, recall {checked.recall:.4f}",
        f"Brier {checked.brier:.4f}, log loss {checked.log_loss:.4f} bits a pair",
        f"calibration factor {checked.scale:.2f}, threshold {checked.threshold:+.2f} bits",
        "stated  observed  pairs",
        *(f"{said:.3f}   {seen:.3f}     {count}" for said, seen, count in checked.reliability),
        "organisations: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items()),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
