"""The labelled questions are sound, the arithmetic is right, and the measured figures do not slip.

The floors lie a little under what benchmarks/retrieval.py measured when the threshold was chosen on split dev:
dev hit@1 92.3%, hit@3 94.9%, rightly answered 88.9%, wrongly answered 3.0%; test 81.4%, 86.4%, 76.3%, 4.1%.
"""

from pathlib import Path

import pytest

from holdfast.care.conversation.state import Audience
from holdfast.care.education.evaluation import Figures, LabelledQuestion, Trial, load_questions, try_questions
from holdfast.care.education.library import Library
from holdfast.care.education.policy import AnsweringPolicy
from holdfast.care.education.retrieval import FullTextRetriever
from holdfast.errors import ContentError
from holdfast.measured import Measurement, Scored, Unscored

QUESTIONS = Path(__file__).parent / "questions.yaml"


def value(measured: Measurement) -> float:
    assert isinstance(measured, Scored)
    return measured.value


def trial(number: int, *, expect: str | None, rank: int | None, evidence: float, declined: str | None = None) -> Trial:
    question = LabelledQuestion(
        id=f"group-{number}",
        split="dev",
        audience=Audience.PUBLIC,
        expect=(expect,) if expect else (),
        question="Why?",
    )
    return Trial(question=question, rank=rank, evidence=evidence, declined_by=declined)


TRIALS = Figures(
    [
        trial(1, expect="a", rank=1, evidence=0.9),
        trial(2, expect="a", rank=3, evidence=0.6),
        trial(3, expect="a", rank=None, evidence=0.6),
        trial(4, expect="a", rank=1, evidence=0.2),
        trial(5, expect=None, rank=None, evidence=0.7),
        trial(6, expect=None, rank=None, evidence=0.9, declined="dosing"),
        trial(7, expect=None, rank=None, evidence=0.1),
    ]
)


def test_figures_count_what_they_say() -> None:
    """Counted by hand from the seven trials above."""
    assert value(TRIALS.hit_at(1)) == 2 / 4
    assert value(TRIALS.hit_at(3)) == 3 / 4
    assert value(TRIALS.answered(0.5)) == 3 / 4
    assert value(TRIALS.rightly_answered(0.5)) == 2 / 4
    assert value(TRIALS.wrongly_answered(0.5)) == 1 / 3
    assert value(TRIALS.coverage(0.5)) == 4 / 7
    assert value(TRIALS.risk(0.5)) == 2 / 4


def test_a_risk_over_no_answers_is_unscored_not_zero() -> None:
    assert isinstance(TRIALS.risk(1.0), Unscored)


@pytest.fixture(scope="module")
def questions() -> tuple[LabelledQuestion, ...]:
    return load_questions(QUESTIONS)


@pytest.fixture(scope="module")
def figures(
    questions: tuple[LabelledQuestion, ...], retriever: FullTextRetriever, policy: AnsweringPolicy
) -> dict[str, Figures]:
    trials = try_questions(questions, retriever=retriever, policy=policy)
    return {split: Figures([t for t in trials if t.question.split == split]) for split in ("dev", "test")}


def test_the_labels_name_articles_and_topics_that_exist(
    questions: tuple[LabelledQuestion, ...], library: Library
) -> None:
    assert {name for q in questions for name in q.expect} <= library.by_id.keys()
    assert {q.topic for q in questions if q.topic} <= set(library.topics)


def test_ids_and_questions_are_unique_and_both_splits_hold_both_kinds(
    questions: tuple[LabelledQuestion, ...], figures: dict[str, Figures]
) -> None:
    assert len({q.id for q in questions}) == len({q.question.lower() for q in questions}) == len(questions)
    for split in figures.values():
        assert len(split.answerable) >= 80
        assert len(split.unanswerable) >= 60


@pytest.mark.parametrize(
    ("split", "hit_at_1", "hit_at_3", "rightly_answered"), [("dev", 0.90, 0.92, 0.87), ("test", 0.78, 0.84, 0.75)]
)
def test_what_is_found_and_rightly_answered_does_not_slip(
    figures: dict[str, Figures],
    policy: AnsweringPolicy,
    split: str,
    hit_at_1: float,
    hit_at_3: float,
    rightly_answered: float,
) -> None:
    assert value(figures[split].hit_at(1)) >= hit_at_1
    assert value(figures[split].hit_at(3)) >= hit_at_3
    assert value(figures[split].rightly_answered(policy.threshold)) >= rightly_answered


@pytest.mark.parametrize(("split", "ceiling"), [("dev", 0.05), ("test", 0.07)])
def test_unanswerable_questions_stay_unanswered(
    figures: dict[str, Figures], policy: AnsweringPolicy, split: str, ceiling: float
) -> None:
    assert value(figures[split].wrongly_answered(policy.threshold)) <= ceiling


@pytest.mark.parametrize("group", ["no-dosing", "no-which-drug", "no-diagnosis"])
def test_no_question_for_a_dose_a_drug_or_a_diagnosis_is_answered_on_dev(
    figures: dict[str, Figures], policy: AnsweringPolicy, group: str
) -> None:
    asked = [t for t in figures["dev"].trials if t.question.group == group]
    assert asked
    assert not [t.question.id for t in asked if t.is_answered(policy.threshold)]


def test_a_question_with_two_kinds_of_answer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "questions.yaml"
    path.write_text("- {id: a-1, split: dev, audience: public, expect: [x], topic: y, question: Why}", encoding="utf-8")
    with pytest.raises(ContentError, match=r"questions\.yaml .*either expect or topic"):
        load_questions(path)
