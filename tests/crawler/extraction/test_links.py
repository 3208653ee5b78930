"""What the target of a link says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extraction import links
from crawler.extraction.links import Target
from crawler.page import Page


@pytest.mark.parametrize(
    ("href", "addresses"),
    [
        ("mailto:zoe@firma.example", ["zoe@firma.example"]),
        (" MAILTO:zoe@firma.example?subject=Hi&cc=boss@firma.example", ["zoe@firma.example"]),
        ("mailto:zoe%40firma.example", ["zoe@firma.example"]),
        ("mailto:?to=zoe@firma.example", ["zoe@firma.example"]),
        ("mailto:zoe@firma.example,joe@firma.example;zoe@firma.example", ["zoe@firma.example", "joe@firma.example"]),
        ("mailto:zoe(at)firma(dot)example", ["zoe@firma.example"]),
        ("mailto:zoe@NOSPAMfirma.example", ["zoe@firma.example"]),
        ("mailto://zoe@firma.example", ["zoe@firma.example"]),
        ("mailto:Zoe%20Imaginary%20<zoe@firma.example>", ["zoe@firma.example"]),
        ("mailto:", []),
        ("mailto:you", []),
        ("https://firma.example/mailto:x@y.example", []),
        ("mailto:" + "x" * 5_000, []),
    ],
)
def test_mailto(href: str, addresses: list[str]) -> None:
    assert links.mailto(href) == addresses


@pytest.mark.parametrize(
    ("href", "number"),
    [
        ("tel:+31205550100", "+31205550100"),
        ("tel://+31 20 555 01 00", "+31 20 555 01 00"),
        ("TEL:+31%2020%20555%200100", "+31 20 555 0100"),
        ("tel:+1-202-555-0100;ext=12", "+1-202-555-0100 ext. 12"),
        ("tel:(020)5550100;phone-context=example.com", "(020)5550100"),
        ("fax:0205550101", "0205550101"),
        ("callto:+31205550100", "+31205550100"),
        ("https://wa.me/31205550100?text=hi", "+31205550100"),
        ("https://api.whatsapp.com/send?phone=31205550100", "+31205550100"),
        ("tel:call-me", ""),
        ("tel:", ""),
        ("https://firma.example/020-5550100", ""),
    ],
)
def test_telephone(href: str, number: str) -> None:
    assert links.telephone(href) == number


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.linkedin.com/in/zoe-imaginary/", True),
        ("https://nl.linkedin.com/in/zoe", True),
        ("https://orcid.org/0000-0000-0000-0000", True),
        ("https://github.com/zoe", True),
        ("https://x.com/zoe", True),
        ("https://scholar.google.com/citations?user=abc", True),
        ("https://www.linkedin.com/company/firma", False),
        ("https://www.linkedin.com/shareArticle?url=x", False),
        ("https://twitter.com/intent/tweet?text=x", False),
        ("https://www.facebook.com/sharer/sharer.php?u=x", False),
        ("https://github.com/", False),
        ("https://notx.com/zoe", False),
        ("https://firma.example/linkedin.com/in/zoe", False),
        ("http://[broken", False),
    ],
)
def test_profiles(url: str, expected: bool) -> None:
    assert links.is_profile(url) is expected


def test_collect_keeps_the_order_of_the_page() -> None:
    page = Page(
        "https://firma.example/team/",
        b'<a href="mailto:a@firma.example,b@firma.example">m</a><a href="tel:+31205550100">t</a><a href="/about">x</a>'
        b'<a href="fax:+31205550101">f</a><a href="zoe.vcf">card</a><a href="//linkedin.com/in/zoe">in</a><a>none</a>'
        b'<map><area href="/card?format=vcard"></map>',
    )
    assert [(link.target, link.value) for link in links.collect(page)] == [
        (Target.EMAIL, "a@firma.example"),
        (Target.EMAIL, "b@firma.example"),
        (Target.TELEPHONE, "+31205550100"),
        (Target.FAX, "+31205550101"),
        (Target.VCARD, "https://firma.example/team/zoe.vcf"),
        (Target.PROFILE, "https://linkedin.com/in/zoe"),
        (Target.VCARD, "https://firma.example/card?format=vcard"),
    ]


def test_a_document_without_a_tree_has_no_links() -> None:
    assert links.collect(Page("https://firma.example/", b"%PDF-1.7")) == []


@given(st.text(max_size=60))
def test_any_target_is_read(text: str) -> None:
    for href in (text, f"mailto:{text}", f"tel:{text}", f"https://{text}"):
        assert all("@" in address for address in links.mailto(href))
        assert len(links.telephone(href)) <= 60
        assert links.is_profile(href) in (True, False)
