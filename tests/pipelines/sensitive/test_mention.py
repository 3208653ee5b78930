from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Disposal, Mention, MentionType, Method, Property, Value
from pipelines.sensitive import minimise_mention
from pipelines.values import validate_mention

#: Markers of every category, as a page might state them; none is anybody's.
MARKERS = ["zealotmarker", "partymarker", "unionmarker", "originmarker", "illnessmarker", "1979-03-14", "wifemarker"]


def value(text: str, around: str = "", **more: str) -> Value:
    return Value(text, Method.CARD, "/div", around=around, **more)  # type: ignore[arg-type]


def person(around: str = "", **values: str) -> Mention:
    mention = Mention(MentionType.PERSON, language="en", country="GB", around=around)
    given = {
        "name": "Alex Sample", "jobTitle": "Head of IT", "worksFor": "Corvid Ltd", "email": "alex@corvid.example",
        "telephone": "020 7946 0018",
    } | values  # fmt: skip
    for prop, text in given.items():
        mention.add(Property(prop), value(text))
    return mention


def through(mention: Mention) -> list[Disposal]:
    return validate_mention(mention) + minimise_mention(mention)


def kept(mention: Mention) -> dict[str, list[str]]:
    return {prop.value: [reading.normalised for reading in mention.all(prop)] for prop in mention.values}


def test_nothing_is_left_of_the_text_around() -> None:
    around = f"Alex Sample ({', '.join(MARKERS)}) is Head of IT at Corvid Ltd and devoted to {MARKERS[0]}."
    mention = person(around)
    for _, reading in mention:
        reading._keep_in_memory(f"label {MARKERS[1]}")
    through(mention)
    everything = repr(mention) + mention.context + "".join(reading.context for _, reading in mention)
    assert not [marker for marker in MARKERS if marker in everything]
    assert mention.all(Property.JOB_TITLE)[0].evidence == "Alex Sample … Head of IT at Corvid Ltd …"


@pytest.mark.parametrize(
    ("prop", "text", "around", "rule"),
    [
        (Property.EMAIL, "alex@gmail.com", "", "free-mail"),
        (Property.EMAIL, "alex@sample.example", "Private e-mail:", "private-cue"),
        (Property.EMAIL, "alex@sample.example", "privé:", "private-cue"),
        (Property.TELEPHONE, "020 7946 0018", "TYPE=home", "private-cue"),
        (Property.TELEPHONE, "020 7946 0018", "Telefon privat", "private-cue"),
        (Property.WORK_LOCATION, "1 Sample Street, Sampleton", "Home address", "home-cue"),
        (Property.SAME_AS, "https://www.facebook.com/alex.sample", "", "private-profile"),
        (Property.URL, "https://www.instagram.com/alexsample", "", "private-profile"),
        (Property.WORKS_FOR, "Sample Workers' Party", "", "revealing-employer"),
        (Property.WORKS_FOR, "Diocese of Sampleton", "", "revealing-employer"),
        (Property.WORKS_FOR, "South Korean", "", "no-employer"),
        (Property.WORKS_FOR, "DUTCH", "", "no-employer"),
        (Property.WORKS_FOR, "brasileira", "", "no-employer"),
        (Property.WORKS_FOR, "aged 45", "", "no-employer"),
        (Property.WORKS_FOR, "geb. 1970", "", "no-employer"),
        (Property.WORKS_FOR, "single mother", "", "no-employer"),
        (Property.WORK_LOCATION, "BSN 111222333, Sampleton", "", "national-identifier"),
        (Property.JOB_TITLE, "devout Muslim", "", "title-person"),
        (Property.JOB_TITLE, "Jehovah's Witness", "", "title-person"),
        (Property.JOB_TITLE, "Testimone di Geova", "", "title-person"),
        (Property.JOB_TITLE, "Freemason", "", "title-person"),
        (Property.JOB_TITLE, "cancer survivor", "", "title-person"),
        (Property.JOB_TITLE, "born 1975", "", "title-person"),
        (Property.JOB_TITLE, "aged 44", "", "title-person"),
        (Property.JOB_TITLE, "trans woman", "", "title-person"),
        (Property.JOB_TITLE, "former prisoner", "", "title-person"),
        (Property.JOB_TITLE, "person of colour", "", "title-person"),
    ],
)
def test_what_does_not_belong_on_a_business_card_is_dropped(prop: Property, text: str, around: str, rule: str) -> None:
    mention = Mention(MentionType.PERSON, language="en")
    mention.add(Property.NAME, value("Alex Sample", normalised="Alex Sample"))
    mention.add(prop, value(text, around, normalised=text))
    disposals = minimise_mention(mention)
    assert prop not in mention.values
    assert [(disposal.rule, disposal.location) for disposal in disposals] == [(rule, prop.value)]


