"""What is not meant for everybody, by name and by shape."""

from __future__ import annotations

import pytest

from crawler.navigation.walls import closed, is_login, is_login_wall
from crawler.page import Page

FORM = '<form action="/session"><input name="user"><input type="Password" name="pw"><button>Log in</button></form>'
TEXT = "<p>" + "A grid that balances itself at night. " * 12 + "</p>"


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("https://www.linkedin.com/in/somebody", "login-wall"),
        ("https://nl.linkedin.com/company/x", "login-wall"),
        ("https://x.com/somebody", "login-wall"),
        ("https://www.xing.com/profile/x", "login-wall"),
        ("https://www.google.com/search?q=x", "search-results"),
        ("https://www.google.co.uk/search?q=x", "search-results"),
        ("https://scholar.google.de/scholar?q=x", "search-results"),
        ("https://www.bing.com/search?q=x", "search-results"),
        ("https://yandex.ru/search/?text=x", "search-results"),
        ("https://html.duckduckgo.com/html/?q=x", "search-results"),
        ("https://www.zoominfo.com/p/x", "licensed"),
    ],
)
def test_closed_by_name(url: str, rule: str) -> None:
    found = closed(url)
    assert found is not None
    assert found.rule == rule
    assert len(found.reason) > 40


@pytest.mark.parametrize(
    "url",
    [
        "https://sites.google.com/view/club",
        "https://www.google.example/search",
        "https://notlinkedin.com/in/x",
        "https://linkedin.com.example/in/x",
        "https://netflix.com/",
        "https://www.noord.example/search",
        "https://bing.noord.example/",
        "http://[broken",
        "",
    ],
)
def test_open_to_everybody(url: str) -> None:
    assert closed(url) is None


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/login", True),
        ("/user/login.php?next=/team", True),
        ("/de/anmelden/", True),
        ("/authwall", True),
        ("/team", False),
        ("/articles/how-we-log-in", False),
        ("/authors/roe", False),
    ],
)
def test_where_people_log_in(path: str, *, answer: bool) -> None:
    assert is_login(f"http://noord.example{path}") is answer


@pytest.mark.parametrize(
    ("body", "wall"),
    [
        pytest.param(f"<h1>Members only</h1>{FORM}", True, id="form"),
        pytest.param(f"<nav>{TEXT}</nav>{FORM}<footer>{TEXT}</footer>", True, id="menus say nothing"),
        pytest.param(
            f"<p>Please log in</p>{FORM.replace('Password', 'password')}<script>{TEXT}</script>", True, id="js"
        ),
        pytest.param(f"{FORM}<main>{TEXT}</main>", False, id="a box beside a page"),
        pytest.param("<p>Your password is your business.</p>", False, id="the word"),
        pytest.param("", False, id="empty"),
    ],
)
def test_a_wall_by_its_shape(body: str, *, wall: bool) -> None:
    assert is_login_wall(Page("http://noord.example/", f"<html><body>{body}</body></html>".encode())) is wall
