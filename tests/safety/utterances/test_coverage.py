"""Claims about what the labelled set holds, and what it must not."""

import re
from collections import Counter, defaultdict

import pytest

from holdfast.safety.detection import Category
from holdfast.safety.utterances import Form, Language, Split, Utterance, UtteranceSet

FORMS = [form for form in Form if form not in {Form.PLAIN, Form.EDUCATIONAL}]
"""Forms in which danger is spoken of."""

FEWEST_IN_A_CELL = 5

AMOUNT = re.compile(
    r"\d[\d.,]*\s*(?:mgs?|mcg|ml|cl|g|gr|grams?|milligrams?|millilit(?:er|re)s?|oz|ounces?|lbs?|pounds?|kgs?|kilos?|stone"
    r"|k?cals?|calor\w+|units?|pills?|tablets?|tablettes?|pastillas?|comprim\w+|tabletten|capsules?|drops?|shots?"
    r"|lit(?:er|re)s?|cm|mm|inch(?:es)?|met(?:er|re)s?|feet|ft|store?ys?|floors?)\b",
    re.IGNORECASE,
)
"""An amount, a dose, a height, a weight: what may tell how, or what a person with an eating disorder may aim at."""

AT_STAKE = {Category.SUICIDE, Category.SELF_HARM, Category.EATING_DISORDER, Category.SUBSTANCE_EMERGENCY}

INNOCENT = {"sui-ind-burden-07": "money", "sui-ind-forum-practical-07": "the size of a bicycle"}


def count(utterances: UtteranceSet, language: Language | None = None) -> Counter[str]:
    some = [one for one in utterances.utterances if language in {None, one.language}]
    return Counter(
        risk=sum(one.is_risk and not one.is_window for one in some),
        benign=sum(one.is_benign for one in some),
        windows=sum(one.is_window for one in some),
        all=len(some),
    )


def test_english_holds_four_thousand_risk_utterances_and_two_thousand_look_alikes(utterances: UtteranceSet) -> None:
    found = count(utterances, Language.ENGLISH)
    assert found["risk"] >= 4_000
    assert found["benign"] >= 2_000


def test_there_are_three_hundred_conversations_of_several_turns(utterances: UtteranceSet) -> None:
    assert count(utterances)["windows"] >= 300


@pytest.mark.parametrize("language", [one for one in Language if one is not Language.ENGLISH])
def test_every_other_language_holds_a_hundred_and_fifty(utterances: UtteranceSet, language: Language) -> None:
    found = count(utterances, language)
    assert found["all"] >= 150
    assert found["benign"] >= 40, "look-alikes of the language show its false alarms"


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_danger_is_said_in_every_form(utterances: UtteranceSet, form: Form) -> None:
    cells = Counter(one.categories[0] for one in utterances.utterances if one.categories and one.form is form)
    assert {category for category in Category if cells[category] < FEWEST_IN_A_CELL} == set()


def test_no_family_lies_in_two_splits_and_no_id_occurs_twice(utterances: UtteranceSet) -> None:
    splits: defaultdict[str, set[Split]] = defaultdict(set)
    for one in utterances.utterances:
        splits[one.family].add(one.split)
    assert [family for family, found in splits.items() if len(found) > 1] == []
    ids = Counter(one.id for one in utterances.utterances)
    assert [name for name, times in ids.items() if times > 1] == []


def test_every_kind_of_danger_and_the_look_alikes_are_held_out_as_well(utterances: UtteranceSet) -> None:
    held_out = utterances.of(Split.TEST)
    for category in Category:
        assert sum(one.is_risk and category in one.categories for one in held_out) >= 100, category.value
    assert sum(one.is_benign for one in held_out) >= 1_000


def tells_an_amount(one: Utterance) -> bool:
    is_at_stake = one.level > 0 and not AT_STAKE.isdisjoint(one.categories) and one.form is not Form.LEETSPEAK
    return is_at_stake and one.id not in INNOCENT and any(AMOUNT.search(turn.text) for turn in one.turns)


def test_no_line_of_danger_tells_an_amount_a_dose_a_height_or_a_weight(utterances: UtteranceSet) -> None:
    assert [one.id for one in utterances.utterances if tells_an_amount(one)] == []


@pytest.mark.parametrize("said", ["7 units", "1,200 kcal", "3.5ml", "12 Tabletten", "9 kg", "two, or 2 feet"])
def test_the_search_for_amounts_finds_them(said: str) -> None:
    assert AMOUNT.search(said)


@pytest.mark.parametrize("said", ["at 3 am", "I'm 15 and", "20 minutes", "room 7", "my 2 girls"])
def test_the_search_for_amounts_leaves_other_numbers_alone(said: str) -> None:
    assert not AMOUNT.search(said)
