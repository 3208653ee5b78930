from __future__ import annotations

import pytest

from pipelines.rights.jurisdiction import infer


@pytest.mark.parametrize(
    ("telephones", "endings", "countries", "protected"),
    [
        ([], [], [], True),
        (["+12125550101"], [], [], False),
        (["+442079460001"], [], [], True),
        (["+12125550101"], ["example"], ["NL"], True),
        ([], ["de"], [], True),
        ([], ["co.uk"], [], True),
        ([], ["com"], [], True),
        ([], ["eu"], ["US"], False),
        ([], [], ["US", "JP"], False),
        (["+80012345678"], [], [], True),
        (["no number"], [], [], True),
    ],
)
def test_one_sign_of_europe_or_none_at_all_protects(
    telephones: list[str], endings: list[str], countries: list[str], protected: bool
) -> None:
    assert infer(telephones, [f"ada@noord.{ending}" for ending in endings], countries).protected is protected


def test_the_answer_names_what_it_stands_on() -> None:
    found = infer(["+12125550101"], ["ada@noord." + "fr"], ["US"])
    assert found.evidence == (("email", "FR"), ("source", "US"), ("telephone", "US"))
