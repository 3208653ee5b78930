"""Memory stays flat over ten thousand pages, in a process of its own so that no other test is measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PAGES, WARM = 10_000, 4_000
#: What the bounded caches of words may still take in after the first pages, and what an allocator does not give back.
MEGABYTES = 25
_FIXTURES = Path(__file__).parents[2] / "fixtures"
_DATA = Path(__file__).parents[3] / "shared" / "data"
_SCRIPT = """
import gc, sys
from itertools import cycle
from pathlib import Path
from crawler.extraction import mentions
from crawler.page import Page

def megabytes():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

def bodies(folders):
    return cycle([path.read_bytes() for one in folders for path in sorted(Path(one).rglob("*.html"))])

pages, warm, bundled, *real = sys.argv[1:]
invented, found = bodies([bundled]), bodies(real or [bundled])
people, at = 0, []
for number in range(int(pages)):
    body = next(found if number % 5 == 0 else invented)  # real pages are larger, and the time is limited
    name = "".join(chr(97 + number // 26**place % 26) for place in range(4))  # no page is met twice
    more = f"<ul><li><h3>Bronwen {name.title()}</h3><p>Chair of {name}<p>{name}@firma.example</ul>".encode()
    people += len(mentions(Page("https://firma.example/team", body + more, country="NL")))
    if number + 1 in (int(warm), int(pages)):
        at.append(megabytes())
print(people, *at)
"""


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="reads the resident size from /proc")
def test_memory_is_flat() -> None:
    real = [folder for folder in (_DATA / "pages" / "html", _DATA / "pages_unlabelled") if folder.is_dir()]
    command = [sys.executable, "-c", _SCRIPT, str(PAGES), str(WARM), *map(str, (_FIXTURES, *real))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=900, check=True)
    people, warm, last = map(float, ended.stdout.split())
    assert people >= PAGES
    assert last - warm < MEGABYTES, f"{warm:.0f} MB after {WARM} pages, {last:.0f} MB after {PAGES}"
