"""A step of an exercise, and where it leads."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from holdfast.care.intervention.inputs import Input, Slug, Value
from holdfast.content import ContentModel

__all__ = ["END", "Answers", "Branch", "Condition", "Step"]

END = "end"
Answers = Mapping[str, Value | None]
Words = Annotated[str, Field(min_length=1)]


class Condition(ContentModel):
    """A test on one earlier answer: exactly one of the tests is given. A step not met yet passes no test.

    ``below`` and ``at_least`` read a number, ``equals`` a choice, ``includes`` a multiple choice, ``skipped`` any step
    that may be skipped.
    """

    step: Slug
    below: int | None = None
    at_least: int | None = None
    equals: Slug | None = None
    includes: Slug | None = None
    skipped: bool | None = None

    @model_validator(mode="after")
    def _check_one(self) -> "Condition":
        given = [self.below, self.at_least, self.equals, self.includes, self.skipped]
        if sum(test is not None for test in given) != 1:
            raise ValueError("a condition must have exactly one of below, at_least, equals, includes, skipped.")
        return self

    def holds(self, answers: Answers) -> bool:
        """Return whether ``answers`` pass the test. A skipped answer is None and passes only ``skipped: true``."""
        if self.step not in answers:
            return False
        value = answers[self.step]
        if self.skipped is not None:
            return (value is None) == self.skipped
        if isinstance(value, int):
            return (self.below is not None and value < self.below) or (
                self.at_least is not None and value >= self.at_least
            )
        if isinstance(value, tuple):
            return self.includes is not None and self.includes in value
        return value is not None and value == self.equals


class Branch(ContentModel):
    """Where to go when a condition holds; without one, always."""

    when: Condition | None = None
    go: Slug


class Step(ContentModel):
    """One prompt and its input. ``label`` names the entry in the summary.

    ``skip_phrases`` are whole messages that mean "skip" at this step, such as "none". ``next`` is a step id, ``end``,
    or branches tried in order, the last of them without a condition. ``shows_people`` lists the people who can be
    reached where the person is beside the step, and with what they wrote.
    """

    id: Slug
    label: Words
    prompt: Words
    help: Words | None = None
    example: Words | None = None
    input: Input
    skippable: bool = False
    skip_label: Words = "Skip this one"
    skip_phrases: tuple[Words, ...] = ()
    shows_people: bool = False
    next: Slug | Annotated[tuple[Branch, ...], Field(min_length=1)]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Where the step leads, in the order that it is tried."""
        return (Branch(go=self.next),) if isinstance(self.next, str) else self.next

    @property
    def collects(self) -> bool:
        """Whether the step keeps something the person gave."""
        return self.input.type not in ("none", "timer")

    def target(self, answers: Answers) -> str:
        """Return the id of the step to go to, or ``end``."""
        return next(branch.go for branch in self.branches if branch.when is None or branch.when.holds(answers))
