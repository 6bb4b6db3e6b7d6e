"""A step as a chat message: its text and the replies one press away."""

from holdfast.care.conversation.reply import Choice
from holdfast.care.intervention.exercise import Offer
from holdfast.care.intervention.inputs import NumberInput
from holdfast.care.intervention.markdown import literal
from holdfast.care.intervention.prompt import Prompt

__all__ = ["offer_choices", "prompt_choices", "prompt_text"]

_MOST_BUTTONS = 11
_OFFERED = {
    Offer.HELP_NOW: Choice(label="Help now", path="/help"),
    Offer.HUMAN: Choice(label="Find a person to talk to", value="How do I find a counsellor or therapist?"),
}


def offer_choices(offers: tuple[Offer, ...]) -> tuple[Choice, ...]:
    """Return the choices for what is offered in place of an exercise."""
    return tuple(_OFFERED[offer] for offer in offers)


def prompt_text(prompt: Prompt) -> str:
    """Return a step as Markdown: its place, the question, help, an example, the options and how to answer."""
    place = f"*Step {prompt.progress.number} of at most {prompt.progress.total}*"
    options = "\n".join(f"- {place}: {literal(one.label)}" for place, one in enumerate(prompt.options, start=1))
    example = f"For example: {prompt.example}" if prompt.example else None
    parts = [place, f"**{prompt.text}**", prompt.help, example, options, prompt.hint]
    return "\n\n".join(part for part in parts if part)


def prompt_choices(prompt: Prompt) -> tuple[Choice, ...]:
    """Return the replies to show as buttons: answers where they are few, then back, skip and stop."""
    steering = []
    if prompt.skip_label is not None:
        steering.append(Choice(label=prompt.skip_label, value="skip"))
    if prompt.can_go_back:
        steering.append(Choice(label="Go back", value="back"))
    return (*_answers(prompt), *steering, Choice(label="Stop", value="stop"))


def _answers(prompt: Prompt) -> tuple[Choice, ...]:
    asked = prompt.input
    if isinstance(asked, NumberInput):
        return tuple(Choice(label=str(number), value=str(number)) for number in _ticks(asked))
    if prompt.kind == "choice":
        return tuple(Choice(label=option.label, value=option.label) for option in prompt.options)
    words = {"none": "Continue", "timer": "Done"}
    return (Choice(label=words[prompt.kind], value=words[prompt.kind].lower()),) if prompt.kind in words else ()


def _ticks(asked: NumberInput) -> range:
    stride = -(-(asked.high - asked.low) // (_MOST_BUTTONS - 1))
    return range(asked.low, asked.high + 1, stride)
