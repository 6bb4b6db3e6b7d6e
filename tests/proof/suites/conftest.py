"""A suite of three questions about nothing, over a pipeline that is never reached."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from holdfast.proof.suites.served import Served
from holdfast.proof.suites.suite import Case, Metric, Observations, Suite
from holdfast.proof.suites.transcript import Transcript

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class NumberCase(Case):
    """A number, and whether it is even."""

    number: int


@dataclass
class CountingSolver:
    """Remembers what it was asked, and breaks where told to."""

    asked: list[str] = field(default_factory=list)
    breaks: dict[str, BaseException] = field(default_factory=dict)

    async def solve(self, case: NumberCase, served: Served) -> Transcript:
        self.asked.append(case.id)
        if case.id in self.breaks:
            raise self.breaks[case.id]
        return Transcript(())


@dataclass
class EvenScorer:
    """Observes whether the number is even, or forgets to."""

    forgets: bool = False

    def metrics_of(self, case: NumberCase) -> tuple[str, ...]:
        return ("numbers.even", "numbers.low") if case.number < 9 else ("numbers.even",)

    def score(self, case: NumberCase, transcript: Transcript) -> Observations:
        if self.forgets:
            return {}
        held = {"numbers.even": case.number % 2 == 0, "numbers.low": case.number < 2}
        return {name: held[name] for name in self.metrics_of(case)}


METRICS = (Metric(id="numbers.even", title="Even"), Metric(id="numbers.low", title="Low", better="lower"))


@pytest.fixture
def solver() -> CountingSolver:
    return CountingSolver()


@pytest.fixture
def make_suite(solver: CountingSolver) -> Callable[..., Suite[Any]]:
    def build(*numbers: int, forgets: bool = False) -> Suite[Any]:
        return Suite(
            id="numbers",
            version=1,
            title="Numbers",
            file="proof/suites/cases/numbers.yaml",
            sha256="a" * 64,
            metrics=METRICS,
            cases=tuple(NumberCase(id=f"case-{number}", number=number) for number in numbers),
            solver=solver,
            scorer=EvenScorer(forgets=forgets),
        )

    return build
