"""Who is named on a page without being anybody's business contact, by class and in several languages."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.items import MentionType, Property
from crawler.page import Page

CASES = [
    (
        "eponym",
        "en",
        "<p>We comply with the Sarbanes-Oxley Act and apply the Lloyd Wright doctrine and Moore's law.</p>",
    ),
    ("eponym", "en", "<h2>The Ada Lovelace Institute</h2><p>Director: vacant</p>"),
    ("eponym", "de", "<ul><li>Robert-Koch-Institut</li><li>Heinrich-Böll-Stiftung</li></ul>"),
    ("eponym", "fr", "<p>Le lycée Marie Curie accueille la bibliothèque Jean Moulin et son équipe.</p>"),
    ("eponym", "pl", "<p>Szkoła im. Marii Konopnickiej zaprasza na dzień otwarty, zapisy w sekretariacie szkoły.</p>"),
    ("street", "en", "<p>200 Martin Luther King Boulevard<br>Tel. +1 202 555 0175</p>"),
    ("street", "de", "<p>Clara-Schumann-Straße 8<br>70173 Stuttgart<br>Tel. 0711 555 0140</p>"),
    ("street", "nl", "<p>Jan van Goyenkade 3, Nijmegen, tel. 024 555 0140</p>"),
    ("street", "fr", "<p>12 rue Victor Hugo, 50400 Granville, tél. 02 61 91 01 23</p>"),
    ("street", "it", "<p>Via Giuseppe Garibaldi 22, 24121 Bergamo, tel. 035 555 0101</p>"),
    ("street", "pl", "<p>ul. Henryka Sienkiewicza 8, 60-000 Poznań, tel. 61 555 01 13</p>"),
    ("street", "ru", "<p>ул. Юрия Гагарина, 15, тел. +7 (342) 555-01-10</p>"),
    ("building", "en", "<p>John F. Kennedy Plaza, Suite 4<br>Tel: (202) 555-0175</p>"),
    ("partners", "en", "<h1>Harris, Boyd &amp; McAllister LLP</h1><p>Tel: (202) 555-0175</p>"),
    ("partners", "de", "<h1>Weber Brandt Rechtsanwälte PartG mbB</h1><p>kanzlei@example.org</p>"),
    ("partners", "fr", "<h1>Dupont &amp; Rivière SARL</h1><p>contact@example.org</p>"),
    ("navigation", "en", '<nav><a href="/a">Jane Holloway</a> <a href="/b">John Kirkbride</a></nav><p>Welcome.</p>'),
    ("navigation", "en", '<div class="tags"><a>Jane Austen</a> <a>Max Weber</a> <a>Adam Smith</a></div>'),
    ("placeholder", "en", "<p>John Doe<br>Job title<br>john.doe@example.com</p>"),
    ("placeholder", "de", "<p>Max Mustermann<br>Musterstraße 1<br>12345 Musterstadt</p>"),
    ("comment in the markup", "en", "<!-- <p>Peter Vanished, Managing Director</p> --><p>Our team.</p>"),
    ("hidden", "en", '<div style="display:none"><p>Peter Vanished, Managing Director</p></div>'),
    ("cited", "en", "<h2>References</h2><ol><li>Smith, J. and Jones, P. (2004). Peat. J. Soil 12, 1-9.</li></ol>"),
    ("cited", "de", "<h2>Literatur</h2><ul><li>Anna Berger: Moore, Köln 2003</li><li>Karl Huber: Torf</li></ul>"),
    ("cited", "fr", "<p>J'ai relu Simone Weil et Roland Barthes, puis une étude de Paul Ricœur (1990).</p>"),
    ("commenter", "en", '<div id="comments"><p><b>Sarah Thompson</b> says: lovely!</p></div>'),
    ("commenter", "de", '<div class="comment"><b>Petra Schmidt</b> schrieb: Schöner Beitrag!</div>'),
    ("commenter", "fr", '<ol class="commentlist"><li><cite>Sylvie Lemaire</cite> dit : Merci !</li></ol>'),
    ("customer", "en", '<div class="testimonials"><p>"Great!" – <b>Harriet Plummer</b></p></div>'),
    ("customer", "es", "<h2>Testimonios</h2><p>Lucía Fernández</p><p>Pedro Alcaraz</p>"),
    ("dead", "en", "<p>Professor Ewan Galbraith, 1931-2021, President of the Society, passed away in March.</p>"),
    ("dead", "de", "<p>Ernst Hagedorn († 2. Februar 2020), Ehrenvorsitzender</p>"),
    ("dead", "it", "<h2>In memoria</h2><p>Mario Esposito, presidente</p>"),
    ("dead", "pl", "<p>śp. Jan Kowalski, prezes honorowy</p>"),
    ("animal", "de", "<div><h3>Luna</h3><p>Bürohund</p></div><div><h3>Balou</h3><p>Feelgood-Manager</p></div>"),
    ("animal", "en", "<div><h3>Biscuit</h3><p>Studio dog</p></div>"),
    ("photographer", "de", "<figure><figcaption>© Felix Zahn/photothek.example</figcaption></figure>"),
]


@pytest.mark.parametrize(
    ("kind", "language", "markup"), CASES, ids=[f"{kind}-{n}" for n, (kind, _, _) in enumerate(CASES)]
)
def test_nobody_is_read_who_is_no_contact(kind: str, language: str, markup: str) -> None:
    page = Page(
        "https://www.example.org/about",
        f'<html lang="{language}"><head><title>About</title></head><body>{markup}</body></html>'.encode(),
        charset="utf-8",
    )
    assert [one.text(Property.NAME) for one in mentions(page) if one.type is MentionType.PERSON] == []
