"""Measure extraction on a folder of labelled pages.

    python tests/bench/extraction.py DATA -o PRED.jsonl [--half A|B] [--times] [--score]

DATA holds `html/`, `gold/` (one JSON a page with `page`, `file`, `site`, `region`, `language`) and `extract_eval.py`.
The sites fall into two halves by a hash of their name: rules are developed on one half and reported on the other.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from crawler.extraction import mentions
from crawler.items import Mention, Property
from crawler.page import Page

_MEDIA = {".html": "text/html", ".pdf": "application/pdf", ".vcf": "text/vcard"}
_FIELDS = {
    "title": (Property.JOB_TITLE,),
    "organisation": (Property.WORKS_FOR,),
    "email": (Property.EMAIL,),
    "phone": (Property.TELEPHONE,),
    "address": (Property.WORK_LOCATION,),
    "profile_url": (Property.URL, Property.SAME_AS),
}


def half(site: str) -> str:
    """Return the half a site belongs to, "A" or "B"."""
    return "A" if hashlib.sha256(site.encode()).digest()[0] % 2 == 0 else "B"


def prediction(page: str, mention: Mention) -> dict[str, Any]:
    """Return a mention in the scorer's format."""
    fields = {name: [value.text for prop in props for value in mention.all(prop)] for name, props in _FIELDS.items()}
    return {"page": page, "type": mention.type.value, "name": mention.text(Property.NAME), **fields}


def measure(data: Path, chosen: str) -> tuple[list[dict[str, Any]], dict[str, float], list[Path]]:
    """Return predictions, milliseconds a page, and the gold files of the chosen half."""
    predictions, times, used = [], {}, []
    for path in sorted((data / "gold").glob("*.json")):
        gold = json.loads(path.read_text("utf-8"))
        if chosen and half(gold["site"]) != chosen:
            continue
        used.append(path)
        file = data / "html" / gold["file"]
        url = gold["source"].get("original_url") or f"https://{gold['site']}/{gold['source'].get('path') or ''}"
        media = _MEDIA.get(file.suffix, "text/html")
        page = Page(
            url, file.read_bytes(), media, country=gold.get("region") or "", language=gold.get("language") or ""
        )
        start = time.perf_counter()
        found = mentions(page)
        times[gold["page"]] = (time.perf_counter() - start) * 1000
        predictions += [prediction(gold["page"], mention) for mention in found]
    return predictions, times, used


def main() -> None:
    """Write predictions, and with --score let the folder's own scorer judge them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--half", choices=["A", "B"], default="")
    parser.add_argument("--score", action="store_true")
    parser.add_argument("--times", action="store_true")
    options, rest = parser.parse_known_args()
    predictions, times, used = measure(options.data, options.half)
    lines = [json.dumps(one, ensure_ascii=False) for one in predictions]
    options.output.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    if options.times:
        ordered = sorted(times.values())
        slowest = sorted(times.items(), key=lambda one: -one[1])[:8]
        middle, late = statistics.median(ordered), ordered[int(0.95 * len(ordered))]
        report = [f"{len(times)} pages, median {middle:.1f} ms, p95 {late:.1f} ms"]
        sys.stdout.write("\n".join([*report, *(f"{ms:8.1f} {name}" for name, ms in slowest), ""]))
        sys.stdout.flush()
    if options.score:
        with tempfile.TemporaryDirectory() as folder:
            for path in used:
                (Path(folder) / path.name).symlink_to(path)
            command = [
                sys.executable,
                str(options.data / "extract_eval.py"),
                "--gold",
                folder,
                "--pred",
                str(options.output),
                *rest,
            ]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