@pytest.mark.parametrize(
    ("prop", "text", "around"),
    [
        (Property.EMAIL, "alex@corvid.example", "E-mail (work):"),
        (Property.TELEPHONE, "+442079460018", "Home page · Office:"),
        (Property.WORK_LOCATION, "Corvid House, Sampleton", "Office address"),
        (Property.SAME_AS, "https://www.linkedin.com/in/alexsample", ""),
        (Property.WORKS_FOR, "Catholic University of Sampleton", ""),
        (Property.WORKS_FOR, "Union Bank", ""),
        (Property.WORKS_FOR, "Age UK", ""),
        (Property.WORKS_FOR, "Swiss Sample", ""),
        (Property.WORKS_FOR, "British Academy", ""),
        (Property.WORKS_FOR, "Central", ""),
        (Property.WORKS_FOR, "Single Mothers Trust Ltd", ""),
        (Property.JOB_TITLE, "Gender Equality Officer", ""),
        (Property.JOB_TITLE, "Head of Religion at Corvid Media", ""),
        (Property.JOB_TITLE, "Deaf Services Coordinator", ""),
        (Property.JOB_TITLE, "Minister of Health", ""),
        (Property.JOB_TITLE, "Young Professionals Manager", ""),
        (Property.NAME, "Christian Müller", ""),
    ],
)
def test_business_survives(prop: Property, text: str, around: str) -> None:
    mention = Mention(MentionType.PERSON, language="en")
    mention.add(prop, value(text, around, normalised=text))
    assert minimise_mention(mention) == []
    assert mention.all(prop)[0].normalised == text


@pytest.mark.parametrize(
    ("text", "language", "title"),
    [
        ("Member of Parliament for the Sample Party", "en", "Member of Parliament"),
        ("MP (Sample Party)", "en", "MP"),
        ("General Secretary of the Sample Trade Union", "en", "General Secretary"),
        ("widow and treasurer", "en", "treasurer"),
        ("Catholic Press Officer", "en", "Press Officer"),
        ("Abgeordnete der Blauen", "de", "Abgeordnete"),
        ("députée La Cause commune", "fr", "députée"),
        ("raadslid Voorbeeldpartij", "nl", "raadslid"),
    ],
)
def test_the_office_stays_and_the_belief_goes(text: str, language: str, title: str) -> None:
    mention = Mention(MentionType.PERSON, language=language)
    mention.add(Property.JOB_TITLE, value(text, normalised=text))
    assert {disposal.action for disposal in minimise_mention(mention)} == {"transform"}
    assert mention.all(Property.JOB_TITLE)[0].normalised == title


def test_one_setting_keeps_a_revealing_employer() -> None:
    mention = person(worksFor="Diocese of Sampleton")
    validate_mention(mention)
    minimise_mention(mention, revealing_employers=True)
    assert mention.text(Property.WORKS_FOR) == "Diocese of Sampleton"


@pytest.mark.parametrize("said", ["South Korean", "she/her", "(m)", "m/f/d", "Pronouns: they/them"])
def test_no_setting_keeps_what_is_no_employer(said: str) -> None:
    mention = person(worksFor=said)
    validate_mention(mention)
    minimise_mention(mention, revealing_employers=True)
    assert not mention.text(Property.WORKS_FOR)


def test_an_unknown_property_is_closed_out() -> None:
    mention = person()
    mention.values["religion"] = [value("zealotmarker")]  # type: ignore[index]
    assert [disposal.rule for disposal in minimise_mention(mention)] == ["closed-schema"]
    assert "religion" not in mention.values


def test_an_organisation_keeps_its_free_mailbox() -> None:
    mention = Mention(MentionType.ORGANISATION)
    mention.add(Property.NAME, value("Corvid Bakery"))
    mention.add(Property.EMAIL, value("bake@gmail.com"))
    assert through(mention) == []


ADDRESSES = st.sampled_from(["", "Mr ", "Mrs. ", "Ms ", "Miss ", "Mx "])
REMARKS = st.sampled_from(["", " (she/her)", " (he/him)", " (42)", " née Probe"])
CREEDS = st.sampled_from(["", "Catholic ", "Muslim ", "Jewish ", "lesbian ", "female ", "Hispanic ", "disabled "])
TAILS = st.sampled_from(["", ", mother of two", ", father of three", ", 53 years old", ", widow", " and proud mum"])
LIVES = st.sampled_from(
    [
        "",
        "She was born in 1979.",
        "He is a practising Hindu.",
        "A refugee and single parent.",
        "They vote Sample Party.",
    ]
)


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        ("Telephone", True),
        ("offices[].voice", True),
        ("family_name", True),
        ("Home phone", False),
        ("religion", False),
        ("geboortedatum", False),
    ],
)
def test_a_column_that_may_not_be_stored_gives_nothing_whatever_it_is_mapped_to(column: str, kept: bool) -> None:
    mention = person()
    mention.values[Property.TELEPHONE] = [Value("020 7946 0018", Method.IMPORT, "row=2", around=column)]
    dropped = through(mention)
    assert (Property.TELEPHONE in mention.values) is kept
    assert bool(dropped) is not kept


def test_the_family_of_a_family_name_is_a_name() -> None:
    mention = person()
    mention.values[Property.FAMILY_NAME] = [Value("Sample", Method.IMPORT, "row=2", around="person.family")]
    through(mention)
    assert kept(mention)["familyName"] == ["Sample"]


@given(ADDRESSES, REMARKS, CREEDS, TAILS, LIVES, LIVES)
def test_what_a_person_is_changes_nothing_in_what_is_kept(
    address: str, remark: str, creed: str, tail: str, before: str, after: str
) -> None:
    plain, told = person("Alex Sample, Head of IT"), person(
        f"{before} Alex Sample, Head of IT {after}",
        name=f"{address}Alex Sample{remark}",
        jobTitle=f"{creed}Head of IT{tail}",
    )  # fmt: skip
    through(plain)
    through(told)
    assert kept(told) == kept(plain)
