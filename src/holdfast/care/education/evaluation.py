"""Measure retrieval and abstention on labelled questions: what is found, answered, and should not have been."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import RootModel, model_validator

from holdfast.care.conversation.state import Audience
from holdfast.care.education.answer import evidence
from holdfast.care.education.article import Passage
from holdfast.care.education.policy import AnsweringPolicy
from holdfast.care.education.retrieval import Retriever
from holdfast.content import ContentModel, load_yaml
from holdfast.measured import Measurement, wilson

__all__ = ["Figures", "LabelledQuestion", "Split", "Trial", "load_questions", "try_questions"]

Split = Literal["dev", "test"]

_RANKS_READ = 10


class LabelledQuestion(ContentModel):
    """A question and what answers it: any article in ``expect``, or any on ``topic``; neither: it has no answer."""

    id: str
    split: Split
    audience: Audience
    expect: tuple[str, ...] = ()
    topic: str | None = None
    question: str

    @model_validator(mode="after")
    def _names_one_kind_of_answer(self) -> Self:
        if self.expect and self.topic is not None:
            raise ValueError("a question has either expect or topic")
        return self

    @property
    def is_answerable(self) -> bool:
        """Whether the library has an answer."""
        return bool(self.expect) or self.topic is not None

    @property
    def group(self) -> str:
        """What the question is about, or why it has no answer."""
        return self.id.rpartition("-")[0]

    def is_answered_by(self, passage: Passage) -> bool:
        """Whether ``passage`` belongs to an article that answers the question."""
        return passage.article in self.expect or passage.front.topic == self.topic


class _Questions(RootModel[tuple[LabelledQuestion, ...]]):
    """A file of questions."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What happened to one question.

    ``rank`` is that of the first right passage, from 1, or None where the first ten hold none. ``evidence`` is the
    best passage's, 0 to 1, and 0 where nothing was found. ``declined_by`` is the rule that declined the question.
    """

    question: LabelledQuestion
    rank: int | None
    evidence: float
    declined_by: str | None

    def is_answered(self, threshold: float) -> bool:
        """Whether a library with this threshold answers the question."""
        return self.declined_by is None and self.evidence >= threshold

    def is_right(self, within: int) -> bool:
        """Whether one of the first ``within`` passages is right."""
        return self.rank is not None and self.rank <= within


@dataclass(frozen=True)
class Figures:
    """Figures over the trials of one split, each a proportion with Wilson's 95% interval."""

    trials: Sequence[Trial]

    @property
    def answerable(self) -> list[Trial]:
        """The trials of questions that the library answers."""
        return [trial for trial in self.trials if trial.question.is_answerable]

    @property
    def unanswerable(self) -> list[Trial]:
        """The trials of questions on which it must stay silent."""
        return [trial for trial in self.trials if not trial.question.is_answerable]

    def hit_at(self, within: int) -> Measurement:
        """Share of answerable questions with a right passage among the first ``within``; higher is better."""
        return _share(trial.is_right(within) for trial in self.answerable)

    def answered(self, threshold: float) -> Measurement:
        """Share of answerable questions that are answered at all; higher is better."""
        return _share(trial.is_answered(threshold) for trial in self.answerable)

    def rightly_answered(self, threshold: float, within: int = 3) -> Measurement:
        """Share of answerable questions answered with a right passage among the first ``within``; higher is better."""
        return _share(trial.is_answered(threshold) and trial.is_right(within) for trial in self.answerable)

    def wrongly_answered(self, threshold: float) -> Measurement:
        """Share of unanswerable questions that are answered all the same; higher is worse."""
        return _share(trial.is_answered(threshold) for trial in self.unanswerable)

    def coverage(self, threshold: float) -> Measurement:
        """Share of all questions that are answered; neither direction is better by itself."""
        return _share(trial.is_answered(threshold) for trial in self.trials)

    def risk(self, threshold: float, within: int = 3) -> Measurement:
        """Share of the answers given that hold no right passage among the first ``within``; higher is worse."""
        return _share(not trial.is_right(within) for trial in self.trials if trial.is_answered(threshold))


def load_questions(path: Path) -> tuple[LabelledQuestion, ...]:
    """Read labelled questions.

    Raises:
        ContentError: The file is malformed.
    """
    return load_yaml(path, _Questions).value.root


def try_questions(
    questions: Iterable[LabelledQuestion], *, retriever: Retriever, policy: AnsweringPolicy
) -> tuple[Trial, ...]:
    """Put each question to the retriever and the rules."""
    return tuple(_try(question, retriever, policy) for question in questions)


def _try(question: LabelledQuestion, retriever: Retriever, policy: AnsweringPolicy) -> Trial:
    hits = retriever.search(question.question, audience=question.audience, limit=_RANKS_READ)
    ranks = (rank for rank, hit in enumerate(hits, start=1) if question.is_answered_by(hit.passage))
    rule = policy.declines(question.question)
    return Trial(
        question=question,
        rank=next(ranks, None),
        evidence=evidence(hits[0]) if hits else 0.0,
        declined_by=rule.id if rule else None,
    )


def _share(outcomes: Iterable[bool]) -> Measurement:
    counted = list(outcomes)
    return wilson(sum(counted), len(counted))
