"""Claims about every path through every exercise, found by a small exhaustive search."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import yaml

from holdfast.care.intervention.catalogue import Catalogue, exercises
from holdfast.care.intervention.exercise import Exercise
from holdfast.care.intervention.markdown import plain
from holdfast.care.intervention.session import ExerciseSession
from holdfast.care.intervention.summary import summary

IDS = exercises().ids
Runs = Callable[[Exercise], Iterator[ExerciseSession]]


@pytest.mark.parametrize("exercise_id", IDS)
def test_every_path_ends_and_every_step_and_stop_rule_is_on_one(
    exercise_id: str, catalogue: Catalogue, all_runs: Runs
) -> None:
    exercise = catalogue.get(exercise_id)
    met: set[str] = set()
    reasons: set[str | None] = set()
    for session in all_runs(exercise):
        assert session.is_over
        assert len(session.answers) <= len(exercise.steps)
        met |= {answer.step_id for answer in session.answers}
        reasons.add(session.stopped_reason)
    assert met == {step.id for step in exercise.steps}
    assert reasons == {None, *(rule.id for rule in exercise.stop_rules)}


@pytest.mark.parametrize("exercise_id", IDS)
def test_the_step_order_is_the_files(exercise_id: str, catalogue: Catalogue, all_runs: Runs) -> None:
    """An independent reading of the raw YAML gives the same next step on every path."""
    exercise = catalogue.get(exercise_id)
    raw = yaml.safe_load(catalogue.loaded[exercise_id].path.read_text("utf-8"))
    steps = {step["id"]: step for step in raw["steps"]}
    for session in all_runs(exercise):
        path = [answer.step_id for answer in session.answers]
        values: dict[str, Any] = {}
        expected = raw["start"]
        for answer in session.answers:
            assert answer.step_id == expected, path
            values[answer.step_id] = answer.value
            expected = _next(steps[answer.step_id]["next"], values)
        assert (expected == "end") == session.is_done or session.stopped_reason is not None


def _next(rule: Any, values: dict[str, Any]) -> str:
    if isinstance(rule, str):
        return rule
    for branch in rule:
        when = branch.get("when")
        if when is None:
            return str(branch["go"])
        if when["step"] not in values:
            continue
        value = values[when["step"]]
        if (
            (when.get("skipped") and value is None)
            or ("equals" in when and value == when["equals"])
            or ("includes" in when and value is not None and when["includes"] in value)
            or ("below" in when and value is not None and value < when["below"])
            or ("at_least" in when and value is not None and value >= when["at_least"])
        ):
            return str(branch["go"])
    raise AssertionError("no branch was taken")


@pytest.mark.parametrize("exercise_id", IDS)
def test_no_path_is_longer_than_the_progress_said(exercise_id: str, catalogue: Catalogue, all_runs: Runs) -> None:
    exercise = catalogue.get(exercise_id)
    longest = max(len(session.answers) for session in all_runs(exercise))
    assert longest == exercise.flow.longest(exercise.start)


@pytest.mark.parametrize("exercise_id", IDS)
def test_every_entry_of_every_path_is_shown_back(exercise_id: str, catalogue: Catalogue, all_runs: Runs) -> None:
    for session in all_runs(catalogue.get(exercise_id)):
        shown = plain(summary(session))
        compared = {step for one in session.exercise.ending.comparisons for step in (one.before, one.after)}
        for entry in session.entries:
            words = entry.value.partition(" out of ")[0] if entry.step_id in compared else entry.value
            assert words in shown


@pytest.mark.parametrize("exercise_id", IDS)
def test_stopping_at_any_point_of_any_path_shows_back_what_was_written(
    exercise_id: str, catalogue: Catalogue, all_runs: Runs, now: datetime
) -> None:
    seen: set[tuple[str, ...]] = set()
    for session in all_runs(catalogue.get(exercise_id)):
        for count in range(len(session.answers)):
            path = tuple(answer.step_id for answer in session.answers[:count])
            if path in seen:
                continue
            seen.add(path)
            early = ExerciseSession(exercise=session.exercise, started_at=now, answers=session.answers[:count]).stop()
            assert early.stopped_reason == "person"
            shown = plain(summary(early))
            assert all(entry.value.partition(" out of ")[0] in shown for entry in early.entries)
            assert session.exercise.ending.closing not in shown
    assert seen
