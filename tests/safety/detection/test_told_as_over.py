"""Claims about signs told as over, wounds with an everyday cause, farewells to a job, and talk of study."""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Detection, Level

Detect = Callable[..., Detection]


@pytest.mark.parametrize(
    "said",
    [
        "I was suicidal for a while when the factory closed, but it passed",
        "At seventeen I tried to end my life. I have been well for twenty years.",
        "Self-harm was part of my teens. I'm fine these days.",
        "I used to hear voices as a student, nothing since",
        "I made myself sick at boarding school, never went back to it, and that was decades ago",
    ],
)
def test_a_past_that_is_told_as_over_is_at_most_a_notice(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "I was suicidal at seventeen, I got well, and now it is back",
        "At seventeen I tried to end my life. I was fine for years. Lately I want to die again.",
        "Five years clean and last night I cut myself again",
        "I've been making myself sick since I was at school",
        "I haven't eaten since Thursday and I am fine with it, I feel so fat",
    ],
)
def test_a_past_that_goes_on_or_returns_is_at_least_a_concern(detect: Detect, said: str) -> None:
    assert detect(said).level >= Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "my arms are a mess, I spent Sunday pruning the roses",
        "cuts all over my hands, I'm an apprentice joiner",
        "my legs are covered, midges again",
        "banged my head on the cupboard again",
    ],
)
def test_wounds_laid_to_a_pet_a_job_or_an_accident_are_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "I tell everyone it was the cat but I hurt myself",
        "cuts all over my arms, I said it was the roses, it was on purpose",
        "I'm an apprentice joiner and I cut myself every night to cope",
        "my daughter says it's the rabbit, but she hides her arms and there are fresh cuts",
    ],
)
def test_a_cover_story_excuses_nothing(detect: Detect, said: str) -> None:
    assert detect(said).level >= Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "goodbye everybody, my last shift at the bakery, see you on the other side of retirement",
        "I said goodbye to everyone at the office and handed my notice period over",
    ],
)
def test_a_farewell_to_a_job_is_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


def test_a_farewell_to_a_job_with_despair_beside_it_still_counts(detect: Detect) -> None:
    said = "I said goodbye to everyone at the office. Nobody knows I won't be alive by Monday, I want to die."
    assert detect(said).level is Level.CRISIS


@pytest.mark.parametrize(
    "said",
    [
        "My coursework module is on self-harm and the word count is huge",
        "We have a training day next week on suicide, is there a good reading list",
    ],
)
def test_a_name_of_the_matter_in_talk_of_study_is_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


def test_ones_own_state_beside_talk_of_study_still_counts(detect: Detect) -> None:
    assert detect("My dissertation is due and I am suicidal").level >= Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "Weighed in at the slimming club, lost two pounds, then home for a lovely pie",
        "After the dentist I can only manage soup and my face is puffy, so I skipped dinner",
    ],
)
def test_weight_and_appetite_beside_an_ailment_or_a_club_are_no_alarm(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "I'm ready to throw in the towel on living",
        "They wrote kys under my picture and I think I will",
        "there is nothing left to stay for and I know it",
        "he posted goodbye and now his phone is off",
        "someone keeps whispering my name from the vents",
        "my wife has been swapped, the woman here is not her",
        "I bring it all back up after dinner and nobody hears",
        "I acted on my urges and I'm meant to fill in the diary card for group",
    ],
)
def test_danger_in_everyday_words_is_at_least_a_concern(detect: Detect, said: str) -> None:
    assert detect(said).level >= Level.CONCERN
