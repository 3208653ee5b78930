"""Nouns that say what somebody is, in the place of a job title; no wording here is taken from a page or a register."""

from __future__ import annotations

import pytest

from crawler import lexicon
from pipelines.sensitive.categories import Category
from pipelines.sensitive.persons import said_of
from pipelines.sensitive.screening import screen_text
from pipelines.sensitive.titles import business_title
from pipelines.sensitive.words import is_head

PERSONS = [
    ("en", "Thirty-something"),
    ("en", "Liver transplant recipient"),
    ("en", "Kidney patient"),
    ("en", "Union convenor"),
    ("en", "Expert by experience"),
    ("en", "Lifelong trade unionist"),
    ("en", "Self-confessed vinyl collector"),
    ("en", "Drug dealer"),
    ("en", "Lottery millionaire"),
    ("de", "Überschuldete"),
    ("nl", "Vijftigplusser"),
    ("nl", "Trotse bonusmoeder"),
    ("nl", "Hartpatiënt"),
    ("nl", "Vakbondsafgevaardigde"),
    ("de", "Endvierziger"),
    ("de", "Spielsüchtiger"),
    ("de", "Überzeugter Freidenker"),
    ("de", "Gastarbeiter"),
    ("de", "Vierfachmutter"),
    ("fr", "Sexagénaire"),
    ("fr", "Ancien toxicomane"),
    ("fr", "Représentante syndicale"),
    ("fr", "Mère au foyer"),
    ("es", "Sesentón"),
    ("es", "Exalcohólica"),
    ("es", "Enlace sindical"),
    ("es", "Paciente experta"),
    ("it", "Settantenne"),
    ("it", "Ex tossicodipendente"),
    ("it", "Delegata sindacale"),
    ("it", "Orgoglioso nonno"),
    ("pt", "Cinquentona"),
    ("pt", "Ex-presidiário"),
    ("pt", "Benfiquista convicto"),
    ("pl", "Pięćdziesięciolatek"),
    ("pl", "Trzeźwiejący"),
    ("pl", "Kura domowa"),
    ("sv", "Trebarnspappa"),
    ("sv", "Hjärtsjuk"),
    ("da", "Far til fire"),
    ("no", "Pinsevenn"),
    ("fi", "Neljän lapsen isä"),
    ("cs", "Šedesátník"),
    ("hu", "Kétgyermekes"),
    ("ro", "Pensionară"),
    ("tr", "Üç çocuk annesi"),
]
FIELDS = [
    ("en", "Patient Safety"),
    ("en", "Family & Divorce"),
    ("en", "Offender Management"),
    ("en", "Survivors and Witnesses"),
    ("en", "Non-Alcoholic Beverages"),
    ("fr", "Retraite et prévoyance"),
    ("fr", "Maladies infectieuses"),
    ("es", "Enfermería"),
    ("de", "Schwangerschaftsberatung"),
    ("de", "Langjährige Mitarbeit"),
    ("it", "Allergologia"),
    ("en", "Expert in Patient Records"),
    ("en", "Flight Steward"),
    ("en", "Union Relations Manager"),
    ("de", "Patientenberaterin"),
    ("pl", "Rzecznik Praw Pacjenta"),
]


@pytest.mark.parametrize(("language", "text"), PERSONS, ids=range(len(PERSONS)))
@pytest.mark.parametrize("said", ["its own", "none", "another"])
def test_a_noun_for_a_person_is_no_job_title(language: str, text: str, said: str) -> None:
    read_as = {"its own": language, "none": "", "another": "fr" if language == "en" else "en"}[said]
    assert business_title(text, read_as)[0] == ""


@pytest.mark.parametrize(("language", "text"), FIELDS)
def test_a_field_of_work_is_one(language: str, text: str) -> None:
    assert business_title(text, language) == (text, ())


def test_what_a_title_holds_beside_a_person_stays() -> None:
    assert business_title("Sales Manager, shop steward", "en") == ("Sales Manager", (Category.UNION,))
    assert business_title("Speaker | Fifty-something | Consultant", "en") == ("Speaker | Consultant", (Category.AGE,))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Alex Sample, Fitter, union representative, Corvid Ltd"),
        ("it", "Andrea Esempio, capoturno, delegato sindacale, Corvid Srl"),
        ("fr", "Sacha Exemple, comptable, déléguée syndicale, Corvid SARL"),
        ("pt", "Sasha Exemplo, gerente, representante sindical, Corvid Lda"),
    ],
)
def test_a_text_does_not_take_one_for_a_job(language: str, text: str) -> None:
    kept = screen_text(text, language).redacted or ""
    assert text.split(",")[1] in kept
    assert not any(part in kept.casefold() for part in ("union", "sind", "syndic", "represent", "deleg"))


def test_each_entry_is_written_so_that_it_can_be_found() -> None:
    """One open place a word, at its end or its beginning, and `$` behind everything; a phrase has no open beginning."""
    words = [word for category in Category for word in lexicon.words("persons", category.value)]
    assert len(words) > 1000
    for word in words:
        bare = word.removesuffix("$")
        assert bare == bare.casefold().strip()
        assert bare.count("*") <= 1
        assert "$" not in bare
        assert "*" not in bare[1:-1]
        assert "*" not in bare or len(bare) > 3
        assert " " not in bare or (word == bare and bare[0] != "*")


def test_what_looks_like_a_job_is_listed_as_such() -> None:
    """Working it out at the start of every run would cost half a second."""
    heads = lexicon.words("roles", "head") | lexicon.words("prose", "head")
    said = [
        (entry, "" if language == "mul" else language)
        for language, table in lexicon.topic("persons").items()
        for category in Category
        for entry in table.get(category.value, ())
        if entry.strip("*$") not in heads
    ]
    like = {
        entry
        for entry, language in said
        if any(is_head(word.strip("*$"), spoken) for word in entry.split() for spoken in (language, ""))
    }
    assert like == lexicon.words("persons", "like_job")


def test_no_head_of_a_job_title_is_one_of_them() -> None:
    """But for "autista", who drives in Italian, "conservador", who keeps a museum, and few that are jobs by mistake."""
    known = {"autista", "conservador", "conservadora", "activist", "opa", "maçon"}
    heads = lexicon.words("roles", "head") | lexicon.words("prose", "head")
    assert {head for head in heads if said_of(head)} - known == set()
    assert is_head("berater", "de")
    assert not said_of("Berater")
