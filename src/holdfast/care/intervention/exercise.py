"""An exercise as its file describes it, checked as a whole when it is loaded."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from holdfast.care.intervention.flow import Flow
from holdfast.care.intervention.inputs import NumberInput, Slug
from holdfast.care.intervention.step import END, Answers, Condition, Step
from holdfast.content import ContentModel

__all__ = ["PERSON", "SAFETY", "Comparison", "Contraindication", "Evidence", "Exercise", "Offer", "StopRule", "Summary"]

Words = Annotated[str, Field(min_length=1)]

PERSON = "person"
SAFETY = "safety"


class Offer(StrEnum):
    """What is offered in place of the exercise: people who can help right now, or a human in their own time."""

    HELP_NOW = "help_now"
    HUMAN = "human"


class Evidence(ContentModel):
    """A published work the exercise rests on."""

    authors: Words
    title: Words
    publisher: Words
    year: int = Field(ge=1900, le=2100)


class Contraindication(ContentModel):
    """When the exercise may not be right now ("you are ..."), and what to do instead."""

    when: Words
    instead: Words
    offer: Offer | None = None


class Rise(ContentModel):
    """A rating that went up by ``by`` or more between two steps. Higher ratings are worse."""

    before: Slug
    after: Slug
    by: int = Field(ge=1)


class StopRule(ContentModel):
    """Ends the exercise kindly, as soon as the answer that meets it is in: a rise, or a test on one answer.

    ``raises`` is the level of risk that the answer itself signals, where it does; it opens the crisis path.
    """

    id: Slug
    raises: Literal["notice", "concern", "crisis"] | None = None
    rise: Rise | None = None
    when: Condition | None = None
    text: Words
    offers: tuple[Offer, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_one(self) -> "StopRule":
        if (self.rise is None) == (self.when is None):
            raise ValueError("a stop rule must have either rise or when; give exactly one.")
        if self.id in (PERSON, SAFETY):
            raise ValueError(f"a stop rule's id must not be {PERSON!r} or {SAFETY!r}; rename it.")
        return self

    @property
    def trigger(self) -> str:
        """The step whose answer completes the rule."""
        if self.rise is not None:
            return self.rise.after
        return self.when.step if self.when is not None else ""

    def fires(self, answers: Answers) -> bool:
        """Return whether ``answers`` meet the rule. A rating that was not given never does."""
        if self.when is not None:
            return self.when.holds(answers)
        if self.rise is None:
            return False
        before, after = answers.get(self.rise.before), answers.get(self.rise.after)
        return isinstance(before, int) and isinstance(after, int) and after - before >= self.rise.by


class Section(ContentModel):
    """Entries shown together in the summary."""

    title: Words
    steps: tuple[Slug, ...] = Field(min_length=1)


class Comparison(ContentModel):
    """Two ratings of the same thing, and a kind word for each way it can have gone. Higher is worse."""

    label: Words
    before: Slug
    after: Slug
    lower: Words
    same: Words
    higher: Words


class Summary(ContentModel):
    """What is shown at the end: the person's own entries, in sections, and their ratings before and after."""

    opening: Words
    sections: tuple[Section, ...] = Field(min_length=1)
    comparisons: tuple[Comparison, ...] = ()
    closing: Words

    @property
    def shown(self) -> frozenset[str]:
        """Ids of every step that the summary shows."""
        listed = {step for section in self.sections for step in section.steps}
        return frozenset(listed | {step for c in self.comparisons for step in (c.before, c.after)})


class Exercise(ContentModel):
    """A structured low-intensity exercise. ``minutes`` is roughly how long it takes.

    ``review`` names who has reviewed the file: the role, or that nobody has.
    """

    id: Slug
    title: Words
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$")]
    language: Literal["en"]
    summary: Words
    minutes: int = Field(ge=1, le=60)
    review: Words
    evidence_note: Words
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    contraindications: tuple[Contraindication, ...] = Field(min_length=1)
    stop_rules: tuple[StopRule, ...] = Field(min_length=1)
    start: Slug
    steps: tuple[Step, ...] = Field(min_length=1)
    ending: Summary

    @property
    def flow(self) -> Flow:
        """The graph of the steps."""
        return Flow({step.id: step for step in self.steps}, self.start)

    @property
    def shows_people(self) -> bool:
        """Whether any step lists the people who can be reached; then the end lists them too."""
        return any(step.shows_people for step in self.steps)

    def step(self, step_id: str) -> Step:
        """Return the step with this id, which must exist."""
        return next(step for step in self.steps if step.id == step_id)

    def stop_rule(self, reason: str | None) -> StopRule | None:
        """Return the rule with this id, or None where the stop was no rule's."""
        return next((rule for rule in self.stop_rules if rule.id == reason), None)

    @model_validator(mode="after")
    def _check(self) -> "Exercise":
        problems = list(self._name_problems()) or [*self.flow.problems(), *self._rule_problems()]
        problems = problems or list(self._ending_problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _name_problems(self) -> Iterator[str]:
        ids = [step.id for step in self.steps]
        rules = [rule.id for rule in self.stop_rules]
        if len(set(ids)) < len(ids) or END in ids:
            yield f"step ids must be distinct and none of them {END!r}"
        if len(set(rules)) < len(rules):
            yield "stop rules must have distinct ids"
        if not any(line.offer is Offer.HELP_NOW for line in self.contraindications):
            yield "contraindications must say when to go to help_now instead"

    def _rule_problems(self) -> Iterator[str]:
        for rule in self.stop_rules:
            if rule.when is not None:
                yield from self.flow.condition_problems(rule.when, at=rule.when.step)
            elif rule.rise is not None:
                yield from self._pair_problems(rule.rise.before, rule.rise.after, f"stop rule {rule.id!r}")

    def _ending_problems(self) -> Iterator[str]:
        ids = {step.id for step in self.steps}
        if unknown := sorted(self.ending.shown - ids):
            yield f"the ending shows {', '.join(unknown)}, which is not a step"
        if lost := sorted(step.id for step in self.steps if step.collects and step.id not in self.ending.shown):
            yield f"the ending must show every entry, and leaves out {', '.join(lost)}"
        for comparison in self.ending.comparisons:
            yield from self._pair_problems(comparison.before, comparison.after, f"comparison {comparison.label!r}")

    def _pair_problems(self, before: str, after: str, who: str) -> Iterator[str]:
        inputs = [step.input for step in self.steps if step.id in (before, after)]
        numbers = [(asked.low, asked.high) for asked in inputs if isinstance(asked, NumberInput)]
        if len(numbers) != 2 or len(set(numbers)) != 1:
            yield f"{who} must compare two number steps with one range, got {before!r} and {after!r}"
        elif not self.flow.can_precede(before, after):
            yield f"{who} compares {before!r} with {after!r}, which does not come later"
