"""Claims about telling a crisis from a lesser danger: taught on vectors alone, and slow to cry crisis."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from holdfast.safety.detection.verdict import Category, Level, Subject, Tense
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.gravity_head import GRAVITY, GravityHead
from holdfast.safety.learned.linear_head import LinearHead
from holdfast.safety.utterances.utterance import Form, Language, Split, Utterance
from holdfast.turn import Role, Turn

pytest.importorskip("sklearn", reason="the metric extra is not installed")

from holdfast.safety.learned.training.gravity_fitting import OVERCALLED, teach_gravity

LINE = LinearHead(weights=np.array([2, -3], dtype=np.float32), offset=np.array([0.5], dtype=np.float32))
HEAD = GravityHead(line=LINE, least=0.6)


def line(number: int, grave: bool, level: Level | None = None, turns: int = 1) -> Utterance:
    """Return a line whose number is its text."""
    return Utterance(
        id=f"{grave}-{number}",
        family=f"f{number}",
        split=Split.TRAIN,
        turns=(Turn(Role.PERSON, f"{int(grave)} {number}"),) * turns,
        level=level or (Level.CRISIS if grave else Level.CONCERN),
        categories=(Category.SUICIDE,),
        form=Form.PLAIN,
        subject=Subject.SELF,
        tense=Tense.PRESENT,
        language=Language.ENGLISH,
    )


def noisy(texts: Sequence[str]) -> Vectors:
    """Return points on a line: crises about 1, lesser dangers about -1, each scattered by its number alone."""
    found = []
    for text in texts:
        grave, number = map(int, text.split())
        found.append([2 * grave - 1 + np.random.default_rng(number + 10_000 * grave).normal(), 0.0])
    return np.array(found, dtype=np.float32)


LINES = [line(number, grave) for number in range(400) for grave in (True, False)]
HELD = [line(number, grave) for number in range(1_000, 1_400) for grave in (True, False)]


def test_probabilities_are_those_of_logistic_regression() -> None:
    vector = np.array([[0.3, 0.1]], dtype=np.float32)
    assert HEAD.probabilities(vector) == pytest.approx([1 / (1 + np.exp(-(2 * 0.3 - 3 * 0.1 + 0.5)))])
    assert HEAD.is_grave(vector[0])
    assert not HEAD.is_grave(-vector[0])


def test_what_is_stored_is_read_back_and_a_model_without_it_has_none() -> None:
    found = GravityHead.read({GRAVITY: {"least": 0.6}}, LINE.tensors(GRAVITY))
    assert found is not None
    assert (found.line.weights == LINE.weights).all()
    assert (found.line.offset, found.least) == (LINE.offset, 0.6)
    assert GravityHead.read({}, {}) is None


@pytest.mark.parametrize("least", [0.0, 1.5, float("nan")])
def test_a_least_gravity_that_is_no_probability_is_refused(least: float) -> None:
    with pytest.raises(ValueError, match="least gravity"):
        replace(HEAD, least=least)


@pytest.mark.parametrize("change", [{"weights": np.ones((2, 2))}, {"offset": np.ones(2)}])
def test_a_damaged_line_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="linear weights"):
        replace(LINE, **change)


def test_no_more_lesser_dangers_pass_than_stated_of_those_held_out() -> None:
    found = teach_gravity(noisy, LINES, HELD)
    assert found is not None
    passed = [found.head.is_grave(vector) for vector in noisy([one.text for one in HELD])]
    lesser = [is_passed for one, is_passed in zip(HELD, passed, strict=True) if one.level is Level.CONCERN]
    crises = [is_passed for one, is_passed in zip(HELD, passed, strict=True) if one.level is Level.CRISIS]
    assert OVERCALLED - 0.02 < np.mean(lesser) <= OVERCALLED
    assert np.mean(crises) > 0.7
    assert found.field[GRAVITY]["crises_passed"] == pytest.approx(np.mean(crises), abs=1e-4)
    assert found.field[GRAVITY]["lesser_passed"] == pytest.approx(np.mean(lesser), abs=1e-4)


def test_conversations_and_harmless_lines_teach_nothing() -> None:
    others = [line(number, True, Level.NOTICE) for number in range(2_000, 2_100)]
    others += [line(number, False, Level.CRISIS, turns=2) for number in range(2_000, 2_100)]
    with_others, without = teach_gravity(noisy, [*LINES, *others], HELD), teach_gravity(noisy, LINES, HELD)
    assert with_others is not None
    assert without is not None
    assert (with_others.head.line.weights == without.head.line.weights).all()


@pytest.mark.parametrize("some", [LINES[::2], LINES[1::2], []])
def test_of_one_kind_alone_nothing_is_taught(some: list[Utterance]) -> None:
    assert teach_gravity(noisy, some, HELD) is None
    assert teach_gravity(noisy, LINES, some) is None
