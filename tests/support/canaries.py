"""Markers that no page may leave anywhere, planted wherever a page can hold one, and a search that knows disguises."""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from pipelines.sensitive.categories import Category

#: One marker a category and place; letters that no language puts together, so that nothing else can be it.
PLACES = (
    "text", "attribute", "comment", "json_ld", "microdata", "h_card", "alt", "title", "meta", "script", "file_name",
    "display_name", "private_link", "table", "name_remark", "job_title", "address", "vcard", "pdf", "csv",
)  # fmt: skip


def marker(category: Category, place: str) -> str:
    """Return the marker of a category in a place: letters only, so that no reader takes it apart."""
    digits = f"{list(Category).index(category):02d}{PLACES.index(place):02d}"
    return "Qzx" + "".join("bdfgklmnrv"[int(digit)] for digit in digits) + "xq"


ALL = {marker(category, place): (category.value, place) for category in Category for place in PLACES}


def said(place: str) -> str:
    """A statement for each category with its marker, as a page might make it."""
    statements = {
        Category.RELIGION: "is a devout {}", Category.POLITICS: "votes {}", Category.UNION: "is in the {} union",
        Category.ORIGIN: "is of {} descent", Category.HEALTH: "suffers from {}", Category.SEX_LIFE: "is {}sexual",
        Category.BIOMETRIC: "has the fingerprint {}", Category.GENDER: "uses the pronouns {}",
        Category.AGE: "is {} years old", Category.BIRTH: "was born in {}", Category.FAMILY: "is married to {}",
        Category.NATIONALITY: "holds a {} passport", Category.IDENTIFIER: "has the passport number {}",
        Category.HOME: "lives at {} Lane 4", Category.PRIVATE_CONTACT: "privately {}@gmail.com",
        Category.CRIMINAL: "was convicted of {}",
    }  # fmt: skip
    return ", ".join(text.format(marker(category, place)) for category, text in statements.items())


def team_page() -> str:
    """A page with two people whose cards are good, and every marker around and inside them."""
    fields = {
        "gender": Category.GENDER, "birthDate": Category.BIRTH, "nationality": Category.NATIONALITY,
        "spouse": Category.FAMILY, "height": Category.BIOMETRIC, "memberOf": Category.POLITICS,
        "homeLocation": Category.HOME, "knowsAbout": Category.RELIGION, "award": Category.UNION,
        "religion": Category.RELIGION, "healthCondition": Category.HEALTH, "criminalRecord": Category.CRIMINAL,
    }  # fmt: skip
    data = {"@context": "https://schema.org", "@type": "Person", "name": "Bronwen Achterberg",
            "jobTitle": "Managing Director", "description": said("json_ld"),
            "worksFor": {"@type": "Organization", "name": "Noord NV"}}  # fmt: skip
    data |= {key: marker(category, "json_ld") for key, category in fields.items()}
    items = "".join(f'<span itemprop="{key}">{marker(value, "microdata")}</span>' for key, value in fields.items())
    h_card = "".join(f'<span class="p-{key.lower()}">{marker(value, "h_card")}</span>' for key, value in fields.items())
    rows = "".join(f"<tr><th>{key}</th><td>{marker(value, 'table')}</td></tr>" for key, value in fields.items())
    first = Category.RELIGION
    return f"""<!DOCTYPE html><html lang="en"><head><title>Our team – {said("title")}</title>
<meta name="description" content="{said("meta")}"><meta property="og:description" content="{said("meta")}">
<script type="application/ld+json">{json.dumps(data)}</script>
<script>var about = {json.dumps(said("script"))};</script></head><body><!-- {said("comment")} --><h1>Our team</h1><ul>
<li data-about="{said("attribute")}"><img src="/img/{marker(first, "file_name")}.jpg" alt="{said("alt")}">
<h3>Mrs Bronwen Achterberg ({marker(Category.GENDER, "name_remark")}, {marker(first, "name_remark")})</h3>
<p>Managing Director, devout {marker(first, "job_title")} and mother of {marker(Category.FAMILY, "job_title")}</p>
<p>Bronwen {said("text")}.</p>
<a href="mailto:%22{marker(Category.SEX_LIFE, "display_name")}%22%20%3Cbronwen@noord.example%3E">Mail</a>
<a href="mailto:bronwen@noord.example?subject={marker(Category.HEALTH, "display_name")}">Mail</a>
<a href="https://www.facebook.com/{marker(Category.POLITICS, "private_link")}">Profile</a>
<p>Home address: {marker(Category.HOME, "address")} Lane 4, Leeds</p><table>{rows}</table></li>
<li class="h-card"><h3 class="p-name">Alasdair Pemberly</h3><p class="p-job-title">Sales Manager</p>{h_card}
<a class="u-email" href="mailto:alasdair@noord.example">Mail</a></li>
<li itemscope itemtype="https://schema.org/Person"><h3 itemprop="name">Philippa Ashworth</h3>
<p itemprop="jobTitle">Head of Customs</p>{items}<a itemprop="email" href="mailto:philippa@noord.example">Mail</a></li>
</ul></body></html>"""


