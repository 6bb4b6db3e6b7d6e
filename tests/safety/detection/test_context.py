"""Claims about what surrounds a sign: denial, idiom, fiction, others, time, questions."""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Category, Detection, Level, Subject, Tense

Detect = Callable[..., Detection]


@pytest.mark.parametrize(
    "said",
    [
        "I'm not suicidal",
        "I would never hurt myself",
        "I don't want to die",
        "no thoughts of suicide at all",
        "I never said I want to die",
    ],
)
def test_a_denial_is_at_most_a_notice(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "I don't want to live",
        "I can't stop thinking about killing myself",
        "I'm not okay, I want to die",
        "im not okay i want to die",
        "I do not know if I want to live but I want to die today",
        "I'm not joking, I'm going to kill myself",
        "no one knows I want to die",
    ],
)
def test_a_not_that_denies_something_else_changes_nothing(detect: Detect, said: str) -> None:
    assert detect(said).level is Level.CRISIS


@pytest.mark.parametrize(
    "said",
    [
        "this exam is killing me",
        "dying of laughter",
        "we have an hour to kill time",
        "I bombed the interview",
        "shoot me an email",
        "the Suicide Squad film was fun",
        "mum is going to kill me when she sees the carpet",
        "I'd kill for a coffee",
    ],
)
def test_a_manner_of_speaking_is_no_risk(detect: Detect, said: str) -> None:
    assert detect(said).level is Level.NONE


def test_an_idiom_beside_a_sign_does_not_excuse_the_sign(detect: Detect) -> None:
    assert detect("this exam is killing me and I want to end my life").level is Level.CRISIS


def test_a_laugh_softens_but_does_not_silence(detect: Detect) -> None:
    assert detect("i want to die lol").level is Level.CONCERN


@pytest.mark.parametrize(
    "said",
    [
        "In the novel I'm writing the hero wants to die",
        'The poem says "I want to die", what does it mean',
        "I keep dying in the game",
        "my D&D character killed herself",
    ],
)
def test_fiction_and_games_are_no_risk(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


@pytest.mark.parametrize("said", ["what are the warning signs of suicide?", "How common is self-harm in teenagers?"])
def test_a_question_to_learn_is_at_most_a_notice(detect: Detect, said: str) -> None:
    assert detect(said).level <= Level.NOTICE


def test_a_worried_friend_is_not_the_person_at_risk(detect: Detect) -> None:
    verdict = detect("my friend says she wants to die and I don't know what to do")
    assert verdict.level is Level.CRISIS
    assert verdict.subject is Subject.OTHER


def test_a_past_disclosure_is_not_current_intent(detect: Detect) -> None:
    verdict = detect("I attempted suicide two years ago, I'm ok now")
    assert (verdict.level, verdict.tense, verdict.subject) == (Level.NOTICE, Tense.PAST, Subject.SELF)


def test_a_past_that_returns_is_a_crisis_now(detect: Detect) -> None:
    verdict = detect("I tried to kill myself last year and I'm thinking about it again")
    assert (verdict.level, verdict.tense) == (Level.CRISIS, Tense.PRESENT)


def test_a_return_of_something_harmless_is_nothing(detect: Detect) -> None:
    assert detect("my headache is back again, thinking about it again").level is Level.NONE


def test_what_another_person_makes_one_feel_is_about_oneself(detect: Detect) -> None:
    assert detect("he makes me want to die").subject is Subject.SELF


def test_a_threat_from_a_partner_is_abuse_of_oneself(detect: Detect) -> None:
    verdict = detect("my husband said he will kill me if I leave")
    assert verdict.level is Level.CRISIS
    assert Category.ABUSE_OR_NEGLECT in verdict.categories
    assert verdict.subject is Subject.SELF


@pytest.mark.parametrize(
    "text",
    ["No, I have never thought about ending my life", "no i never wanted to kill myself", "no he has never hurt me"],
)
def test_a_no_that_answers_and_a_never_after_it_are_one_denial(detect: Callable[..., Detection], text: str) -> None:
    assert detect(text).level <= Level.NOTICE


@pytest.mark.parametrize("text", ["no, I want to die", "no i want to kill myself", "No. he hits me every night"])
def test_a_no_that_answers_denies_nothing_after_it(detect: Callable[..., Detection], text: str) -> None:
    assert detect(text).level >= Level.CONCERN
