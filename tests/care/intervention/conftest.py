"""Exercises, a fixed clock and a small search over every path through an exercise."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from holdfast.care.intervention.catalogue import Catalogue, exercises
from holdfast.care.intervention.exercise import Exercise
from holdfast.care.intervention.prompt import Prompt
from holdfast.care.intervention.session import ExerciseSession

SKIPPED = object()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return exercises()


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def run(catalogue: Catalogue, now: datetime) -> Callable[..., ExerciseSession]:
    """Return a function that runs an exercise on an easy path, with given values at some steps.

    A value of None skips the step. The run ends where the exercise does.
    """

    def _run(exercise_id: str, **values: Any) -> ExerciseSession:
        session = ExerciseSession.start(catalogue.get(exercise_id), now)
        while (prompt := session.step) is not None:
            name = prompt.step_id.replace("-", "_")
            value = values[name] if name in values else easy(prompt)
            session = session.skip() if value is None else session.submit(value)
        return session

    return _run


def easy(prompt: Prompt) -> Any:
    """Return a value that fits a step: the middle of a range, the first option, a short text."""
    if prompt.input.type == "number":
        return (prompt.input.low + prompt.input.high) // 2
    if prompt.kind == "choice":
        return prompt.options[0].value
    return [prompt.options[0].value] if prompt.kind == "multi_choice" else "a few words"


@pytest.fixture(scope="session")
def all_runs(now: datetime) -> Callable[[Exercise], Iterator[ExerciseSession]]:
    """Return a function that yields every finished run over values on both sides of each boundary."""

    def _walk(session: ExerciseSession) -> Iterator[ExerciseSession]:
        prompt = session.step
        if prompt is None:
            yield session
            return
        for value in telling_values(session.exercise, prompt):
            yield from _walk(session.skip() if value is SKIPPED else session.submit(value))

    return lambda exercise: _walk(ExerciseSession.start(exercise, now))


def telling_values(exercise: Exercise, prompt: Prompt) -> list[Any]:
    """Return values on each side of everything that reads this step, and a skip where it matters."""
    conditions = [b.when for s in exercise.steps for b in s.branches if b.when] + [
        rule.when for rule in exercise.stop_rules if rule.when
    ]
    own = [condition for condition in conditions if condition.step == prompt.step_id]
    skips = [SKIPPED] if any(condition.skipped is not None for condition in own) else []
    if prompt.kind == "choice":
        return [option.value for option in prompt.options] if own else [prompt.options[0].value]
    if prompt.input.type == "number":
        edges = {e for c in own for t in (c.below, c.at_least) if t is not None for e in (t - 1, t)}
        rises = {step for rule in exercise.stop_rules if rule.rise for step in (rule.rise.before, rule.rise.after)}
        middle = (prompt.input.low + prompt.input.high) // 2
        spread = {prompt.input.low, middle, prompt.input.high} if prompt.step_id in rises else {middle}
        return sorted(edges or spread) if prompt.step_id not in rises else sorted(edges | spread)
    return [easy(prompt), *skips]
