"""The check-in's questions: which are asked of whom, and which answer counts as safe."""

import re
from collections.abc import Collection
from typing import Literal

from pydantic import Field, model_validator

from holdfast.content import ContentModel
from holdfast.safety.crisis.template import Template
from holdfast.safety.detection.verdict import Category, Subject

__all__ = ["Answer", "CheckInScript", "Question"]


class Answer(ContentModel):
    """One answer a person can give. Only ``is_safe`` answers help to clear; one that ``raises`` means crisis."""

    id: str
    label: str
    is_safe: bool = False
    raises: bool = False
    also: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Answer":
        if self.is_safe and self.raises:
            raise ValueError(f"answer {self.id} must not be both safe and raising")
        return self

    def is_meant_by(self, text: str) -> bool:
        """Whether ``text`` is this answer in so many words; anything longer is not."""
        return _plain(text) in {_plain(self.label), *map(_plain, self.also)}


class Question(ContentModel):
    """One question, the risks it is asked for ("any" means all) and about whom."""

    id: str
    asked_for: tuple[Category | Literal["any", "general"], ...] = Field(alias="for", min_length=1)
    subject: Literal["self", "other"]
    text: str
    choices: tuple[Answer, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _has_a_safe_answer(self) -> "Question":
        if not any(choice.is_safe for choice in self.choices):
            raise ValueError(f"question {self.id} must have a safe answer")
        if len({choice.id for choice in self.choices}) < len(self.choices):
            raise ValueError(f"question {self.id} must have answers with distinct ids")
        return self


class CheckInScript(ContentModel):
    """Everything the check-in says. ``unsure`` is offered with every question and never clears."""

    intro: Template
    again: Template
    kept: Template
    cleared: Template
    cleared_other: Template
    stopped: Template
    unsure: Answer
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unsure_never_clears(self) -> "CheckInScript":
        if self.unsure.is_safe:
            raise ValueError("unsure must not be a safe answer")
        return self

    def asked(self, categories: Collection[Category], subject: Subject) -> tuple[Question, ...]:
        """Return the questions for these risks and this person, in order; never empty.

        Where it is not clear who is at risk, the person writing is asked about themselves.
        """
        about = "other" if subject is Subject.OTHER else "self"
        wanted = {"any", *(categories or ("general",))}
        return tuple(q for q in self.questions if q.subject == about and wanted & {*q.asked_for})

    def answers(self, question: Question) -> tuple[Answer, ...]:
        """Return the answers offered with ``question``, being unsure among them."""
        return (*question.choices, self.unsure)


def _plain(text: str) -> str:
    """Return ``text`` in lower case, apostrophes made plain and outer punctuation dropped."""
    straight = text.lower().replace("\u2019", "'")
    return re.sub(r"\s+", " ", re.sub(r"[^\w' ]", " ", straight)).strip()
