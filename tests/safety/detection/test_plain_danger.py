"""Claims about danger said in few plain words, and about the everyday sentences that share those words."""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Detection, Level, Subject

Detect = Callable[..., Detection]


@pytest.mark.parametrize(
    "said",
    [
        "i am not safe",
        "I'm not safe",
        "I don't feel safe",
        "i dont feel safe right now",
        "I have the pills here",
        "I have the pills ready",
        "I've written the note",
        "I've written my note",
        "I took them all",
        "took them all",
        "goodbye everyone",
        "Goodbye everyone.",
    ],
)
def test_danger_in_few_words_is_at_least_a_concern_about_oneself(detect: Detect, said: str) -> None:
    verdict = detect(said)
    assert verdict.level >= Level.CONCERN
    assert verdict.subject is Subject.SELF


@pytest.mark.parametrize(
    "said", ["I did it", "i'm going to do it", "I took them", "i am thinking about it", "I still feel that way"]
)
def test_words_that_lean_on_what_was_said_count_only_beside_it(detect: Detect, said: str) -> None:
    assert detect(said).level is Level.NONE
    beside = detect("I want to die", ("assistant", "I am glad you told me."), said)
    assert any(piece.turn == 2 and piece.level >= Level.CONCERN for piece in beside.evidence)


def test_a_deed_after_means_at_hand_is_a_concern(detect: Detect) -> None:
    verdict = detect("I have the pills", ("assistant", "Thank you for telling me."), "I did it")
    assert {piece.turn for piece in verdict.evidence} == {0, 2}


@pytest.mark.parametrize(
    "said",
    [
        "I did it! I passed my exam",
        "I'm going to do it, I'm asking her out",
        "road safety is poor and this road is not safe",
        "i am not safe on the road at night with these drivers",
        "I don't feel safe driving in the snow",
        "I don't feel safe with this app and my data",
        "is it safe to take ibuprofen",
        "I took them all to the park",
        "took them all swimming",
        "I took them all back to the library",
        "i have the pills here that my doctor prescribed",
        "i have the pills the doctor gave me",
        "i've written my notes for the exam",
        "I wrote a note to my landlord",
        "thank you so much for everything this year, goodbye everyone",
        "goodbye everyone, see you next week",
        "I still feel that way about the film",
    ],
)
def test_everyday_sentences_with_the_same_words_stay_below_concern(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


def test_each_sign_says_whom_it_is_about(detect: Detect) -> None:
    verdict = detect("I want to kill myself", ("assistant", "..."), "my friend just took an overdose")
    assert {piece.subject for piece in verdict.evidence if piece.turn == 0} == {Subject.SELF}
    assert {piece.subject for piece in verdict.evidence if piece.turn == 2} == {Subject.OTHER}
