"""Claims about commands: whole messages only, and help reaches past whatever is under way."""

import pytest

from holdfast.safety.crisis.commands import AskRegion, PickRegion, ShowNumbers, StartCheckIn, parse_command

REGIONS = {"GB": "United Kingdom"}


@pytest.mark.parametrize("said", ["help", "Help me!", "please help", "help now", "help me please"])
def test_help_shows_numbers_while_something_is_under_way(said: str) -> None:
    assert parse_command(said, REGIONS, is_engaged=True) == ShowNumbers()


@pytest.mark.parametrize("said", ["help", "help me"])
def test_a_bare_help_in_a_calm_chat_is_left_to_the_menu(said: str) -> None:
    assert parse_command(said, REGIONS) is None


@pytest.mark.parametrize(
    "said", ["I need help now", "please help me", "help me please", "somebody help me", "help, help"]
)
def test_a_cry_for_help_shows_numbers_anywhere(said: str) -> None:
    assert parse_command(said, REGIONS) == ShowNumbers()


@pytest.mark.parametrize(
    "said",
    ["help me with my sleep", "I need help with my essay now", "that helps", "help me breathe", "how can you help"],
)
def test_help_within_a_sentence_is_no_command(said: str) -> None:
    assert parse_command(said, REGIONS, is_engaged=True) is None


def test_labels_typed_out_do_what_their_buttons_do() -> None:
    assert parse_command("Check in with me", REGIONS) == StartCheckIn()
    assert parse_command("People you can reach", REGIONS) == ShowNumbers()


def test_a_place_nobody_knows_asks_for_the_country_only_where_the_form_is_used() -> None:
    assert parse_command("region: Atlantis", REGIONS) == AskRegion()
    assert parse_command("country roads take me home", REGIONS) is None
    assert parse_command("country: united kingdom", REGIONS) == PickRegion("GB")
