"""Claims about faithfulness: each exercise has the parts its sources describe, in their order, and nothing beyond."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from holdfast.care.education.readability import readability
from holdfast.care.intervention.catalogue import Catalogue, exercises
from holdfast.care.intervention.exercise import Exercise, Offer
from holdfast.care.intervention.inputs import NumberInput, TimerInput
from holdfast.care.intervention.introduction import introduction, references
from holdfast.care.intervention.session import ExerciseSession

IDS = exercises().ids
Runs = Callable[[Exercise], Iterator[ExerciseSession]]

# The seven columns of Greenberger and Padesky (2016), the second with its rating and the seventh a re-rating; beliefs
# are rated as in Beck and others (1979).
SEVEN_COLUMNS = [
    "situation",
    "feelings",
    "feeling-strength",
    "thought",
    "thought-belief",
    "evidence-for",
    "evidence-against",
    "balanced-thought",
    "balanced-belief",
    "thought-belief-after",
    "feeling-strength-after",
]
# Martell and others (2010) and Lejuez and others (2011): what matters, then activities, then ratings, then one of them
# planned in time and place; the if-then plan is Gollwitzer's (1999), the confidence check Bodenheimer and Handley's.
ACTIVATION = [
    "areas",
    "first-idea",
    "first-pleasure",
    "first-mastery",
    "first-difficulty",
    "when",
    "where",
    "who",
    "obstacle",
    "confidence",
    "review",
]
SENSES = ["see", "touch", "hear", "smell", "taste"]


def in_order(path: list[str], steps: list[str]) -> bool:
    places = [path.index(step) for step in steps]
    return places == sorted(places)


@pytest.mark.parametrize(
    ("exercise_id", "parts"),
    [("thought-record", SEVEN_COLUMNS), ("activity-plan", ACTIVATION)],
    ids=lambda v: str(v)[:20],
)
def test_every_finished_path_holds_every_part_in_order(
    exercise_id: str, parts: list[str], catalogue: Catalogue, all_runs: Runs
) -> None:
    finished = [session for session in all_runs(catalogue.get(exercise_id)) if session.is_done]
    assert finished
    for session in finished:
        path = [answer.step_id for answer in session.answers]
        assert set(parts) <= set(path)
        assert in_order(path, parts)


def test_the_evidence_columns_come_as_a_pair_for_before_against(catalogue: Catalogue) -> None:
    steps = [step.id for step in catalogue.get("thought-record").steps]
    assert ("evidence-for", "evidence-against") in pairwise(steps)


def test_finding_nothing_against_a_thought_leads_to_kindness_and_never_to_argument(
    run: Callable[..., ExerciseSession],
) -> None:
    path = [answer.step_id for answer in run("thought-record", evidence_against=None, friend_view=None).answers]
    after = path.index("evidence-against")
    assert path[after + 1 : after + 4] == ["friend-view", "not-now", "balanced-thought"]


def test_feelings_and_beliefs_are_rated_from_0_to_100(catalogue: Catalogue) -> None:
    inputs = [step.input for step in catalogue.get("thought-record").steps]
    ranges = {(asked.low, asked.high) for asked in inputs if isinstance(asked, NumberInput)}
    assert ranges == {(0, 100)}


@pytest.mark.parametrize(("confidence", "shrinks"), [(6, True), (7, False)])
def test_a_plan_is_made_smaller_exactly_where_confidence_is_under_7(
    run: Callable[..., ExerciseSession], confidence: int, shrinks: bool
) -> None:
    path = [answer.step_id for answer in run("activity-plan", confidence=confidence).answers]
    assert ("smaller" in path) is shrinks


@pytest.mark.parametrize(("idea", "step"), [(1, "first"), (2, "second"), (3, "third")])
@pytest.mark.parametrize(("hard", "splits"), [(7, False), (8, True)])
def test_whichever_idea_is_chosen_a_hard_one_is_split_into_a_first_piece(
    run: Callable[..., ExerciseSession], idea: int, step: str, hard: int, splits: bool
) -> None:
    values = {"first_idea": "a", "second_idea": "b", "third_idea": "c", f"{step}_difficulty": hard}
    path = [answer.step_id for answer in run("activity-plan", choose=idea, **values).answers]
    assert ("first-step" in path) is splits


def test_an_obstacle_is_always_met_with_an_if_then_plan(run: Callable[..., ExerciseSession]) -> None:
    path = [answer.step_id for answer in run("activity-plan", obstacle="tired").answers]
    assert ("obstacle", "if-then") in pairwise(path)


def test_grounding_goes_five_four_three_two_one_between_two_ratings(run: Callable[..., ExerciseSession]) -> None:
    path = [answer.step_id for answer in run("grounding-and-breathing").answers]
    assert in_order(path, ["distress-before", *SENSES, "distress-after"])
    exercise = exercises().get("grounding-and-breathing")
    for step_id, word in zip(SENSES, ("five", "four", "three", "two", "one"), strict=True):
        step = exercise.step(step_id)
        assert word in step.prompt.lower()
        assert step.skippable


def test_breathing_is_about_six_breaths_a_minute_for_two_minutes_without_holding(catalogue: Catalogue) -> None:
    timer = catalogue.get("grounding-and-breathing").step("breathe").input
    assert isinstance(timer, TimerInput)
    assert timer.breaths_per_minute == pytest.approx(6)
    assert timer.duration_s == 120
    assert timer.hold_s == 0
    assert timer.exhale_s > timer.inhale_s


@pytest.mark.parametrize("said", ["dizzy", "worse"])
def test_breathing_that_feels_bad_is_met_with_care_before_the_rating(
    run: Callable[..., ExerciseSession], said: str
) -> None:
    path = [a.step_id for a in run("grounding-and-breathing", way="breathing", breath_check=said).answers]
    assert path[path.index("breath-check") + 1] in ("own-pace", "eyes-open")


@pytest.mark.parametrize("word", ["dizzy", "asthma", "pregnant", "bad memories", "eyes open"])
def test_breathing_says_whom_it_may_not_suit(catalogue: Catalogue, word: str) -> None:
    exercise = catalogue.get("grounding-and-breathing")
    words = introduction(exercise) + " ".join(f"{s.prompt} {s.help} {s.input}" for s in exercise.steps)
    assert word in words


@pytest.mark.parametrize("exercise_id", IDS)
def test_no_step_asks_for_trauma_or_exposure(exercise_id: str, catalogue: Catalogue) -> None:
    beyond = re.compile(
        r"\b(trauma|abuse|flashback|memor(y|ies)|worst|relive|feared|exposure|childhood)", re.IGNORECASE
    )
    assert not [step.id for step in catalogue.get(exercise_id).steps if beyond.search(step.prompt)]


@pytest.mark.parametrize("exercise_id", IDS)
def test_danger_is_the_first_contraindication_and_mania_or_psychosis_lead_to_a_human(
    exercise_id: str, catalogue: Catalogue
) -> None:
    lines = catalogue.get(exercise_id).contraindications
    assert "in danger" in lines[0].when
    assert lines[0].offer is Offer.HELP_NOW
    human = " ".join(line.when for line in lines if line.offer is Offer.HUMAN)
    assert "hear or see things" in human
    assert "hardly need sleep" in human


@pytest.mark.parametrize("exercise_id", IDS)
def test_contraindications_are_shown_in_full_before_anything_is_asked(exercise_id: str, catalogue: Catalogue) -> None:
    exercise = catalogue.get(exercise_id)
    text = introduction(exercise)
    for line in exercise.contraindications:
        assert f"- {line.when} {line.instead}" in text
    assert not [step.id for step in exercise.steps if step.prompt in text]


@pytest.mark.parametrize("exercise_id", IDS)
def test_sources_are_named_and_nobody_is_said_to_have_reviewed_it(exercise_id: str, catalogue: Catalogue) -> None:
    exercise = catalogue.get(exercise_id)
    text = references(exercise)
    assert all(f"({work.year}). {work.title}. {work.publisher}." in text for work in exercise.evidence)
    assert "Review: not yet reviewed by a clinician or a person with lived experience" in text


@pytest.mark.parametrize("exercise_id", IDS)
def test_an_exercise_reads_at_or_under_us_grade_6_and_never_shouts(exercise_id: str, catalogue: Catalogue) -> None:
    exercise = catalogue.get(exercise_id)
    words = [introduction(exercise), exercise.ending.opening, exercise.ending.closing]
    words += [rule.text for rule in exercise.stop_rules]
    words += [text for step in exercise.steps for text in (step.prompt, step.help, step.example) if text]
    scores = readability("\n\n".join(words))
    assert max(scores.flesch_kincaid_grade, scores.automated_readability_index) <= 6
    assert "!" not in "".join(words)
