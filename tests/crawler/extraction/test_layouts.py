"""One record in many markups gives one mention: layouts, wrappers, class names, white space, capitals and entities."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction import mentions
from crawler.items import MentionType, Property
from crawler.page import Page

Fields = tuple[str, str, str]  # name, title, address


@dataclass(frozen=True)
class Team:
    """Invented colleagues of one firm, as one language writes them."""

    language: str
    heading: str
    labels: Fields
    people: tuple[Fields, ...]


def _address(name: str) -> str:
    plain = re.sub(r"[^a-z]", "", name.casefold().replace("ß", "ss")) or "kontakt"
    return f"{plain[:9]}@example.org"


def _team(language: str, heading: str, labels: Fields, people: str) -> Team:
    pairs = (entry.strip().split(": ") for entry in people.split(";"))
    return Team(language, heading, labels, tuple((name, title, _address(name)) for name, title in pairs))


TEAMS = [
    _team(
        *("en", "Our people", ("Name", "Position", "E-mail")),
        "Margaret Ellison: Managing Director; Osric Penhallow: Head of Sales; Ifeoma Nwachukwu-Bright: Office Manager; "
        "Tobias Ackroyd: Software Engineer",
    ),
    _team(
        *("de", "Unser Team", ("Name", "Funktion", "E-Mail")),
        "Annegret Stolzenbach: Geschäftsführerin; Ruwen Oelkers: Buchhalter; Çağlar Demirtaş: Projektleiter; "
        "Wiebke Fennekohl: Auszubildende",
    ),
    _team(
        *("nl", "Bestuur", ("Naam", "Functie", "E-mail")),
        "Sjoukje Hiemstra: Secretaris; Wout Kloosterboer: Penningmeester; Geertruida van der Wijngaert: Voorzitter; "
        "Ydo ten Hove: Bestuurslid",
    ),
    _team(
        *("fr", "L'équipe", ("Nom", "Fonction", "Courriel")),
        "Solène Le Goff: Directrice; Théophile Abgrall: Architecte; Maëlys Quéméner: Assistante; "
        "Bakary Sissoko: Dessinateur",
    ),
    _team(
        *("es", "Equipo", ("Nombre", "Cargo", "Correo")),
        "Ximena Urdapilleta: Directora; Fulgencio Batres Muñoz: Tesorero; Nahuel Curiqueo: Vocal; "
        "Begoña Larrazábal: Gerente",
    ),
    _team(
        *("it", "Consiglio direttivo", ("Nome", "Carica", "E-mail")),
        "Ermenegilda Scaccabarozzi: Presidente; Ottavio Dell'Acqua: Segretario; Consolata Pugliese: Tesoriera; "
        "Jacopo Quartararo: Consigliere",
    ),
    _team(
        *("pl", "Zarząd", ("Imię i nazwisko", "Funkcja", "E-mail")),
        "Halszka Pytlasińska: Skarbnik; Roch Ćwikliński: Prezes; Bożydar Kużaj: Sekretarz; "
        "Tomira Gawęda: Kierownik biura",
    ),
    _team(
        *("pt", "Equipe", ("Nome", "Cargo", "E-mail")),
        "Iracema Vasconcellos: Presidente; Hermínio Bittencourt: Tesoureiro; Zuleide Cavalcante: Diretora; "
        "Wanderley Kubitza: Secretário",
    ),
    _team(
        *("ru", "Руководство", ("ФИО", "Должность", "E-mail")),
        "Терентьев Аркадий Вениаминович: Генеральный директор; Кочергин Лев Ильич: Начальник отдела; "
        "Ахметшин Ильдар Фанисович: Председатель",
    ),
    _team(
        *("cs", "Náš tým", ("Jméno", "Funkce", "E-mail")),
        "Květoslav Hrubý: ředitel; Libuše Vondráčková: advokátka; Hynek Šťastný: koncipient",
    ),
    _team(
        *("sv", "Styrelsen", ("Namn", "Befattning", "E-post")),
        "Torgny Hägglöf: Ordförande; Gunvor Åkerblom: Kassör; Ture Sjöwall: Sekreterare",
    ),
    _team(
        *("ja", "役員一覧", ("氏名", "役職", "メール")),
        "長谷部 修一: 会長; 小野寺 千鶴: 副会長; 五十嵐 徹: 監事",
    ),
]


def _page(heading: str, body: str, language: str = "en") -> str:
    return f'<html lang="{language}"><head><title>{heading}</title></head><body><h1>{heading}</h1>{body}</body></html>'


def _cards(team: Team) -> str:
    card = '<div class="card"><h3 class="a">{}</h3><p class="b">{}</p><p class="c">{}</p></div>'
    return f'<div class="grid">{"".join(card.format(*person) for person in team.people)}</div>'


def _plain_cards(team: Team) -> str:
    return "".join("<div><div>{}</div><div>{}</div><div>{}</div></div>".format(*person) for person in team.people)


def _table(team: Team) -> str:
    head = "<tr><th>{}</th><th>{}</th><th>{}</th></tr>".format(*team.labels)
    cells = "".join("<tr><td>{}</td><td>{}</td><td>{}</td></tr>".format(*person) for person in team.people)
    return f"<table>{head}{cells}</table>"


def _headless_table(team: Team) -> str:
    return re.sub(r"<tr><th>.*?</tr>", "", _table(team))


def _terms(team: Team) -> str:
    pairs = "".join("<dt>{}</dt><dd>{}</dd><dd>{}</dd>".format(*person) for person in team.people)
    return f"<dl>{pairs}</dl>"


def _broken_lines(team: Team) -> str:
    return "".join("<p>{}<br>{}<br>{}</p>".format(*person) for person in team.people)


def _items(team: Team) -> str:
    return "<ul>{}</ul>".format("".join("<li>{}, {}, {}</li>".format(*person) for person in team.people))


def _bold_items(team: Team) -> str:
    return "<ul>{}</ul>".format("".join("<li><b>{}</b> – {} – {}</li>".format(*person) for person in team.people))


def _links(team: Team) -> str:
    item = '<li><strong>{0}</strong><br><em>{1}</em><br><a href="mailto:{2}">{2}</a></li>'
    return f"<ol>{''.join(item.format(*person) for person in team.people)}</ol>"


def _roles_first(team: Team) -> str:
    return "".join("<p><strong>{1}</strong><br>{0}<br>{2}</p>".format(*person) for person in team.people)


def _figures(team: Team) -> str:
    figure = '<figure><img src="x.jpg" alt=""><figcaption>{}<br>{}<br>{}</figcaption></figure>'
    return "".join(figure.format(*person) for person in team.people)


def _spans(team: Team) -> str:
    line = '<div class="row"><span class="x">{}</span> <span class="y">{}</span> <span class="z">{}</span></div>'
    return "".join(line.format(*person) for person in team.people)


LAYOUTS: list[Callable[[Team], str]] = [
    *(_cards, _plain_cards, _table, _headless_table, _terms, _broken_lines, _items, _bold_items, _links),
    *(_roles_first, _figures, _spans),
]


def _renamed(markup: str) -> str:
    return re.sub(r'class="(\w+)"', lambda found: f'class="css-{sum(map(ord, found[1]))} u"', markup)


def _unclassed(markup: str) -> str:
    return re.sub(r' class="\w+"', "", markup)


def _wrapped(markup: str) -> str:
    body = re.sub(r"(<body>)(.*)(</body>)", r"\1<div><main><section><div>\2</div></section></main></div>\3", markup)
    return re.sub(r'(<div class="card">)(.*?)(</div>)', r"<div>\1<div>\2</div>\3</div>", body)


def _reordered(markup: str) -> str:
    return re.sub(r'class="(\w+)"', r'id="i" data-k="1" class="\1" style="margin:0"', markup)


def _indented(markup: str) -> str:
    return re.sub(
        r"(</?(?:div|p|h1|h3|table|tr|td|th|ul|ol|li|dl|dt|dd|figure|figcaption|body)\b)", r"\n      \1", markup
    )


def _entities(markup: str) -> str:
    return re.sub(r"[^\x00-\x7f]|@", lambda found: f"&#{ord(found.group())};", markup)


def _commented(markup: str) -> str:
    return markup.replace("</h1>", "</h1><!-- <p>Peter Vanished, Managing Director</p> -->")


CHANGES: list[Callable[[str], str]] = [*(_renamed, _unclassed, _wrapped, _reordered, _indented, _entities, _commented)]


def _read(markup: str) -> set[Fields]:
    """Return name, first title and first address of the people of a page, without regard to case."""
    found = mentions(Page("https://www.example.org/team", markup.encode("utf-8"), charset="utf-8"))
    people = [one for one in found if one.type is MentionType.PERSON]
    props = (Property.NAME, Property.JOB_TITLE, Property.EMAIL)
    return {(one.text(props[0]).casefold(), one.text(props[1]).casefold(), one.text(props[2])) for one in people}


def _told(team: Team) -> set[Fields]:
    return {(name.casefold(), title.casefold(), address) for name, title, address in team.people}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.__name__.strip("_"))
@pytest.mark.parametrize("team", TEAMS, ids=lambda one: one.language)
def test_every_layout_gives_the_same_people(team: Team, layout: Callable[[Team], str]) -> None:
    assert _read(_page(team.heading, layout(team), team.language)) == _told(team)


@given(st.sampled_from(TEAMS), st.sampled_from(LAYOUTS), st.lists(st.sampled_from(CHANGES), max_size=3, unique=True))
@settings(max_examples=60, deadline=None)
def test_markup_that_says_nothing_changes_nothing(
    team: Team, layout: Callable[[Team], str], changes: list[Callable[[str], str]]
) -> None:
    markup = _page(team.heading, layout(team), team.language)
    for change in changes:
        markup = change(markup)
    assert _read(markup) == _told(team)


@given(st.sampled_from([team for team in TEAMS if team.language != "ja"]), st.sampled_from(LAYOUTS))
@settings(max_examples=40, deadline=None)
def test_names_in_capitals_are_the_same_names(team: Team, layout: Callable[[Team], str]) -> None:
    loud = Team(team.language, team.heading, team.labels, tuple((n.upper(), t, a) for n, t, a in team.people))
    assert {name for name, _, _ in _read(_page(team.heading, layout(loud)))} == {
        n.upper().casefold() for n, _, _ in team.people
    }


@given(st.permutations(TEAMS[0].people), st.sampled_from(LAYOUTS))
@settings(max_examples=25, deadline=None)
def test_the_order_of_colleagues_does_not_matter(people: list[Fields], layout: Callable[[Team], str]) -> None:
    team = Team("en", "Our people", TEAMS[0].labels, tuple(people))
    assert _read(_page(team.heading, layout(team))) == _told(team)
