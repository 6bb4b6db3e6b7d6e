"""Claims about reading what a person typed."""

import pytest

from holdfast.care.assessment.catalogue import Catalogue
from holdfast.care.assessment.entry import Command, read_command, read_option


@pytest.mark.parametrize(("text", "value"), [
    ("2", 2), (" 2. ", 2), ("More than half the days", 2), ("NEARLY EVERY DAY!", 3), ("several", 1), ("not at all", 0),
    ("4", None), ("-1", None), ("", None), ("no", None), ("2 or 3", None), ("I feel tired", None), ("ever", None),
    ("٢", 2), ("\u202enot at all", None), ("🙂", None), ("9" * 5000, None),
])  # fmt: skip
def test_frequency_answers_are_read_by_label_or_number(catalogue: Catalogue, text: str, value: int | None) -> None:
    assert read_option(text, catalogue.get("phq-9").options or ()) == value


@pytest.mark.parametrize(("text", "value"), [
    ("2", None), ("3", None), ("1 or 2", 0), ("3 or 4", 1), ("7, 8, or 9", 3), ("10 or more", 4), ("10", None),
])  # fmt: skip
def test_a_bare_number_is_not_guessed_where_labels_hold_numbers(
    catalogue: Catalogue, text: str, value: int | None
) -> None:
    drinks = catalogue.get("audit-c").item("2")
    assert read_option(text, drinks.options or ()) == value


def test_a_start_that_fits_two_answers_fits_none(catalogue: Catalogue) -> None:
    often = catalogue.get("audit-c").item("1").options or ()
    assert read_option("2 to", often) is None
    assert read_option("2 to 4", often) == 2


@pytest.mark.parametrize(
    ("text", "value"), [("yes", 1), ("Y", 1), ("yeah", 1), ("No.", 0), ("nope", 0), ("maybe", None)]
)
def test_yes_and_no_are_read_as_people_say_them(catalogue: Catalogue, text: str, value: int | None) -> None:
    assert read_option(text, catalogue.get("asq").options or ()) == value


@pytest.mark.parametrize(("text", "command"), [
    ("Skip", Command.SKIP), ("rather not say.", Command.SKIP), ("go back", Command.BACK), ("STOP!", Command.STOP),
    ("start again", Command.AGAIN), ("answer them", Command.REOPEN), ("stop it hurts", None), ("", None),
])  # fmt: skip
def test_commands_are_read_only_when_they_are_all_that_was_said(text: str, command: Command | None) -> None:
    assert read_command(text) == command


def test_no_answer_of_any_instrument_reads_as_a_command_or_as_another_answer(catalogue: Catalogue) -> None:
    for instrument in catalogue:
        for item in instrument.items:
            options = instrument.options_of(item)
            for option in options:
                assert read_command(option.label) is None
                assert read_option(option.label, options) == option.value
