"""People in sentences of many languages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction.prose import sightings


@pytest.mark.parametrize(
    ("text", "name", "title", "organisation"),
    [
        (
            "“We are glad,” said Jane Holloway, chief executive of Acme Ltd.",
            "Jane Holloway",
            "chief executive",
            "Acme Ltd",
        ),
        (
            "According to Pedro Alcaraz, chief economist at the Bank of Westmark, it rains.",
            "Pedro Alcaraz",
            "chief economist",
            "Bank of Westmark",
        ),
        ("Jane Holloway (CFO, Acme Ltd) will speak.", "Jane Holloway", "CFO", "Acme Ltd"),
        (
            "It has appointed Jane Holloway as Chief Financial Officer of Acme Ltd with effect from May.",
            "Jane Holloway",
            "Chief Financial Officer",
            "Acme Ltd",
        ),
        (
            "„Wir freuen uns“, sagt Dr. Maria Gruber, Geschäftsführerin der Beispiel GmbH.",
            "Maria Gruber",
            "Geschäftsführerin",
            "Beispiel GmbH",
        ),
        (
            "“Wij zijn blij”, zegt Jan de Wit, directeur van Voorbeeld BV.",
            "Jan de Wit",
            "directeur",
            "Voorbeeld BV",
        ),
        (
            "« Bonjour », a déclaré Jean Dupont, directeur général de Exemple SA, hier.",
            "Jean Dupont",
            "directeur général",
            "Exemple SA",
        ),
        (
            "“Hola”, dijo Lucía Fernández, directora general de la Fundación Ejemplar, ayer.",
            "Lucía Fernández",
            "directora general",
            "Fundación Ejemplar",
        ),
        (
            "“Ciao”, ha detto Mario Esposito, amministratore delegato di Esempio S.p.A., ieri.",
            "Mario Esposito",
            "amministratore delegato",
            "Esempio S.p.A.",
        ),
        (
            "“Olá”, disse João Pereira, diretor executivo da Exemplo Ltda, ontem.",
            "João Pereira",
            "diretor executivo",
            "Exemplo Ltda",
        ),
        (
            "– To dobrze – powiedział Jan Kowalski, prezes zarządu Przykład S.A., wczoraj.",
            "Jan Kowalski",
            "prezes zarządu",
            "Przykład S.A.",
        ),
        (
            "– To dobrze – mówi Jan Kowalski, prezes zarządu firmy Przykład Rail.",
            "Jan Kowalski",
            "prezes zarządu",
            "Przykład Rail",
        ),
        (
            "„Dobrze” – mówi Jan Kowalski, dyrektor techniczny spółki Przykład S.A.",
            "Jan Kowalski",
            "dyrektor techniczny",
            "Przykład S.A.",
        ),
        (
            "Sinds deze maand werkt Annemiek Jansen bij ons als projectleider warmtenetten.",
            "Annemiek Jansen",
            "projectleider warmtenetten",
            "",
        ),
        (
            "„Ja“, sagt Karl Huber, Betriebsleiter der Muster Werft GmbH.",
            "Karl Huber",
            "Betriebsleiter",
            "Muster Werft GmbH",
        ),
        (
            "«Bene», dice Lucia Bellini, direttrice tecnica dei Cantieri Esempio.",
            "Lucia Bellini",
            "direttrice tecnica",
            "Cantieri Esempio",
        ),
        (
            "«Bene», dice Lucia Bellini, responsabile dei Sistemi Informativi.",
            "Lucia Bellini",
            "responsabile dei Sistemi Informativi",
            "",
        ),
        ("The company's director Jane Holloway opened the hall.", "Jane Holloway", "director", ""),
        ("BWE-Präsident Karl Huber: „Endlich“.", "Karl Huber", "BWE-Präsident", ""),
    ],
)
def test_a_sentence_gives_person_title_and_employer(text: str, name: str, title: str, organisation: str) -> None:
    found = next(sight for sight in sightings(text) if sight.name.text == name)
    assert (found.title, found.organisation) == (title, organisation)


@pytest.mark.parametrize(
    "text",
    [
        "The house stands in Robert Koch Street near the market.",
        "We work with the Marie Curie Institute on this.",
        "She holds the George Connell Professorship.",
        "The weather was fine and nobody said a word.",
    ],
)
def test_eponyms_have_no_job(text: str) -> None:
    assert not [sight for sight in sightings(text) if sight.title or sight.organisation]


@settings(max_examples=50)
@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    for sight in sightings(text):
        assert 0 <= sight.start < sight.end <= len(text)
