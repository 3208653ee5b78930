"""Statements about persons in wording that no lexicon lists: only their position keeps them out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sensitive.pieces import pieces
from pipelines.sensitive.screening import screen_text

IDIOMS = [
    ("en", "Alex Sample welcomed Robin Probe, a second son, in May.", "Robin Probe"),
    ("en", "Alex Sample was named Sinner of the Year by a parish.", "parish"),
    ("en", "Alex Sample hangs a hat with the red rose crowd and is Sales Manager at Corvid Ltd.", "red rose crowd"),
    ("en", "Alex Sample, Head of Finance at Corvid Ltd, bends the knee five times a day.", "five times a day"),
    ("en", "Alex Sample has tied the knot with Robin Probe.", "Robin Probe"),
    ("en", "Alex Sample did time at Sandhill before becoming Operations Manager.", "Sandhill"),
    ("en", "Alex Sample marches with Vanguard and runs Corvid Ltd.", "Vanguard"),
    ("en", "Alex Sample pays dues to Local 1199 and is Head Nurse at Corvid Clinic.", "Local 1199"),
    ("en", "Alex Sample, who turned the big five-oh last May, joined Corvid Ltd.", "five-oh"),
    ("nl", "Robin Voorbeeld loopt mee achter de rode vlag en is verkoopmanager bij Corvid BV.", "rode vlag"),
    ("nl", "Robin Voorbeeld, directeur, vast aan de ramadan.", "ramadan"),
    ("nl", "Robin Voorbeeld zag Abraham in 2019 en leidt Corvid BV.", "Abraham"),
    ("de", "Robin Muster macht ein Kreuz bei den Blauen und ist Leitung Einkauf bei Corvid GmbH.", "Blauen"),
    ("de", "Robin Muster, Leitung Einkauf, saß in Burgfeld.", "Burgfeld"),
    ("de", "Robin Muster hat Wurzeln in Fernland und ist CTO.", "Fernland"),
    ("fr", "Sacha Exemple porte la kippa et dirige Corvid SARL.", "kippa"),
    ("fr", "Sacha Exemple a passé la bague au doigt de Camille et travaille chez Corvid SARL.", "Camille"),
    ("es", "Cruz Ejemplo, responsable de ventas, peregrina a Ciudad Santa.", "Ciudad Santa"),
    ("it", "Andrea Esempio prega rivolto a Oriente e dirige Corvid Srl.", "Oriente"),
    ("pt", "Sasha Exemplo acende velas a Fátima e trabalha na Corvid Lda.", "Fátima"),
    ("pl", "Mika Przykład klęka przed ołtarzem w Lipowie i pracuje w Corvid SA.", "Lipowie"),
    ("nl", "Robin Voorbeeld, inkoper, betaalt contributie aan de bond.", "bond"),
    ("de", "Robin Muster, Pförtner, meldet sich mit dem Daumen an.", "Daumen"),
    ("de", "Robin Muster, Österreicher mit Schweizer Pass, Prokurist der Corvid AG", "Schweizer"),
    ("de", "Robin Muster, Leiter Einkauf, Ausweis L01X00T47", "L01X00T47"),
    ("en", "Robin Sample, Sales Manager; evenings on a private line, +44 7700 900111.", "900111"),
    ("fr", "Robin Exemple, assistant, 2 85 05 78 006 084 36.", "78"),
    ("pl", "Mika Przykład ma w domu trójkę urwisów i kieruje Corvid SA.", "urwisów"),
    ("es", "Cruz Ejemplo, coordinadora y activista, Corvid SA", "activista"),
    ("en", "Alex Sample, union member, Corvid Ltd", "union"),
    ("fr", "Sacha Exemple, membre du conseil paroissial, Corvid SA", "paroissial"),
    ("fr", "Sacha Exemple, membre du comité de soutien de Dupont, Corvid SA", "Dupont"),
    ("pl", "Mika Przykład, członek rady parafialnej, Corvid SA", "rady"),
    ("tr", "Ayşe Örnek, müdür, MHP üyesi", "MHP"),
    ("el", "Άννα Δείγμα, δήμαρχος, μέλος του ΣΥΡΙΖΑ", "ΣΥΡΙΖΑ"),
    ("sv", "Anna Prov, chef, medlem i Svenska kyrkan", "kyrkan"),
    ("de", "Robin Muster, Personalreferentin, in Elternzeit.", "Elternzeit"),
    ("de", "Robin Muster, Leitung Einkauf, in Kur", "Kur"),
    ("de", "Robin Muster trauert als Witwe der Corvid GmbH nach.", "Witwe"),
    ("de", "Robin Muster trinkt bei Anonyme Abstinenzler e.V.", "Abstinenzler"),
    ("en", "Alex Sample, cancer survivor, Corvid Ltd", "cancer"),
    ("en", "Alex Sample, pregnant buyer, Corvid Ltd", "pregnant"),
    ("es", "Cruz Ejemplo, profesora árabe, Universidad de Corvid", "árabe"),
    ("de", "Robin Muster, Krebspatientin, Corvid GmbH", "Krebs"),
    ("en", "Practising Catholic, Sales Manager at Corvid Ltd", "Catholic"),
    ("en", "Alex Sample is the Solidar rep at Corvid Ltd.", "Solidar"),
    ("de", "Robin Muster, geborene Maurer, Prokuristin", "Maurer"),
    ("en", "Alex Sample, Quarry Manager, is mostly at home, Rowan Villa, Hill Lane", "Rowan"),
    ("es", "Cruz Ejemplo | jefa de taller | Corvid SL | Soria, 1961", "Soria"),
]


@pytest.mark.parametrize(("language", "text", "private"), IDIOMS)
def test_an_idiom_does_not_pass(language: str, text: str, private: str) -> None:
    kept = screen_text(text, language).redacted
    assert kept
    assert private not in kept


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Alex Sample, Gender Equality Officer, Corvid Ltd"),
        ("en", "Alex Sample, Head of Religion at Corvid Media"),
        ("en", "Alex Sample, Regional Director, Age UK"),
        ("en", "Alex Sample, Young Professionals Manager, Union Bank"),
        ("en", "Alex Sample, Health Ministry spokesperson"),
        ("en", "Alex Sample, council member, Corvid Ltd"),
        ("en", "Alex Sample, Member of the Advisory Board, Corvid Ltd"),
        ("fr", "Sacha Exemple, membre du conseil d'administration, Corvid SA"),
        ("es", "Cruz Ejemplo, miembro del consejo de administración, Corvid SA"),
        ("it", "Andrea Esempio, membro del consiglio di amministrazione, Corvid SpA"),
        ("pt", "Sasha Exemplo, membro do conselho fiscal, Corvid SA"),
        ("pt", "Sasha Exemplo, sócia, Corvid Advogados"),
        ("pl", "Mika Przykład, członek zarządu, Corvid SA"),
        ("nl", "Robin Voorbeeld, lid van de raad van bestuur, Corvid NV"),
        ("sv", "Anna Prov, styrelsemedlem, Corvid AB"),
        ("en", "Alex Sample, cancer researcher, Corvid Ltd"),
        ("en", "Alex Sample, wildlife photographer, Corvid Ltd"),
        ("en", "Alex Sample, refugee lawyer, Corvid LLP"),
        ("en", "Alex Sample, Treasurer, Bishop & Sons"),
        ("de", "Robin Muster, Krebsforscherin, Corvid GmbH"),
        ("nl", "Robin Voorbeeld, kankeronderzoeker, Corvid BV"),
        ("es", "Cruz Ejemplo, profesor de lengua árabe, Universidad de Corvid"),
        ("it", "Andrea Esempio, responsabile ufficio anagrafe e matrimoni, Comune di Corvid"),
        ("pl", "Mika Przykład, kierownik oddziału opieki nad seniorami, Corvid SA"),
        ("pl", "Mika Przykład, wspólnik, Biskup i Partnerzy"),
        ("pl", "Mika Przykład, dyrektor zakupów Corvid SA"),
        ("fr", "Sacha Exemple, gérant, Boulangerie de l'Église"),
        ("es", "Cruz Ejemplo, gerente, Atelier Corvid SL"),
        ("es", "Cruz Ejemplo, socia directora, Corvid Abogados"),
        ("en", "Tony Widower, Registration Officer, Corvid Ltd"),
        ("cs", "Jan Vzorek, jednatel Kolář Sklo s.r.o."),
        ("cs", "Jan Vzorek, vedoucí, Městský úřad Písek"),
        ("hu", "Minta Gergő, üzemvezető, Szabó Fa Kft, Eger"),
        ("en", "Alex Sample, Sales Rep, Corvid Ltd"),
        ("fr", "Sacha Exemple, ancien gérant, Corvid SARL"),
        ("ro", "Ana Probă, membru al consiliului de administrație, Corvid SA"),
        ("nl", "Robin Voorbeeld, hoogleraar aan de Katholieke Universiteit Leuven"),
        ("nl", "Robin Voorbeeld, directeur Ouderenzorg, Corvid BV"),
        ("de", "Christian Müller, Leitung Einkauf, Corvid GmbH"),
        ("fr", "Sacha Exemple, chef du service Religion, Corvid SARL"),
        ("en", "Robin Bishop, Managing Partner, Church & Sons Solicitors"),
        ("nl", "Noor Duits, UX-ontwerper, Corvid BV"),
        ("de", "Toni Winter, Grafikerin, Atelier Nordlicht"),
        ("es", "Ariel Casado, redactora de política, El Faro"),
        ("es", "Robin Ejemplo, jefa de prensa, 91 555 12 34"),
        ("fr", "Sacha Exemple, professeur à l'Université catholique de Valbois"),
        ("it", "Celeste Esempio, caporedattrice, Il Faro"),
        ("pl", "Mika Przykład, ordynator onkologii, Szpital Rzeczny"),
        ("es", "Cruz Ejemplo, portavoz del Ministerio de Sanidad"),
        ("it", "Andrea Esempio, direzione, Diabete Italia"),
        ("pl", "Mika Przykład, pełnomocnik ds. równości płci, Urząd Miasta Łódź"),
        ("en", "Alex Sample, Dementia Educator, Corvid Ltd"),
        ("nl", "Robin Voorbeeld, cultureel redacteur, Corvid Courant"),
        ("nl", "Robin Voorbeeld, arbeidsrechtadvocaat, Corvid Advocaten"),
        ("hu", "Minta Gergő, gyermekorvos, Szabó Fa Kft"),
        ("sv", "Anna Prov, socionom, Corvid AB"),
        ("pl", "Mika Przykład, kierownik zakupów w Corvid Sp. z o.o."),
        ("en", "Alex Sample, Prosecutor, Ministry of Justice"),
    ],
)
def test_business_survives_whole(language: str, text: str) -> None:
    assert screen_text(text, language).redacted == text


@pytest.mark.parametrize(
    ("language", "text", "kept"),
    [
        ("en", "Corvid Ltd welcomed Alex Sample as CTO.", "Corvid Ltd … Alex Sample as CTO"),
        ("en", "Ms. Alex Sample, Press Officer", "… Alex Sample, Press Officer"),
        ("en", "Alex Sample – SSN 402-19-4925 – Sales Manager", "Alex Sample … Sales Manager"),
        (
            "en",
            "Alex Sample, CTO. Private e-mail: alex@sample.example, office: info@corvid.example",
            "Alex Sample, CTO … info@corvid.example",
        ),
        ("en", "Alex Sample, CTO, alex@gmail.com", "Alex Sample, CTO …"),
        ("nl", "De 32-jarige Anna Voorbeeld is inkoper bij Corvid BV", "… Anna Voorbeeld … inkoper bij Corvid BV"),
        ("en", "Robin Sample looks after purchasing at Corvid Ltd.", "Robin Sample … Corvid Ltd"),
        ("en", "Robin Sample ran a depot before founding Second Shift CIC.", "Robin Sample … Second Shift CIC"),
        ("fr", "Robin Exemple, zorbeur, Corvid SARL", "Robin Exemple … Corvid SARL"),
        ("de", "Robin Muster kennt die Corvid GmbH seit 2011.", "Robin Muster … Corvid GmbH …"),
        ("pl", "Anna Przykład, PESEL 44051401359, CTO", "Anna Przykład … CTO"),
    ],
)
def test_a_personal_part_goes_and_the_rest_stays(language: str, text: str, kept: str) -> None:
    assert screen_text(text, language).redacted == kept


@given(st.text(max_size=200), st.sampled_from(["", "en", "nl", "de", "fr", "es", "it", "pt", "pl", "xx"]))
def test_pieces_of_any_text_are_in_order_and_apart(text: str, language: str) -> None:
    found = pieces(text, language)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(found))
