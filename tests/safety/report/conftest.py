"""Cases made up for the tests, and a detector whose verdicts are written into the words."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from holdfast.safety.detection import Category, Detection, LayeredDetector, Level, Subject, Tense
from holdfast.safety.report.case import Case, JudgedCase, Label, judge_cases
from holdfast.turn import Role, Turn


class SaysSo:
    """Gives the level that the last word of a text names."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        level = Level[turns[-1].text.split()[-1].upper()]
        categories = (Category.SUICIDE,) if level else ()
        return Detection(level=level, categories=categories, subject=Subject.SELF, tense=Tense.PRESENT)


class FindsNothing:
    """Never finds anything."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        return Detection(level=Level.NONE)


@pytest.fixture
def two_layers() -> LayeredDetector:
    return LayeredDetector({"says": SaysSo(), "blind": FindsNothing()})


def case_of(number: int, label: Label, given: str, **more: Any) -> Case:
    return Case(id=f"c{number}", turns=(Turn(Role.PERSON, f"secret-words {given}"),), label=label, **more)


@pytest.fixture
def judged(two_layers: LayeredDetector) -> Callable[..., list[JudgedCase]]:
    """Judge cases given as (label, level to be given, more of the case)."""

    def judge(*said: tuple[Any, ...]) -> list[JudgedCase]:
        cases = [case_of(n, one[0], one[1], **(one[2] if len(one) > 2 else {})) for n, one in enumerate(said)]
        return judge_cases(two_layers, cases)

    return judge
