"""Claims about layers: any one withholds, and one that does not do its work has found something."""

import threading
from typing import Any

import pytest

from holdfast.safety.review.layered import LayeredReview
from holdfast.safety.review.verdict import Finding, Harm, ReviewContext, ReviewVerdict

FOUND = Finding(harm=Harm.STIGMA, rule="test")


class Layer:
    """Returns or raises what it is given, or hangs."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.wait_s = answer, 3.0

    def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
        if self.answer == "hang":
            threading.Event().wait(self.wait_s)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


PASS = Layer(ReviewVerdict(version="a 1"))


def test_all_layers_must_pass_and_the_version_names_them_all() -> None:
    verdict = LayeredReview({"a": PASS, "b": Layer(ReviewVerdict(version="b 2"))}).review("x", ReviewContext())
    assert verdict == ReviewVerdict(version="a 1 + b 2")


def test_either_layer_alone_withholds_and_findings_are_not_repeated() -> None:
    harmed = Layer(ReviewVerdict(findings=(FOUND,), version="b 2"))
    for layers in ({"a": PASS, "b": harmed}, {"a": harmed, "b": PASS}, {"a": harmed, "b": harmed}):
        assert LayeredReview(layers).review("x", ReviewContext()).findings == (FOUND,)


@pytest.mark.parametrize("answer", [RuntimeError("words"), KeyboardInterrupt(), "hang", None, True, "passed"])
def test_a_layer_that_breaks_counts_as_a_finding_that_names_it_and_quotes_nothing(answer: Any) -> None:
    verdict = LayeredReview({"a": PASS, "b": Layer(answer)}, budget_s=0.1, interrupt=True).review("x", ReviewContext())
    (finding,) = verdict.findings
    assert finding.harm is Harm.UNREVIEWABLE
    assert finding.rule.startswith("layer b ")
    assert "words" not in finding.rule


def test_a_layer_that_is_missing_counts_as_a_finding() -> None:
    verdict = LayeredReview({"a": PASS}, required=("a", "learned")).review("x", ReviewContext())
    assert verdict.findings == (Finding(harm=Harm.UNREVIEWABLE, rule="layer learned missing"),)


def test_with_no_layer_nothing_passes() -> None:
    assert not LayeredReview({}).review("x", ReviewContext()).is_passed


@pytest.mark.parametrize("answer", [RuntimeError("words"), "hang", None, True])
def test_without_interrupting_a_layer_that_breaks_or_takes_long_counts_as_a_finding_too(answer: Any) -> None:
    late = Layer(answer)
    late.wait_s = 0.1
    verdict = LayeredReview({"a": PASS, "b": late}, budget_s=0.05).review("x", ReviewContext())
    (finding,) = verdict.findings
    assert finding.harm is Harm.UNREVIEWABLE
    assert finding.rule.startswith("layer b ")
