"""Claims about the helplines: right region, best line first, and no number without a check that can run out."""

from datetime import date
from pathlib import Path

import pytest

from holdfast.errors import ContentError
from holdfast.safety.crisis.helplines import ELSEWHERE, Need, digits, load_helplines
from holdfast.safety.detection.verdict import Category

HELPLINES = load_helplines()
REQUIRED = [
    "US",
    "CA",
    "MX",
    "BR",
    "AR",
    "CL",
    "CO",
    "GB",
    "IE",
    "FR",
    "DE",
    "AT",
    "CH",
    "NL",
    "BE",
    "ES",
    "PT",
    "IT",
    "SE",
    "NO",
    "DK",
    "FI",
    "PL",
    "CZ",
    "GR",
    "TR",
    "IL",
    "ZA",
    "KE",
    "NG",
    "EG",
    "IN",
    "PK",
    "BD",
    "LK",
    "JP",
    "KR",
    "CN",
    "HK",
    "SG",
    "MY",
    "PH",
    "ID",
    "AU",
    "NZ",
]


def test_every_required_country_is_there_with_an_emergency_number() -> None:
    assert set(REQUIRED) <= HELPLINES.regions.keys()
    assert all(HELPLINES.emergency(code) for code in HELPLINES.regions)


@pytest.mark.parametrize(
    ("region", "category", "name", "number"),
    [
        # As each service publishes it (samaritans.org, 988lifeline.org, lifeline.org.au, 3114.fr, 113.nl).
        ("GB", Category.SUICIDE, "Samaritans", "116123"),
        ("US", Category.SUICIDE, "988 Suicide & Crisis Lifeline", "988"),
        ("AU", Category.SUICIDE, "Lifeline", "131114"),
        ("FR", Category.SUICIDE, "3114 Numéro national de prévention du suicide", "3114"),
        ("NL", Category.SUICIDE, "113 Zelfmoordpreventie", "113"),
        ("US", Category.ABUSE_OR_NEGLECT, "National Domestic Violence Hotline", "18007997233"),
        ("GB", Category.EATING_DISORDER, "Beat (eating disorders)", "08088010677"),
        ("US", Category.SUBSTANCE_EMERGENCY, "Poison Help", "18002221222"),
    ],
)
def test_the_best_line_for_the_worst_risk_comes_first(region: str, category: Category, name: str, number: str) -> None:
    first = HELPLINES.for_region(region, (category,))[0]
    assert first.name == name
    assert digits(first.phones[0]) == number


@pytest.mark.parametrize("category", [*Category, None])
@pytest.mark.parametrize("region", [*HELPLINES.regions, None, "XX", "", "🙂"])
def test_nobody_is_shown_an_empty_list(region: str | None, category: Category | None) -> None:
    assert HELPLINES.for_region(region, (category,) if category else ())


@pytest.mark.parametrize(
    ("code", "region"), [("gb", "GB"), ("UK", "GB"), ("US-UT", "US"), (None, ELSEWHERE), ("QQ", ELSEWHERE)]
)
def test_region_codes_are_forgiving_and_fall_back(code: str | None, region: str) -> None:
    assert HELPLINES.region(code) == region


def test_a_country_is_never_shown_another_countrys_numbers() -> None:
    for code in HELPLINES.regions:
        assert {line.region for line in HELPLINES.for_region(code, tuple(Category))} <= {code, ELSEWHERE}


def test_checks_run_out() -> None:
    assert HELPLINES.expired(date(2026, 11, 22)) == ()
    assert len(HELPLINES.expired(date(2027, 5, 22))) == sum(len(lines) for lines in HELPLINES.lines.values())


def test_every_line_says_honestly_how_it_was_checked() -> None:
    assert all("not dialled" in line.check for lines in HELPLINES.lines.values() for line in lines)


def test_numbers_hold_calls_texts_and_emergencies_as_digits() -> None:
    assert {"116123", "988", "741741", "999", "112", "000", "131114"} <= HELPLINES.numbers()
    assert all(number.isdecimal() for number in HELPLINES.numbers())


def test_every_need_is_served_somewhere() -> None:
    assert {need for lines in HELPLINES.lines.values() for line in lines for need in line.serves} == set(Need)


COUNTRY = """code: "AA"
name: "Aland"
checked: 2026-11-22
check: not dialled
expires: {expires}
emergency: [{{number: "112", serves: any emergency}}]
helplines:
  - {{name: A, website: "https://a.example", hours: any, languages: [A], for: [suicide],
     source: {{publisher: A, title: A}}}}
"""


@pytest.mark.parametrize(
    ("name", "expires", "problem"),
    [
        ("aa.yaml", "2026-11-22", "expires must lie after checked"),
        ("bb.yaml", "2027-05-22", "must be named for its country, got code 'AA'"),
        ("aa.yaml", "2027-05-22", "must hold the fallback region zz.yaml"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, name: str, expires: str, problem: str) -> None:
    (tmp_path / name).write_text(COUNTRY.format(expires=expires), encoding="utf-8")
    with pytest.raises(ContentError, match=problem):
        load_helplines(tmp_path)


def names(code: str, *categories: Category, is_minor: bool) -> list[str]:
    return [line.name for line in HELPLINES.for_region(code, categories, is_minor=is_minor)]


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("GB", "Childline"),
        ("IE", "Childline (ISPCC)"),
        ("CA", "Kids Help Phone"),
        ("AU", "Kids Helpline"),
        ("SE", "Bris (under 18)"),
        ("DE", "Nummer gegen Kummer (Kinder und Jugendliche)"),
        ("JP", "Childline"),
    ],
)
def test_lines_for_children_lead_for_a_minor_and_only_for_a_minor(code: str, first: str) -> None:
    for categories in ((), (Category.SUICIDE,), (Category.SELF_HARM,), (Category.ABUSE_OR_NEGLECT,)):
        assert names(code, *categories, is_minor=True)[0] == first
    assert names(code, Category.SUICIDE, is_minor=False)[0] != first


def test_a_line_about_the_abuse_of_children_does_not_lead_where_something_else_is_at_stake() -> None:
    line = "Childhelp National Child Abuse Hotline"
    suicide = names("US", Category.SUICIDE, is_minor=True)
    assert suicide[:2] == ["The Trevor Project (LGBTQ+ young people)", "988 Suicide & Crisis Lifeline"]
    assert line in suicide
    assert names("US", Category.ABUSE_OR_NEGLECT, is_minor=True)[0] == line


def test_a_minor_is_shown_every_line_that_others_are_and_none_twice() -> None:
    for code in HELPLINES.regions:
        for categories in ((), *((category,) for category in Category)):
            everybody = names(code, *categories, is_minor=False)
            minor = names(code, *categories, is_minor=True)
            assert set(everybody) <= set(minor)
            assert len(minor) == len(set(minor))
