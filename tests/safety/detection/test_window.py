"""Claims about the running window: answers, accumulation, denial after disclosure."""

from collections.abc import Callable

import pytest

from holdfast.safety.detection import Category, Detection, Level

Detect = Callable[..., Detection]
ASKED = ("assistant", "I want to ask you directly. Are you thinking about suicide?")


@pytest.mark.parametrize("answer", ["yes", "yeah sometimes", "a bit", "i guess so", "Every day", "yep"])
def test_yes_to_the_question_is_a_crisis(detect: Detect, answer: str) -> None:
    verdict = detect("rough week", ASKED, answer)
    assert verdict.level is Level.CRISIS
    assert [piece.turn for piece in verdict.evidence] == [2]


@pytest.mark.parametrize("answer", ["no", "nope", "not at all", "No, nothing like that"])
def test_no_to_the_question_is_no_risk(detect: Detect, answer: str) -> None:
    assert detect("rough week", ASKED, answer).level is Level.NONE


@pytest.mark.parametrize("answer", ["i don't know", "not sure", "I'd rather not say"])
def test_neither_yes_nor_no_is_asked_about(detect: Detect, answer: str) -> None:
    assert detect(ASKED, answer).level is Level.CONCERN


def test_safety_is_asked_the_other_way_round(detect: Detect) -> None:
    assert detect(("assistant", "Are you safe right now?"), "no").level is Level.CRISIS
    assert detect(("assistant", "Are you safe right now?"), "yes").level is Level.NONE


def test_yes_to_a_harmless_question_is_no_risk(detect: Detect) -> None:
    assert detect(("assistant", "Would you like to try a breathing exercise?"), "yes").level is Level.NONE


def test_a_denial_after_a_disclosure_lowers_nothing(detect: Detect) -> None:
    assert (
        detect("i want to kill myself", ("assistant", "Are you safe?"), "forget it, i was joking").level is Level.CRISIS
    )


INTRO = (
    "You are in danger, or you have thoughts of ending your life or of hurting yourself? Open Help now."
    "\n\nWould you like to start?"
)


@pytest.mark.parametrize("answer", ["yes", "yeah", "Yes please", "several days", "nearly every day"])
@pytest.mark.parametrize(
    "words",
    [
        INTRO,
        INTRO.replace("yourself?", "yourself."),
        "How often have you been bothered by this?\n\nThoughts that you would be better off dead",
        'You can ask them plainly: "Are you thinking about killing yourself?" It often comes as a relief.',
    ],
)
def test_an_answer_attaches_to_a_question_about_risk_and_not_to_a_warning(
    detect: Detect, words: str, answer: str
) -> None:
    assert detect(("assistant", words), answer).level is Level.NONE


def test_a_question_about_risk_is_answered_also_when_another_follows(detect: Detect) -> None:
    words = "Are you thinking about killing yourself? Is there someone you trust whom you could call?"
    assert detect(("assistant", words), "yes").level is Level.CRISIS


def test_is_that_so_asks_what_was_said_before_it(detect: Detect) -> None:
    words = "Some people think about ending their life. Is that happening for you?"
    assert detect(("assistant", words), "yes").level is Level.CRISIS


def test_small_signs_over_several_turns_add_up(detect: Detect) -> None:
    turns = ["i feel hopeless", "everyone is sick of me", "gave my records away to my nephew", "goodbye then"]
    alone = [detect(turn).level for turn in turns]
    assert max(alone) < Level.CRISIS
    assert detect(*turns).level is Level.CRISIS
    assert detect(*turns).categories[0] is Category.SUICIDE


def test_only_the_person_is_evidence(detect: Detect) -> None:
    verdict = detect(
        ("assistant", "Some people say: I want to die."), "that sounds sad", ("assistant", "I want to die")
    )
    assert verdict.level is Level.NONE


def test_evidence_points_into_the_turn_it_was_found_in(detect: Detect) -> None:
    said = ["hello", "well… I’m 💔 and i want to k1ll myself", "ok"]
    verdict = detect(*said)
    texts = {said[piece.turn][piece.start : piece.end] for piece in verdict.evidence}
    assert "k1ll myself" in texts


def test_an_old_disclosure_leaves_the_window_only_after_many_turns(detect: Detect) -> None:
    assert detect("i want to die", *["fine"] * 11).level is Level.CRISIS
    assert detect("i want to die", *["fine"] * 12).level is Level.NONE
