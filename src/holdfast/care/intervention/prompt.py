"""One step as it is shown to a person: the words, the input, the options and how far along they are."""

from dataclasses import dataclass

from holdfast.care.intervention.inputs import ChoiceInput, Input, MultiChoiceInput, Option, TimerInput
from holdfast.care.intervention.step import Answers, Step

__all__ = ["Progress", "Prompt", "options_of"]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Place in the exercise: step ``number`` of at most ``total``. Both are equal once it has ended."""

    number: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What to show for a step. ``input.type`` says which form field; ``options`` are those of a choice.

    ``hint`` says in plain words how to answer. ``skip_label`` is None where the step cannot be skipped. With
    ``shows_people``, list who can be reached where the person is.
    """

    step_id: str
    label: str
    text: str
    help: str | None
    example: str | None
    input: Input
    options: tuple[Option, ...]
    hint: str
    skip_label: str | None
    skip_phrases: tuple[str, ...]
    can_go_back: bool
    progress: Progress
    shows_people: bool = False

    @property
    def kind(self) -> str:
        """The type of input: none, text, long_text, number, choice, multi_choice, date_time or timer."""
        return self.input.type

    @property
    def timer(self) -> TimerInput | None:
        """The breathing pattern, where this is one."""
        return self.input if isinstance(self.input, TimerInput) else None


def options_of(step: Step, answers: Answers) -> tuple[Option, ...]:
    """Return the options of a step, those taken from the person's own earlier texts included."""
    asked = step.input
    if isinstance(asked, ChoiceInput) and asked.options_from:
        own = [(source, answers.get(source)) for source in asked.options_from]
        return tuple(Option(value=source, label=text) for source, text in own if isinstance(text, str))
    return asked.options if isinstance(asked, (ChoiceInput, MultiChoiceInput)) else ()
