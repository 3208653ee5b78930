from __future__ import annotations

import pytest

from crawler.lines import line_of

TEXT = """name = "x"

[controller]
name = "y"
e-mail = "z"

[[recipient]]
id = "a"

[[recipient]]
id = "b"
"quoted" = 1
[[recipient.more]]
id = "c"
deep = 1
""".splitlines()


@pytest.mark.parametrize(
    ("key", "table", "index", "line"),
    [
        ("name", "", 0, 1),
        ("nowhere", "", 0, 1),
        ("", "controller", 0, 3),
        ("name", "controller", 0, 4),
        ("e-mail", "controller", 0, 5),
        ("missing", "controller", 0, 3),
        ("id", "recipient", 0, 8),
        ("id", "recipient", 1, 11),
        ("quoted", "recipient", 1, 12),
        ("", "recipient", 1, 10),
        ("id", "recipient", 7, 1),
        ("id", "recipient.more", 0, 14),
        ("deep", "recipient", 1, 15),
        ("controller", "", 0, 3),
        ("deep", "recipient", 0, 7),
    ],
)
def test_the_line_of_a_key(key: str, table: str, index: int, line: int) -> None:
    assert line_of(TEXT, key, table, index) == line
