"""Claims about telling words that lean on a conversation from those that do not."""

import pytest

from holdfast.safety.crisis.leaning import is_leaning, is_returning, sounds_well


@pytest.mark.parametrize(
    "said",
    [
        "it's back",
        "yes i am thinking about it",
        "I still feel that way",
        "they never left, still here",
        "not ok",
        "worse",
    ],
)
def test_short_words_about_what_was_said_lean(said: str) -> None:
    assert is_leaning(said)


@pytest.mark.parametrize(
    "said",
    [
        "thank you, that helped",
        "it is better now",
        "what is that?",
        "can we do that again?",
        "how does it work",
        "sleep",
        "",
        "yesterday we walked along the river with the dog and it was sunny and warm and nobody spoke",
    ],
)
def test_thanks_questions_and_stories_do_not_lean(said: str) -> None:
    assert not is_leaning(said)


def test_a_return_of_thoughts_is_told_from_a_return_of_anything() -> None:
    assert is_returning("are the thoughts coming back?")
    assert is_returning("I feel the same")
    assert not is_returning("I came back from work")


def test_not_better_does_not_sound_well() -> None:
    assert sounds_well("I feel much better")
    assert not sounds_well("I do not feel any better")
    assert not sounds_well("it isn't ok")
