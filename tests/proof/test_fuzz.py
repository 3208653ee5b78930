"""Extraction over documents that nobody wrote: mutated towards new code by atheris, put together by Hypothesis."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.fuzzing import SEEDS, TARGETS, check

SECONDS = 5
FRAGMENTS = [
    *(
        "Bronwen Achterberg",
        "Dr. Zoë Imaginary-Vole",
        "山田太郎",
        "Firma BV",
        "Chair",
        "CFO of",
        "said",
        "tel",
        "e-mail",
        ":",
    ),
    *(
        "b@firma.example",
        "b (at) firma (dot) example",
        "&#98;&#64;",
        "+44 20 7946 0018",
        "www.firma.example",
        "@",
        "\0",
    ),
    *(
        "<ul>",
        "<li>",
        "<p>",
        "<br>",
        "<h3>",
        "</h3>",
        "<table>",
        "<tr>",
        "<td>",
        "<th>",
        "<dl><dt>",
        "<dd>",
        "<b>",
        "</b>",
    ),
    *(
        "<a href='mailto:",
        "<a href='tel:",
        "'>",
        "</a>",
        "<nav>",
        "<footer>",
        "<pre>",
        "\n",
        " ",
        "<img alt='",
        "<!--",
        "-->",
    ),
    *("<div class='h-card'>", "<i class='p-name'>", "<div itemscope itemtype='https://schema.org/Person'>", "</div>"),
    *("<b itemprop='name'>", "<script type='application/ld+json'>", '{"@type":"Person","name":"', '"}', "</script>"),
    *(
        "<script>",
        "document.write('",
        "'+'@'+'",
        "')",
        "<style>",
        "\u202e",
        "\u200b",
        "\ufffd",
        "é",
        "(",
        ")",
        ",",
        "|",
    ),
]


@pytest.mark.proof
@pytest.mark.skipif(not find_spec("atheris"), reason="atheris has wheels for Linux on x86-64 only")
@pytest.mark.parametrize("target", TARGETS)
def test_no_mutation_breaks_a_rule(target: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[target]):
        (corpus / str(number)).write_bytes(seed)
    bounds = [f"-max_total_time={SECONDS}", "-timeout=20", "-rss_limit_mb=2048", "-max_len=4096", "-seed=1"]
    command = [
        sys.executable,
        "-m",
        "tests.support.fuzzing",
        target,
        *bounds,
        f"-artifact_prefix={tmp_path}/",
        str(corpus),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    assert "Done" in ended.stderr


@pytest.mark.proof
@settings(max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pieces=st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=60),
    target=st.sampled_from(list(TARGETS)),
)
def test_no_combination_breaks_a_rule(pieces: list[str], target: str) -> None:
    media_type, opening = TARGETS[target]
    check(opening + "".join(pieces).encode("utf-8", "surrogatepass"), media_type)


@settings(max_examples=60, deadline=None)
@given(pieces=st.lists(st.sampled_from(FRAGMENTS), max_size=40))
def test_no_page_of_fragments_breaks_a_rule(pieces: list[str]) -> None:
    check("".join(pieces).encode(), "text/html")


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "pdf"])
def test_the_seeds_say_somebody(target: str) -> None:
    media_type, opening = TARGETS[target]
    assert sum(check(opening + seed, media_type) for seed in SEEDS[target]) > 0
