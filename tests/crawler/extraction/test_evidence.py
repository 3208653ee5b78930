"""What vouches for a name, a title or an employer besides the words: headings, headers, marks, sentences, siblings."""

from __future__ import annotations

import pytest

from crawler.extraction import mentions
from crawler.items import MentionType, Property
from crawler.page import Page

Reading = tuple[str, str, str]  # name, title, employer

CASES: dict[str, tuple[str, set[Reading]]] = {
    "cells-that-span-rows": (
        (
            "<table><tr><th>役職</th><th>氏名</th><th>所属</th></tr><tr><td rowspan=2>理事</td><td>長谷部 修一</td>"
            "<td>株式会社北斗計測</td></tr><tr><td>喜屋武 美咲</td><td>沖縄環境研究所</td></tr></table>"
        ),
        {("長谷部 修一", "理事", "株式会社北斗計測"), ("喜屋武 美咲", "理事", "沖縄環境研究所")},
    ),
    "a-name-in-two-columns": (
        (
            "<table><tr><th>Last name</th><th>First name</th><th>Position</th></tr><tr><td>Abbs</td><td>Henrietta</td>"
            "<td>Parish Clerk</td></tr><tr><td>Cobbold</td><td>Ignatius</td><td>Groundsman</td></tr></table>"
        ),
        {("Henrietta Abbs", "Parish Clerk", ""), ("Ignatius Cobbold", "Groundsman", "")},
    ),
    "name-beside-vorname": (
        (
            "<table><tr><th>Name</th><th>Vorname</th><th>Funktion</th></tr><tr><td>Zellhuber</td><td>Korbinian</td>"
            "<td>Kassier</td></tr><tr><td>Engl</td><td>Notburga</td><td>Beisitzerin</td></tr></table>"
        ),
        {("Korbinian Zellhuber", "Kassier", ""), ("Notburga Engl", "Beisitzerin", "")},
    ),
    "authors-with-marks": (
        (
            "<p>Rosalind Achterberg<sup>1,*</sup>, Mehmet Tunçer<sup>2</sup> and Hye-rin Moon<sup>2</sup></p>"
            "<p><sup>1</sup> Veenland University</p><p><sup>2</sup> Peat Research Institute</p>"
        ),
        {
            ("Rosalind Achterberg", "", "Veenland University"),
            ("Mehmet Tunçer", "", "Peat Research Institute"),
            ("Hye-rin Moon", "", "Peat Research Institute"),
        },
    ),
    "a-biography": (
        (
            "<div><p><b>Emeka Ilozumba, PhD</b></p><p>He studied in Lagos for some years and likes to sail. "
            "Emeka Ilozumba is Chief Scientific Officer of Redpoll Therapeutics and a keen rower.</p></div>"
            "<div><p><b>Leontyne Harkavy, MD</b></p><p>Dr. Harkavy is Professor of Neurology at Saltmarsh Medical "
            "School and a member of the academy of the sciences.</p></div>"
        ),
        {
            ("Emeka Ilozumba", "Chief Scientific Officer", "Redpoll Therapeutics"),
            ("Leontyne Harkavy", "Professor of Neurology", "Saltmarsh Medical School"),
        },
    ),
    "a-heading-over-strangers": (
        "<h2>Dottorandi</h2><ul><li>Sguazzin Pierdomenico</li><li>Wu Xiaoyan</li></ul>",
        {("Sguazzin Pierdomenico", "Dottorandi", ""), ("Wu Xiaoyan", "Dottorandi", "")},
    ),
    "a-list-behind-a-title": (
        "<p>Presidente: Astolfo Guimarães</p><p>Conselho Fiscal: Valdir Zanella, Edileusa Prates e Nivaldo Tonon</p>",
        {
            ("Astolfo Guimarães", "Presidente", ""),
            ("Valdir Zanella", "Conselho Fiscal", ""),
            ("Edileusa Prates", "Conselho Fiscal", ""),
            ("Nivaldo Tonon", "Conselho Fiscal", ""),
        },
    ),
    "patronymics": (
        "<h2>Ревизионная комиссия</h2><ol><li>Дзюба Марфа Олеговна</li><li>Саволайнен Вейкко Тойвович</li></ol>",
        {
            ("Дзюба Марфа Олеговна", "Ревизионная комиссия", ""),
            ("Саволайнен Вейкко Тойвович", "Ревизионная комиссия", ""),
        },
    ),
    "a-dot-inside-a-catalan-name": (
        "<div><h4>Apol·lònia Ferragut</h4><p>Presidenta</p></div><div><h4>Jordi Puig</h4><p>Tresorer</p></div>",
        {("Apol·lònia Ferragut", "Presidenta", ""), ("Jordi Puig", "Tresorer", "")},
    ),
}


def _read(markup: str) -> set[Reading]:
    body = f"<html><head><title>Page</title></head><body>{markup}</body></html>"
    found = mentions(Page("https://www.example.org/page", body.encode(), charset="utf-8"))
    props = (Property.NAME, Property.JOB_TITLE, Property.WORKS_FOR)
    people = [one for one in found if one.type is MentionType.PERSON]
    return {(one.text(props[0]), one.text(props[1]), one.text(props[2])) for one in people}


@pytest.mark.parametrize("case", CASES)
def test_what_stands_around_a_name_vouches_for_it(case: str) -> None:
    markup, told = CASES[case]
    assert _read(markup) == told


def test_a_line_behind_the_last_of_several_people_is_the_pages() -> None:
    cards = "".join(f"<figure><figcaption>{one}</figcaption></figure>" for one in (
        "Fresia Huenchumil, directora", "Lautaro Iturriaga, tesorero", "Antonia Ossandón, secretaria",
    ))  # fmt: skip
    page = Page(
        "https://www.example.org/p", f"<body>{cards}<p>Fono: +56 45 555 0100</p></body>".encode(), charset="utf-8"
    )
    people = [one for one in mentions(page) if one.type is MentionType.PERSON]
    assert len(people) == 3
    assert not any(one.all(Property.TELEPHONE) for one in people)
