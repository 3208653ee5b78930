"""Whose a printed address is, and whose it must not be. People, firms and places are invented."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction import mentions
from crawler.items import Disposal, Mention, MentionType, Method, Property
from crawler.page import Page
from pipelines.sensitive.mention import minimise_mention
from pipelines.values.mention import validate_mention

OWNER = "Noordlicht Advies BV"


def read(
    body: str, *, country: str = "DE", title: str = "Contact", disposals: list[Disposal] | None = None
) -> list[Mention]:
    html = f"<title>{OWNER} - {title}</title><h1>{title}</h1>{body}"
    page = Page("https://www.noordlicht-advies.example/page", html.encode(), charset="utf-8", country=country)
    return mentions(page, disposals=disposals)


def places(found: list[Mention], kind: MentionType = MentionType.ORGANISATION) -> list[tuple[str, str]]:
    return [
        (one.text(Property.NAME), value.text)
        for one in found
        if one.type is kind
        for value in one.all(Property.WORK_LOCATION)
    ]


@pytest.mark.parametrize(
    ("country", "lines"),
    [
        ("NL", ["Dijkstraat 12a", "1234 AB Westmark"]),
        ("NL", ["Postbus 123", "1200 AB Westmark", "Nederland"]),
        ("BE", ["Chaussée du Port 12 bte 3", "1000 Westmark"]),
        ("DE", ["Seestr. 12", "12345 Westmark"]),
        ("DE", ["Gebäude B, Raum 46", "Seestr. 12", "D-12345 Westmark"]),
        ("AT", ["Seegasse 12/3/4", "A-1090 Westmark"]),
        ("CH", ["Hafenstrasse 1", "8001 Westmark"]),
        ("FR", ["12 bis, rue du Port", "BP 123", "75000 Westmark Cedex 9"]),
        ("ES", ["Calle Mayor, 3, 2º A", "28000 Westmark"]),
        ("IT", ["Via del Porto, 12", "10000 Westmark (WM)"]),
        ("PT", ["Rua do Porto, 12, 3.º Esq.", "1200-000 Westmark"]),
        ("BR", ["Rua do Porto, 120, sala 3", "Westmark - SP", "CEP 01000-000"]),
        ("GB", ["Unit 4, Riverside House", "High Street", "Westmark", "WM1 2DX", "United Kingdom"]),
        ("GB", ["12 High Street", "Westmark WM1 2DX"]),
        ("IE", ["12 Main Street", "Westmark", "Co. Northshire", "D02 X285"]),
        ("US", ["1200 Main Street, Suite 300", "Westmark, PA 15000"]),
        ("CA", ["120 rue Principale, bureau 200", "Westmark (Québec) H2X 1Y4"]),
        ("AU", ["Level 4, 120 Dock Street", "Westmark NSW 2000"]),
        ("SE", ["Storgatan 1", "111 22 Westmark"]),
        ("NO", ["Postboks 12", "0155 Westmark"]),
        ("DK", ["Havnegade 10, 2. th.", "1165 Westmark K"]),
        ("FI", ["Rantakatu 1 B 12", "00100 Westmark"]),
        ("PL", ["ul. Morska 12 lok. 3", "00-001 Westmark"]),
        ("CZ", ["Mlýnská ul. 12", "110 00 Westmark 1"]),
    ],
)
@pytest.mark.parametrize("markup", ["<p>{0}<br>{1}</p>", "<address>{1}</address>", "<p>Tel. +44 20 7946 0100 <p>{2}"])
def test_an_address_below_the_owner_or_marked_is_read_whole(country: str, lines: list[str], markup: str) -> None:
    body = markup.format(OWNER, "<br>".join(lines), f"{OWNER} | {', '.join(lines)}")
    found = read(f"<div>{body}<p>Tel. +44 20 7946 0100</div>", country=country)
    assert places(found) == [(OWNER, ", ".join(lines))]


_STREET = "Seestr. 12<br>12345 Westmark"
_PRINTED = "Seestr. 12, 12345 Westmark"
_TEL = "Tel. +44 20 7946 0100"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<p>Anschrift: Seestr. 12, 12345 Westmark", "Team"),
        ("<h2>So finden Sie uns</h2><p>" + _STREET, "Team"),
        (f"<table><tr><td>Adresse</td><td>{_STREET}</td></tr></table>", "Team"),
        (f"<footer><p>{_STREET}</footer>", "Team"),
        (f"<footer><h3>Kontakt</h3><p>Abteilung für Gezeiten<br>{_STREET}</footer>", "Team"),
        (f"<div><h2>Kontakt</h2><p>{_STREET}<p>{_TEL}</div>", "Team"),
        (f"<div><p>{_STREET}<p>{_TEL}</div>", "Impressum"),
        (f"<div class='adresse'><p>{_STREET}<p>{_TEL}</div>", "Team"),
        (f"<h2>Veranstaltungen</h2><p>Text</p><p>Noordlicht Advies, Seestr. 12 · 12345 Westmark · {_TEL}", "Team"),
        (
            f"<table><tr><th>Straße<td>Seestr. 12<tr><th>PLZ / Ort<td>12345 Westmark<tr><th>Telefon<td>{_TEL}</table>",
            "Kontakt",
        ),
        (f"<h4>{OWNER}</h4><h4>Seestr. 12</h4><h4>12345 Westmark</h4>", "Team"),
        (f"<p><a href='https://www.google.com/maps?q=x'>{_PRINTED}</a><br>{_TEL}", "Team"),
        (f"<footer><p>Club mail: info@club.example<br>Adresse: {_PRINTED}</footer>", "Team"),
        (f"<h3>Büro Westmark</h3><p>{_STREET}<br>{_TEL}", "Kontakt"),
        (f"<div><p>Straße/Ort<p>{_STREET}<p>{_TEL}</div>", "Kontakt"),
        (f"<footer>© 2026 {OWNER}, {_PRINTED} | HRB 1234</footer>", "Team"),
        (f"<p>{OWNER} ist in Westmark eingetragen und hat hier seinen Sitz. Anschrift: {_PRINTED}.", "Team"),
        # The page names its owner even where it is about personal data.
        (f"<p>{OWNER}<br>{_STREET}", "Datenschutz"),
    ],
)
def test_what_says_that_an_address_is_the_owners(body: str, title: str) -> None:
    [(name, text)] = places(read(body, title=title))
    assert (name, text.replace(" ·", ",")) == (OWNER, _PRINTED)


@pytest.mark.parametrize(
    ("body", "title"),
    [
        pytest.param(f"<p>{_STREET}<br>{_TEL}", "Team", id="nothing says whose"),
        pytest.param(f"<h2>Veranstaltungsort</h2><p>{_STREET}<br>{_TEL}", "Kontakt", id="venue heading"),
        pytest.param(f"<p>Ort: Stadthalle, Seestr. 12, 12345 Westmark, {_TEL}", "Kontakt", id="venue label"),
        pytest.param(f"<h2>Aufsichtsbehörde</h2><p>{_STREET}<br>{_TEL}", "Impressum", id="authority"),
        pytest.param(f"<p>Zuständige Kammer:<br>Seekammer Westmark<br>{_STREET}<br>{_TEL}", "Impressum", id="chamber"),
        pytest.param(
            f"<p><b>Berufshaftpflichtversicherung</b><br>Ostlicht AG<br>{_STREET}<br>{_TEL}", "Impressum", id="insurer"
        ),
        pytest.param(f"<footer><p>Website by Ostlicht<br>{_STREET}<br>{_TEL}</footer>", "Team", id="maker of the site"),
        pytest.param(f"<h2>Hosting</h2><p>Ostlicht GmbH<br>{_STREET}<br>{_TEL}", "Impressum", id="host"),
        pytest.param(f"<p>Ostlicht GmbH<br>{_STREET}<br>{_TEL}", "Datenschutz", id="processor"),
        pytest.param(f"<p>Die Landesbeauftragte<br>{_STREET}<br>{_TEL}", "Datenschutz", id="regulator"),
        pytest.param(f"<h2>Unsere Mitglieder</h2><p>Bäckerei Ost<br>{_STREET}<br>{_TEL}", "Kontakt", id="member"),
        pytest.param(
            f"<p>Geleitet von der Ostlicht GmbH und von vielen anderen. Anschrift: {_PRINTED}.", "Team", id="told"
        ),
        pytest.param(
            f"<p>Das Museum in der {_PRINTED} zeigt uns Bilder von denen, die hier leben.", "Team", id="prose"
        ),
        pytest.param(f"<h3>Studio Ostlicht</h3><p>{_STREET}<br>{_TEL}", "Kontakt", id="studio of another name"),
        pytest.param(f"<footer><h3>Partner</h3><p>{_STREET}<br>{_TEL}</footer>", "Team", id="partner heading"),
        pytest.param(f"<p>Kontakt Ostlicht GmbH<br>{_STREET}", "Kontakt", id="contact of another firm"),
        pytest.param(
            f"<p>{OWNER}, Am Deich 3</p><p>Verantwortlich: Jane Holloway (Anschrift wie oben; {_PRINTED}, privat)",
            "Impressum",
            id="private behind it",
        ),
        pytest.param(
            f"<p>{OWNER}, Am Deich 3</p><p>Verantwortlich: Jane Holloway ({_PRINTED})", "Impressum", id="in brackets"
        ),
        pytest.param(
            f"<p>{OWNER}<br>Verantwortlich: Jane Holloway<br>{_STREET}<br>{_TEL}", "Impressum", id="responsible below"
        ),
        pytest.param(f"<p>{OWNER}<br>{_STREET} (privat)", "Kontakt", id="private in brackets"),
        pytest.param(f"<p>Jane Holloway. Anschrift: {_PRINTED}", "Team", id="person before a label"),
        pytest.param(f"<p>Verantwortlich: Jane Holloway, {_PRINTED}, {_TEL}", "Impressum", id="responsible person"),
        pytest.param(f"<p>Kassenwartin<br>Jane Holloway<br>{_STREET}<br>{_TEL}", "Impressum", id="person above"),
        pytest.param(f"<div class='comments'><p>Adresse: {_PRINTED}</div>", "Team", id="comment"),
        pytest.param(f"<nav><a href=x>Adresse: {_PRINTED}</a></nav>", "Team", id="menu"),
        pytest.param(f"<p>{OWNER}<br>Privatadresse: {_PRINTED}", "Kontakt", id="home"),
        pytest.param(f"<p>{OWNER}<br>Sommerfest 12<br>2025 Westmark", "Kontakt", id="year"),
        pytest.param(f"<p>{OWNER}<br>Posten 12<br>12345 Stück", "Kontakt", id="count"),
    ],
)
def test_an_address_of_somebody_else_is_nobodys(body: str, title: str) -> None:
    assert places(read(body, title=title)) == []


def test_an_event_has_a_venue_and_no_address() -> None:
    html = f"<title>Tides Conference</title><h1>Tides Conference</h1><p>Tides Conference<br>{_STREET}<br>{_TEL}"
    assert places(mentions(Page("https://tides.example/contact", html.encode(), country="DE"))) == []


def test_the_organisation_behind_an_event_is_called_like_its_host() -> None:
    html = (
        "<title>Tides Conference</title><h1>Tides Conference</h1><p>Tides Foundation, 21 Dock Row, Westmark WM1 2DX</p>"
        f"<h2>Venue</h2><p>Westmark Opera Trust, 12 High Street, Westmark WM1 3DX, {_TEL}"
    )
    found = places(mentions(Page("https://tidesfoundation.example/team", html.encode(), country="GB")))
    assert found == [("Tides Foundation", "21 Dock Row, Westmark WM1 2DX")]


@pytest.mark.parametrize("count", [3, 8])
def test_branches_are_read_and_a_directory_is_not(count: int) -> None:
    offices = [
        f"<div><h3>Westmark {n}</h3><p>Seestr. {n}<br>1234{n} Westmark<br>{_TEL}{n}</div>" for n in range(1, count + 1)
    ]
    assert len(places(read("".join(offices)))) == (count if count < 6 else 0)


def test_one_address_in_two_places_is_one() -> None:
    body = f"<p>{OWNER}<br>Seestraße 12<br>12345 Westmark</p><footer><p>{_STREET}</footer>"
    assert places(read(body)) == [(OWNER, "Seestraße 12, 12345 Westmark")]


def test_markup_that_states_the_address_leads() -> None:
    stated = (
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"Organization","name":"%s",'
        '"address":{"@type":"PostalAddress","streetAddress":"Seestraße 12","postalCode":"12345",'
        '"addressLocality":"Westmark"}}</script>'
    )
    found = read(f"{stated % OWNER}<p>{OWNER}<br>{_STREET}")
    assert places(found) == [(OWNER, "Seestraße 12, 12345 Westmark")]


def test_another_organisation_under_contact_gets_its_own_address() -> None:
    body = f"<footer><h3>Kontakt</h3><p>University of Westmark<br>Institute of Tides<br>{_STREET}<br>{_TEL}</footer>"
    assert places(read(body, title="Team")) == [("University of Westmark", _PRINTED)]


_CARD = "<div><b>Jane Holloway</b><br>Sales Manager<br>{0}<br>jane@noordlicht-advies.example</div>"


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f"University of Westmark<br>{_STREET}", True),
        (f"{OWNER}<br>{_STREET}", True),
        (f"Büro: {_PRINTED}", True),
        # A bare name and an address may be where she lives.
        (_STREET, False),
        (f"Privat:<br>{_STREET}", False),
        (f"University of Westmark<br>Privatadresse: {_PRINTED}", False),
    ],
)
def test_a_person_gets_the_address_of_a_card_that_names_a_place_of_work(inside: str, *, expected: bool) -> None:
    disposals: list[Disposal] = []
    found = read(_CARD.format(inside), title="Team", disposals=disposals)
    assert places(found, MentionType.PERSON) == ([("Jane Holloway", _PRINTED)] if expected else [])
    assert any(one.rule == "address-gate" for one in disposals) is not expected


def test_colleagues_who_share_an_address_work_there() -> None:
    cards = "".join(
        f"<div><b>{name}</b><br>Sales Manager<br>{street}<br>12345 Westmark</div>"
        for name, street in (
            ("Jane Holloway", "Seestr. 12"),
            ("Ruth Penrose", "Seestr. 12"),
            ("Mark Ashdown", "Am Deich 3"),
        )
    )
    found = places(read(cards, title="Team"), MentionType.PERSON)
    assert found == [("Jane Holloway", _PRINTED), ("Ruth Penrose", _PRINTED)]


def test_a_family_that_shares_an_address_lives_there() -> None:
    cards = "".join(f"<div><b>{name} Holloway</b><br>Treasurer<br>{_STREET}</div>" for name in ("Jane", "Mark"))
    assert places(read(cards, title="Team"), MentionType.PERSON) == []


def test_a_reading_has_a_receipt_and_passes_the_stages() -> None:
    [organisation] = [one for one in read(f"<p>{OWNER}<br>{_STREET}") if one.type is MentionType.ORGANISATION]
    [value] = organisation.all(Property.WORK_LOCATION)
    assert (value.method, value.locator) == (Method.CARD, "/html/body/p")
    assert value.context.endswith("Seestr. 12\n12345 Westmark")
    assert validate_mention(organisation) == []
    assert minimise_mention(organisation) == []
    [value] = organisation.all(Property.WORK_LOCATION)
    assert (value.text, value.normalised, value.context) == (_PRINTED, _PRINTED, "")


@pytest.mark.parametrize("label", ["Domicilio social", "Dirección", "Sede", "Oficina"])
def test_a_registered_office_is_no_home(label: str) -> None:
    """In Spanish both are a "domicilio"."""
    [found] = read(f"<p>{label}: Calle Mayor, 3, 28000 Westmark", country="ES")
    validate_mention(found)
    minimise_mention(found)
    assert places([found]) == [(OWNER, "Calle Mayor, 3, 28000 Westmark")]


def test_an_address_is_minimised_where_the_words_around_it_say_that_somebody_lives_there() -> None:
    found = read(f"<div><b>Jane Holloway</b><br>{OWNER}<br>wohnt: {_PRINTED}</div>", title="Team")
    for one in found:
        validate_mention(one)
        minimise_mention(one)
    assert places(found, MentionType.PERSON) == []


def test_a_box_with_its_postal_code_is_no_telephone_number() -> None:
    found = read(f"<p>{OWNER}<br>8 rue du Port<br>BP 90600 - 75000 Westmark Cedex", country="FR")
    assert [value.text for one in found for value in one.all(Property.TELEPHONE)] == []
    assert places(found) == [(OWNER, "8 rue du Port, BP 90600 - 75000 Westmark Cedex")]


@pytest.mark.parametrize(
    "line",
    [
        "Jane Holloway Seestr. 12, 12345 Westmark",
        "Jane Holloway (Seestr. 12, 12345 Westmark)",
        "Jane Holloway, Seestr. 12, 12345 Westmark",
        "z. Hd. Jane Holloway · Seestr. 12 · 12345 Westmark",
        f"{OWNER} Seestr. 12, 12345 Westmark",
    ],
)
def test_no_name_is_read_as_a_part_of_an_address(line: str) -> None:
    found = read(f"<p>{OWNER}<p>Anschrift<br>{line}<br>{_TEL}") + read(f"<p>{OWNER}<br>{line}")
    assert {text.replace(" ·", ",") for _, text in places(found) + places(found, MentionType.PERSON)} <= {_PRINTED}


def test_another_name_between_the_owner_and_an_address_takes_it_away() -> None:
    assert places(read(f"<p>{OWNER}<br>Stadthalle Ost<br>{_STREET}<br>{_TEL}")) == []


_WORD = st.text("abcdefghijklmnopqrstuvwxyzäöüé", min_size=3, max_size=9).map(str.title)


@settings(max_examples=40)
@given(
    street=_WORD, number=st.integers(1, 999), code=st.integers(10_000, 99_999), town=_WORD,
    noise=st.lists(st.text("abc XYZ,.|-12345@:", max_size=30), max_size=4),
)  # fmt: skip
def test_whatever_stands_around_it_an_address_is_what_the_page_says(
    street: str, number: int, code: int, town: str, noise: list[str]
) -> None:
    lines = [*noise, OWNER, f"{street}straße {number}", f"{code} {town}"]
    for name, text in places(read("<p>" + "<br>".join(lines))):
        assert name
        assert all(piece in " ".join(lines) for piece in text.split(", "))
        assert str(code) in text


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        # Both are called like the host: the name above the address is the fuller one of the two.
        ("Noordlicht Advies", [(OWNER, _PRINTED)]),
        # The page was taken for somebody else's; the host says whose the address is.
        ("Tides of Westmark", [("Tides of Westmark", _PRINTED)]),
    ],
)
def test_a_heading_that_the_host_is_called_by_names_whose_address_it_is(
    heading: str, expected: list[tuple[str, str]]
) -> None:
    host = "noordlicht-advies" if expected[0][0] == OWNER else "tides-of-westmark"
    html = f"<title>{OWNER} - Team</title><h1>Team</h1><footer><h3>{heading}</h3><p>{_STREET}<br>{_TEL}</footer>"
    found = mentions(Page(f"https://www.{host}.example/team", html.encode(), country="DE"))
    assert places(found) == expected


def test_somebodys_own_page_gives_no_address() -> None:
    """The owner of the page is a person, and where she writes her letters may be where she lives."""
    html = f"<title>Jane Holloway</title><h1>Contact</h1><p>Jane Holloway<br>{_STREET}<br>{_TEL}<footer>© Jane Holloway"
    found = mentions(Page("https://www.jane-holloway.example/contact", html.encode(), country="DE"))
    assert places(found) + places(found, MentionType.PERSON) == []


@pytest.mark.parametrize(
    ("country", "label"),
    [
        ("GB", "Where to find us"), ("FR", "Où nous trouver"), ("ES", "Dónde estamos"), ("IT", "Dove siamo"),
        ("PT", "Onde estamos"), ("PL", "Gdzie jesteśmy"), ("NL", "Hoofdkantoor"), ("SE", "Hitta hit"),
    ],
)  # fmt: skip
def test_where_somebody_is_to_be_found_is_no_venue(country: str, label: str) -> None:
    """In most languages the label for an office begins with the word for a venue: where."""
    found = read(f"<h3>{label}</h3><p>Dockstraat 12<br>1234 AB Westmark", country=country, title="Team")
    assert places(found) == [(OWNER, "Dockstraat 12, 1234 AB Westmark")]
