"""Markups that pages of strangers were found to have, with invented people: one table for each cause."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.items import Mention, MentionType, Property
from crawler.page import Page


def people(html: str, country: str = "") -> dict[str, Mention]:
    found = mentions(Page("https://www.site.example/page", html.encode(), country=country))
    return {one.text(Property.NAME): one for one in found if one.type is MentionType.PERSON}


def owner(html: str) -> str:
    found = mentions(Page("https://www.site.example/page", html.encode()))
    return next((one.text(Property.NAME) for one in found if one.type is MentionType.ORGANISATION), "")


@pytest.mark.parametrize(
    "brand",
    [
        '<a class="logo ir" href="/">Tidewater Pilots</a>',
        '<nav><a class="navbar-brand" href="/">Tidewater Pilots</a> <a href="/a">About</a> <a href="/b">Team</a></nav>',
        '<a id="logo" href="/">Tide<span>water Pilots</span></a>',
        '<a class="navbar-brand" href="/">&lsaquo; Tidewater Pilots</a>',
    ],
)
def test_a_logo_in_words_names_the_owner(brand: str) -> None:
    assert owner(f"<title>Tidewater Pilots - List of peple</title>{brand}<h2>List of peple</h2>") == "Tidewater Pilots"


@pytest.mark.parametrize("wrapper", ["nav", "header", "section", "main", "article"])
def test_a_page_without_a_body_tag_is_read_from_its_first_element(wrapper: str) -> None:
    html = f"<title>Team</title><{wrapper}><h3>Jane Holloway</h3><p>Managing Director</p></{wrapper}><p>Since 1998</p>"
    assert ("Jane Holloway" in people(html)) == (wrapper != "nav")


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("behind", ["main", "article", "footer"])
def test_a_navigation_that_is_never_closed_does_not_hold_the_page(behind: str, closed: bool) -> None:
    menu = '<nav><a href="/">Home</a> <a href="/about">About us</a>' + "</nav>" * closed
    card = f"<{behind}><h3>Jane Holloway</h3><p>Managing Director of Tidewater Pilots, Porthmere</p></{behind}>"
    assert "Jane Holloway" in people(f"<title>Team</title>{menu}{card}")


def test_a_quoted_firm_in_a_copyright_ends_at_its_full_stop() -> None:
    html = "<p>Контакты</p><footer>© 2019 МУП «Тихая гавань». Все права защищены</footer>"
    assert owner(html) == "МУП «Тихая гавань»"


def test_a_word_in_other_markup_before_a_name_is_no_piece_of_it() -> None:
    cards = "".join(
        f"<li><em>Mooring</em><b>{name}</b><br>Harbour Master</li>" for name in ("Jane Holloway", "Ada Lindqvist")
    )
    assert set(people(f"<h2>Team</h2><ul>{cards}</ul>")) == {"Jane Holloway", "Ada Lindqvist"}


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("Téléphone : 01.23.45.01.98 - 06.12.34.70.45", ["01.23.45.01.98", "06.12.34.70.45"]),
        ("Tel. 041 555 00 54 / 079 555 12 12", ["041 555 00 54", "079 555 12 12"]),
        ("020 7946 0101 or 020 7946 0102", ["020 7946 0101", "020 7946 0102"]),
        ("030 - 23 12 51 00", ["030 - 23 12 51 00"]),
        ("Tel. 0208 / 12 34 56", ["0208 / 12 34 56"]),
        ("Since 12.05.2020 - 13.05.2021", []),
    ],
)
def test_two_numbers_on_one_line_are_two(line: str, numbers: list[str]) -> None:
    found = people(f"<p><b>Jane Holloway</b></p><p>{line}</p>")
    stated = found["Jane Holloway"].all(Property.TELEPHONE) if found else []
    assert [value.text for value in stated] == numbers


def test_a_second_label_with_a_firm_ends_what_belongs_to_a_person() -> None:
    imprint = (
        "<p><b>Publisher:</b><br>Jane Holloway<br>Tel. 020 7946 0101</p>"
        "<p><b>Hosting:</b><br>Tidewater Servers Ltd<br>Tel. 020 7946 0999</p>"
    )
    jane = people(imprint)["Jane Holloway"]
    assert [value.text for value in jane.all(Property.TELEPHONE)] == ["020 7946 0101"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ingeniero Naval Superior especializado en la gestión de los puertos deportivos de toda la costa.",
        "Licenciado en Marina Civil y Transporte Marítimo, es Director de la Marina Port de Almudaina desde hace años.",
    ],
)
def test_words_that_nobody_is_called_by_are_no_name_in_a_sentence(sentence: str) -> None:
    assert people(f"<p>{sentence}</p>") == {}


@pytest.mark.parametrize(
    ("card", "title"),
    [
        ('<h2>{}</h2><p class="title">Stallholders</p>', "Stallholders"),
        ('<h3>{}</h3><div class="team-title">Chief Barnacle</div>', "Chief Barnacle"),
        ('<h3>{}</h3><p class="speaker__title">Chief Barnacle</p>', "Chief Barnacle"),
        ('<h3 class="title">{}</h3><p class="text">Stallholders</p>', ""),
    ],
)
def test_a_class_called_title_speaks_of_the_work_below_a_name(card: str, title: str) -> None:
    names = ("Jane Holloway", "Tobias Lindqvist", "Ada Merriweather")
    found = people("<h1>Our team</h1>" + "".join(f"<div>{card.format(name)}</div>" for name in names))
    assert {name: one.text(Property.JOB_TITLE) for name, one in found.items()} == dict.fromkeys(
        names, title or "Our team"
    )


def test_a_title_behind_a_name_vouches_for_it_among_other_lines() -> None:
    names = ("Mátéfy Miklós", "Simonffy Erzsébet", "Mészárics István")
    card = '<div class="card"><span>{}</span><span class="r">ügyvezető igazgató</span><p><b>Végzettségek:</b><br>{}</p>'
    card += "<span>mellék: 112<br>simonffy.erzsebet</span></div>"
    html = "".join(card.format(name, "okl. építőmérnök") for name in names)
    assert {name: one.text(Property.JOB_TITLE) for name, one in people(html).items()} == dict.fromkeys(
        names, "ügyvezető igazgató"
    )


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("王义正 教授", "教授"),
        ("王义正 副研究员", "副研究员"),
        ("田中 太郎 准教授", "准教授"),
        ("Jane Holloway, Secretary (Youth) and expert patient", "Secretary"),
        ("Jane Holloway, Secretary for Westmark and parent", "Secretary for Westmark"),
    ],
)
def test_a_title_is_cut_from_what_stands_beside_it(line: str, title: str) -> None:
    assert [one.text(Property.JOB_TITLE) for one in people(f"<p>{line}</p>").values()] == [title]


def test_a_field_of_work_before_a_colon_announces_what_follows() -> None:
    card = "<li><b>{}</b><ul><li>Research: Autonomous navigation systems</li></ul></li>"
    html = (
        "<h2>Doctoral students</h2><ul>" + "".join(card.format(n) for n in ("Jane Holloway", "Ada Lindqvist")) + "</ul>"
    )
    for one in people(html).values():
        assert one.text(Property.JOB_TITLE) == "Doctoral students"
        assert not one.all(Property.WORKS_FOR)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("SVP, Global Sales and Marketing", "SVP, Global Sales and Marketing"),
        ("Resurse Umane", "Resurse Umane"),
        ("Relatii Internationale", "Relatii Internationale"),
        ("Human Resources", "Human Resources"),
        ("Drift og vedligehold", "Drift og vedligehold"),
        ("IT & R&D", "IT & R&D"),
        ("Trainer U15", "Trainer U15"),
        ("Global Tidewater", "Our team"),
    ],
)
def test_departments_and_how_far_they_reach_stand_for_a_title(line: str, title: str) -> None:
    cards = "".join(f"<div><h3>{name}</h3><p>{line}</p></div>" for name in ("Jane Holloway", "Tobias Lindqvist"))
    assert {one.text(Property.JOB_TITLE) for one in people(f"<h1>Our team</h1>{cards}").values()} == {title}


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Holloway Jane - deputy head of the moorings of the harbour and of all that floats there", ""),
        ("ТИХОНОВА Анна Сергеевна-главный бухгалтер", "главный бухгалтер"),
        ("ТИХОНОВА Анна Сергеевна - помощник директора по правовым вопросам и связям с причалами и маяками", ""),
        ("ТИХОНОВ Пётр Ильич - главный инженер", "главный инженер"),
    ],
)
def test_a_name_a_dash_and_a_long_title_are_no_sentence(line: str, title: str) -> None:
    [found] = people(f"<h2>Contacts</h2><ul><li>{line}</li></ul>").values()
    assert found.text(Property.JOB_TITLE) == (title or line.partition(" - ")[2])


@pytest.mark.parametrize(
    ("biography", "title"),
    [
        ("Head of moorings, tides and currents of the whole bay, charts, pilots and whatever else floats.", True),
        ("Head of moorings. Charts the tides and the currents of the whole bay for ships and for swimmers.", True),
        ("Born in Porthmere, charts the tides and the currents of the whole bay for ships and for swimmers.", False),
    ],
)
def test_running_text_below_a_name_may_open_with_the_title(biography: str, title: bool) -> None:
    cards = "".join(f"<h3>{name}</h3><p>{biography}</p>" for name in ("Jane Holloway", "Ada Lindqvist"))
    for one in people(f"<h1>Who we are</h1>{cards}").values():
        assert (one.text(Property.JOB_TITLE) == "Head of moorings") == title


def test_the_owner_below_a_name_employs_whatever_the_address_says() -> None:
    html = (
        '<meta property="og:site_name" content="TideConf Porthmere"><p>Press contacts</p><p>Jane Holloway<br>Organiser'
        "<br>TideConf Porthmere<br>jane@moorings.example</p><footer>Supported by Moorings Ltd</footer>"
    )
    assert people(html)["Jane Holloway"].text(Property.WORKS_FOR) == "TideConf Porthmere"


def test_a_reflexive_pronoun_is_no_legal_form() -> None:
    cards = "".join(f"<h3>{name}</h3><p>Vedoucí</p>" for name in ("Jana Holubová", "Petr Novotný"))
    found = people(f"<h1>Lidé</h1><p>Přidej se</p>{cards}", "CZ")
    assert not any(one.all(Property.WORKS_FOR) for one in found.values())


def test_a_rarer_name_counts_beside_pictures_of_people() -> None:
    names = ("Natasja Verberk", "Anna Lindhorst", "Peter Johnson", "Derk Bergmansen")
    cards = "".join(f'<div><img alt="{name}"><b>{name.split()[0]}</b><i>Secretary</i></div>' for name in names)
    assert set(people(f"<h1>The board</h1>{cards}")) == set(names)


def test_a_sentence_that_introduces_somebody_keeps_the_address_beside_it() -> None:
    news = (
        "<h2>Nieuwe collega</h2><p>Sinds deze maand werkt Annemiek Jansen bij ons als projectleider warmtenetten. U "
        "bereikt haar op a.jansen@site.example of 030 555 03 41.</p>"
    )
    card = "<h2>Vragen?</h2><p>Jane Holloway<br>Communicatieadviseur<br>office@site.example<br>030 555 03 40</p>"
    found = people(f"<title>Warmtekring</title>{news}{card}", "NL")
    said = {name: {value.text for value in one.all(Property.EMAIL)} for name, one in found.items()}
    assert said == {"Jane Holloway": {"office@site.example"}, "Annemiek Jansen": {"a.jansen@site.example"}}


@pytest.mark.parametrize(
    ("line", "employer"),
    [
        ("Written by the people of Tidewater Software in Whitby", ""),
        ("Georganiseerd door Stichting Waterlijn", ""),
        ("Stichting Waterlijn", "Stichting Waterlijn"),
    ],
)
def test_a_credit_names_no_employer(line: str, employer: str) -> None:
    html = (
        f"<title>Tidewater</title><h1>Tidewater</h1><p>{line}</p><h2>Editor</h2><p>Jane Holloway<br>Sales Manager</p>"
    )
    assert people(html)["Jane Holloway"].text(Property.WORKS_FOR) == employer


@pytest.mark.parametrize(
    "link", ["Naar het team", "Zum Team", "Retour à la direction", "Volver al equipo", "Back to team"]
)
def test_a_link_is_no_title(link: str) -> None:
    html = f"<p>Jane Holloway, Sales Manager, jane@site.example</p><p><a href='/team'>{link}</a></p>"
    assert [value.text for value in people(html)["Jane Holloway"].all(Property.JOB_TITLE)] == ["Sales Manager"]


@pytest.mark.parametrize(
    ("title", "name"),
    [("Stichting Waterlijn mei", "Stichting Waterlijn"), ("Stichting 4 en 5 mei", "Stichting 4 en 5 mei")],
)
def test_the_month_of_an_issue_is_no_part_of_a_name(title: str, name: str) -> None:
    assert owner(f"<title>{title}</title><p>Jane Holloway, Sales Manager, jane@site.example</p>") == name
