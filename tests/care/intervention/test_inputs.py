"""Claims about how answers are read: generous with form, strict with meaning, silent about what was written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.care.intervention.inputs import (
    ChoiceInput,
    LongTextInput,
    MultiChoiceInput,
    NoInput,
    NumberInput,
    Option,
    TextInput,
    TimerInput,
)
from holdfast.errors import InputError

RATING = NumberInput(type="number", low=0, high=10, low_label="none", high_label="most")
PERCENT = NumberInput(type="number", low=0, high=100, low_label="none", high_label="most")
OPTIONS = (
    Option(value="people", label="People: friends, family"),
    Option(value="home", label="Home."),
    Option(value="joy", label="Play and joy"),
)
ONE = ChoiceInput(type="choice", options=OPTIONS)
SOME = MultiChoiceInput(type="multi_choice", options=OPTIONS, at_most=2)


@pytest.mark.parametrize(
    ("said", "number"),
    [(0, 0), (10, 10), ("7", 7), (" 7 ", 7), ("7/10", 7), ("7 out of 10", 7), ("7.", 7), ("Seven", 7), ("zero", 0)],
)
def test_a_rating_is_read_however_it_is_written(said: object, number: int) -> None:
    assert RATING.accept(said, ()) == number


@pytest.mark.parametrize(
    "said",
    [
        11, -1, "11", "-1", "7.5", 7.0, "7/100", "70%", "", "lots", "7 8", True, None, [7], "1e1", "٧٧", "9" * 400,
        float("nan"), float("inf"),
    ],
)  # fmt: skip
def test_what_is_no_rating_in_range_is_refused(said: object) -> None:
    with pytest.raises(InputError, match="Answer must be a whole number from 0 to 10; give one"):
        RATING.accept(said, ())


def test_a_percentage_is_read_only_on_a_scale_to_100() -> None:
    assert PERCENT.accept("70%", ()) == 70


@given(st.integers(0, 100))
def test_every_number_in_range_is_taken_as_it_is(number: int) -> None:
    assert (
        PERCENT.accept(number, ()) == PERCENT.accept(str(number), ()) == PERCENT.accept(f"{number}/100", ()) == number
    )


@pytest.mark.parametrize("said", ["people", "PEOPLE", "people: friends, family", "1", 1, " 1. "])
def test_a_choice_is_read_by_value_label_or_place(said: object) -> None:
    assert ONE.accept(said, OPTIONS) == "people"


@pytest.mark.parametrize("said", ["", "0", "4", "peo", None, True, ["people"], "people home"])
def test_what_names_no_option_is_refused(said: object) -> None:
    with pytest.raises(InputError, match="Answer must be one of the 3 options"):
        ONE.accept(said, OPTIONS)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("1", ("people",)),
        ("3, 1", ("people", "joy")),
        ("1 and 2", ("people", "home")),
        ("home;joy", ("home", "joy")),
        (["joy", "home"], ("home", "joy")),
        ("Play and joy", ("joy",)),
        ("people: friends, family", ("people",)),
        ("1, 1", ("people",)),
        (2, ("home",)),
    ],
)
def test_several_choices_are_kept_once_each_in_the_files_order(said: object, values: tuple[str, ...]) -> None:
    assert SOME.accept(said, OPTIONS) == values


@pytest.mark.parametrize("said", ["", [], "1,2,3", "1, nine", None, {"a": 1}, ["people", 9]])
def test_too_few_too_many_or_unknown_choices_are_refused(said: object) -> None:
    with pytest.raises(InputError, match="Answer must be 1 to 2 of the options"):
        SOME.accept(said, OPTIONS)


def test_text_is_trimmed_and_freed_of_control_characters_but_not_of_other_scripts() -> None:
    assert TextInput(type="text").accept("  a\x00b\r\n\tc שלום 🙂 ", ()) == "ab\n\tc שלום 🙂"


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "at least one word, got none"),
        (" \n\t\x00", "at least one word, got none"),
        ("x" * 301, "at most 300 characters, got 301"),
        ("x" * 1_000_000, "at most 300 characters, got 1,000,000"),
        ("a \ud83d b", "readable text, got broken characters"),
        (None, "must be text, got a NoneType"),
        (3, "must be text, got a int"),
    ],
)
def test_text_that_cannot_be_kept_is_refused(said: object, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        TextInput(type="text").accept(said, ())


@pytest.mark.parametrize("asked", [RATING, ONE, SOME, TextInput(type="text"), LongTextInput(type="long_text")])
def test_no_refusal_quotes_what_was_written(asked: Any) -> None:
    private = "my very own words " * 600
    with pytest.raises(InputError, match="Answer must") as caught:
        asked.accept(private, OPTIONS)
    assert "very own" not in str(caught.value)


@pytest.mark.parametrize("asked", [NoInput(type="none"), TimerInput(type="timer", inhale_s=4, exhale_s=6, rounds=12)])
@pytest.mark.parametrize("said", [None, "", "ok", 3, "x" * 1_000_000])
def test_reading_and_breathing_take_any_reply(asked: Any, said: object) -> None:
    assert asked.accept(said, ()) == "done"


def test_a_breathing_pattern_can_be_followed_from_its_words_alone() -> None:
    hint = TimerInput(type="timer", inhale_s=4, hold_s=2, exhale_s=6, rounds=10).hint(())
    for words in ("in while you count to 4", "Hold gently for 2", "out while you count to 6", "10 times"):
        assert words in hint