def vcard() -> str:
    """A vCard with a marker in every property that nobody needs."""
    keys = {
        "BDAY": Category.BIRTH, "GENDER": Category.GENDER, "X-RELIGION": Category.RELIGION, "RELATED": Category.FAMILY,
        "X-NATIONALITY": Category.NATIONALITY, "HOBBY": Category.PRIVATE_CONTACT, "ADR;TYPE=home": Category.HOME,
        "TEL;TYPE=home": Category.PRIVATE_CONTACT, "CATEGORIES": Category.UNION,
    }  # fmt: skip
    lines = [f"{key}:{marker(category, 'vcard')}" for key, category in keys.items()]
    return "\r\n".join([
        "BEGIN:VCARD", "VERSION:4.0", "FN:Oswin Quillfeather", "TITLE:Harbour Engineer", "ORG:Noord NV",
        "EMAIL;TYPE=work:oswin@noord.example", f"NOTE:{said('vcard')}", *lines, "END:VCARD", "",
    ])  # fmt: skip


def register() -> str:
    """A CSV register with a column for every category, and the statements in the columns that are read."""
    head = ["name", "title", "email", *(category.value for category in Category), "notes"]
    row = ["Marla Quillfeather", "Harbour Master", "marla@noord.example"]
    row += [marker(category, "csv") for category in Category] + [said("csv").replace(",", ";")]
    return f"{','.join(head)}\n{','.join(row)}\n"


def found(folder: Path) -> set[tuple[str, str, str]]:
    """Return (category, place, file name) of every marker in the bytes of a folder, in plain sight or in a disguise."""
    return {
        (*ALL[one], path.name)
        for path in folder.rglob("*")
        if path.is_file()
        for layer in _layers(path.read_bytes())
        for one in _markers(layer)
    }


def _layers(content: bytes) -> Iterator[bytes]:
    """The bytes, and what they hold when they are compressed, down to three layers."""
    for _ in range(3):
        yield content
        try:
            content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else zlib.decompress(content)
        except (zlib.error, OSError, EOFError):
            return


def _markers(content: bytes) -> Iterator[str]:
    """Markers as they are, in UTF-16 (without its zeros), in hexadecimal and in base64 that begins anywhere."""
    coded = [
        base64.b64decode(run[at : at + (len(run) - at) // 4 * 4]) for run in _CODED.findall(content) for at in range(4)
    ]
    spelled = [bytes.fromhex(run[: len(run) // 2 * 2].decode()) for run in _HEX.findall(content)]
    for plain in (content, content.replace(b"\0", b""), b" ".join(coded), b" ".join(spelled)):
        for one in _MARKER.findall(plain):
            yield one.decode().capitalize()


_MARKER = re.compile(rb"(?i)qzx[bdfgklmnrv]{4}xq")
_CODED = re.compile(rb"[A-Za-z0-9+/]{12,}")
_HEX = re.compile(rb"(?i)(?:71|51)7a78(?:[0-9a-f]{2}){6}|(?:71|51)5a58(?:[0-9a-f]{2}){6}")
