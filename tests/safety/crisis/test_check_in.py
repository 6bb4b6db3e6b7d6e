"""Claims about the check-in: only explicit safe answers to every question clear a state."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from holdfast.errors import InputError, UnknownNameError
from holdfast.safety.crisis.check_in import Progress, answer_check_in, begin_check_in, next_question, stop_check_in
from holdfast.safety.crisis.clearing import clear_by_steward
from holdfast.safety.crisis.protocol import load_protocol
from holdfast.safety.crisis.state import ClearedBy, CrisisState
from holdfast.safety.detection.verdict import Category, Level, Subject

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCRIPT = load_protocol().value.check_in


def _state(category: Category, subject: Subject = Subject.SELF, level: Level = Level.CRISIS) -> CrisisState:
    return CrisisState(level=level, categories=(category,), subject=subject, since=NOW, updated=NOW)


@pytest.mark.parametrize("subject", list(Subject))
@pytest.mark.parametrize("category", list(Category))
def test_safe_answers_to_every_question_clear_the_state(category: Category, subject: Subject) -> None:
    step = begin_check_in(_state(category, subject), SCRIPT, NOW)
    while step.question is not None:
        safe = next(answer for answer in step.question.choices if answer.is_safe)
        step = answer_check_in(step.state, SCRIPT, step.question.id, safe.id, NOW)
    assert step.progress is Progress.CLEARED
    assert step.state == CrisisState(updated=NOW, cleared_by=ClearedBy.CHECK_IN)


@pytest.mark.parametrize("category", list(Category))
def test_no_other_combination_of_answers_clears(category: Category) -> None:
    """Walk every combination of answers: it clears if and only if each answer is a safe one."""
    start = _state(category, level=Level.CONCERN)
    asked = SCRIPT.asked(start.categories, start.subject)
    for answers in product(*(SCRIPT.answers(question) for question in asked)):
        step = begin_check_in(start, SCRIPT, NOW)
        for question, answer in zip(asked, answers, strict=True):
            step = answer_check_in(step.state, SCRIPT, question.id, answer.id, NOW)
            if step.progress is Progress.RAISED:
                break
        expected = (
            Progress.RAISED
            if any(answer.raises for answer in answers)
            else Progress.CLEARED
            if all(answer.is_safe for answer in answers)
            else Progress.KEPT
        )
        assert step.progress is expected
        assert (
            step.state.level is {"raised": Level.CRISIS, "cleared": Level.NONE, "kept": Level.CONCERN}[expected.value]
        )


def test_suicide_is_asked_about_directly_in_every_check_in_about_oneself() -> None:
    for category in Category:
        assert "suicide-now" in {q.id for q in SCRIPT.asked((category,), Subject.SELF)}


def test_a_raising_answer_stops_the_questions_at_once() -> None:
    step = begin_check_in(_state(Category.SUICIDE, level=Level.CONCERN), SCRIPT, NOW)
    step = answer_check_in(step.state, SCRIPT, "suicide-now", "yes", NOW)
    assert step.progress is Progress.RAISED
    assert step.question is None
    assert step.state.level is Level.CRISIS
    assert step.state.check_in is None


def test_a_raising_answer_in_a_calm_state_opens_a_crisis() -> None:
    step = begin_check_in(CrisisState(), SCRIPT, NOW)
    step = answer_check_in(step.state, SCRIPT, "safe-now", "no", NOW)
    assert (step.state.level, step.state.since) == (Level.CRISIS, NOW)


def test_an_answer_can_be_changed_and_the_last_one_counts() -> None:
    step = begin_check_in(_state(Category.SUICIDE), SCRIPT, NOW)
    step = answer_check_in(step.state, SCRIPT, "safe-now", "not-sure", NOW)
    step = answer_check_in(step.state, SCRIPT, "safe-now", "yes", NOW)
    assert step.state.check_in == (("safe-now", "yes"),)


def test_a_denial_in_passing_is_no_answer() -> None:
    question = next_question(begin_check_in(_state(Category.SUICIDE), SCRIPT, NOW).state, SCRIPT)
    assert question is not None
    for words in ("I'm fine lol", "never mind", "it was a joke", "yes but only just", "no worries", "haha no"):
        assert not any(answer.is_meant_by(words) for answer in SCRIPT.answers(question))


def test_an_answer_without_a_check_in_is_refused() -> None:
    with pytest.raises(InputError, match="Check-in must be under way, got none"):
        answer_check_in(_state(Category.SUICIDE), SCRIPT, "safe-now", "yes", NOW)


def test_unknown_questions_and_answers_are_refused() -> None:
    begun = begin_check_in(_state(Category.SUICIDE), SCRIPT, NOW).state
    with pytest.raises(UnknownNameError, match="Question must be a known id, got 'safe'"):
        answer_check_in(begun, SCRIPT, "safe", "yes", NOW)
    with pytest.raises(UnknownNameError, match="Answer must be a known id, got 'sure'"):
        answer_check_in(begun, SCRIPT, "safe-now", "sure", NOW)


def test_stopping_leaves_the_state_standing() -> None:
    state = _state(Category.SUICIDE)
    stopped = stop_check_in(begin_check_in(state, SCRIPT, NOW).state, NOW)
    assert stopped == replace(state, check_in=None)


def test_a_steward_clears_by_name_and_never_anonymously() -> None:
    assert clear_by_steward(" R. Okafor ", NOW).cleared_name == "R. Okafor"
    with pytest.raises(InputError, match="Steward name must not be blank"):
        clear_by_steward("  ", NOW)
