"""What a step may ask for, and how an answer is read: one model per type of input, chosen by ``type`` in the file.

Each model has ``accept(raw, options)``, which returns the value to keep or raises ``InputError``; ``hint(options)``,
which says in plain words what to reply; and ``show(value, options)``, which says a kept value back.
``raw`` may be a form's string, a chat message or a JSON value. No error quotes it.
"""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from holdfast.content import ContentModel
from holdfast.errors import InputError

__all__ = [
    "ChoiceInput",
    "DateTimeInput",
    "Input",
    "LongTextInput",
    "MultiChoiceInput",
    "NoInput",
    "NumberInput",
    "Option",
    "Slug",
    "TextInput",
    "TimerInput",
    "Value",
]

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
Words = Annotated[str, Field(min_length=1)]
Value = str | int | tuple[str, ...]

DONE = "done"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(r"(?P<value>-?\d{1,6})\s*(?:%|(?:/|out of)\s*(?P<top>\d{1,6}))?\.?", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[,;\n]|\band\b)\s*", re.IGNORECASE)


class Option(ContentModel):
    """One option of a choice. ``value`` is kept; ``label`` is shown."""

    value: Slug
    label: Words


class NoInput(ContentModel):
    """Something to read or do. Anything sent moves on."""

    type: Literal["none"]

    def accept(self, raw: object, options: tuple[Option, ...]) -> Value:
        """Return the word "done", whatever was sent."""
        del raw, options
        return DONE

    def hint(self, options: tuple[Option, ...]) -> str:
        """Say how to move on."""
        del options
        return "When you are ready, say “continue”."

    def show(self, value: Value, options: tuple[Option, ...]) -> str:
        """Say that it was done."""
        del value, options
        return "Done"


class _Written(ContentModel):
    """Anything a person writes in their own words."""

    max_length: int = Field(default=300, ge=1, le=10_000)

    def accept(self, raw: object, options: tuple[Option, ...]) -> Value:
        """Return the text, trimmed and without control characters.

        Raises:
            InputError: Not text, empty, longer than ``max_length`` characters, or not encodable as UTF-8.
        """
        del options
        if not isinstance(raw, str):
            raise InputError(f"Answer must be text, got a {type(raw).__name__}; write a few words.")
        text = _CONTROL.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if not text:
            raise InputError("Answer must have at least one word, got none; write a few words.")
        if len(text) > self.max_length:
            limit = f"{self.max_length:,} characters"
            raise InputError(f"Answer must be at most {limit}, got {len(text):,}; make it shorter.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise InputError("Answer must be readable text, got broken characters; type it again.")
        return text

    def hint(self, options: tuple[Option, ...]) -> str:
        """Say that a few words are enough."""
        del options
        return "A few words are enough."

    def show(self, value: Value, options: tuple[Option, ...]) -> str:
        """Return the person's own words."""
        del options
        return str(value)


class TextInput(_Written):
    """A short text in the person's own words."""

    type: Literal["text"]


class LongTextInput(_Written):
    """A longer text in the person's own words."""

    type: Literal["long_text"]
    max_length: int = Field(default=4_000, ge=1, le=10_000)

    def hint(self, options: tuple[Option, ...]) -> str:
        """Say that length does not matter."""
        del options
        return "Write as much or as little as you like."


class DateTimeInput(_Written):
    """A day and time in the person's own words ("Tuesday after lunch"). Nothing is computed from it."""

    type: Literal["date_time"]
    max_length: int = Field(default=120, ge=1, le=10_000)

    def hint(self, options: tuple[Option, ...]) -> str:
        """Say that plain words will do."""
        del options
        return "Plain words will do, such as “Tuesday after lunch”."


class NumberInput(ContentModel):
    """A whole number from ``low`` to ``high``. The labels say what the two ends mean."""

    type: Literal["number"]
    low: int = Field(ge=0)
    high: int = Field(le=1_000)
    low_label: Words
    high_label: Words

    @model_validator(mode="after")
    def _check_range(self) -> "NumberInput":
        if self.low >= self.high:
            raise ValueError(f"low must be under high={self.high}, got {self.low}; swap them.")
        return self

    def accept(self, raw: object, options: tuple[Option, ...]) -> Value:
        """Return a whole number in range, read from an int, "7", "7/10", "70%" or a number word up to ten.

        Raises:
            InputError: Not one whole number, or out of range.
        """
        del options
        number = self._read(raw)
        if number is None or not self.low <= number <= self.high:
            raise InputError(f"Answer must be a whole number from {self.low} to {self.high}; give one.")
        return number

    def _read(self, raw: object) -> int | None:
        if isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        if not isinstance(raw, str):
            return None
        text = raw.strip().casefold()
        if text in _NUMBER_WORDS:
            return _NUMBER_WORDS.index(text)
        found = _NUMBER.fullmatch(text)
        if found is None or (found["top"] is not None and int(found["top"]) != self.high):
            return None
        return int(found["value"]) if "%" not in text or self.high == 100 else None

    def hint(self, options: tuple[Option, ...]) -> str:
        """Say the range and what its ends mean."""
        del options
        ends = f"{self.low} means {self.low_label} and {self.high} means {self.high_label}"
        return f"Give a number from {self.low} to {self.high}. {ends}."

    def show(self, value: Value, options: tuple[Option, ...]) -> str:
        """Say the number with the top of its range."""
        del options
        return f"{value} out of {self.high}"


class ChoiceInput(ContentModel):
    """One of several options: written in the file, or the person's own earlier short texts.

    With ``options_from`` an option's value is the id of the step that the text was given at.
    """

    type: Literal["choice"]
    options: tuple[Option, ...] = ()
    options_from: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _check_options(self) -> "ChoiceInput":
        if bool(self.options) == bool(self.options_from):
            raise ValueError("a choice must have either options or options_from; give exactly one.")
        _check_distinct(self.options)
        return self

    def accept(self, raw: object, options: tuple[Option, ...]) -> Value:
        """Return the value of the option named by its value, its label or its place counted from 1.

        Raises:
            InputError: None of the options was named.
        """
        value = _find(raw, options)
        if value is None:
            raise InputError(f"Answer must be one of the {len(options)} options; choose one by its number or words.")
        return value

    def hint(self, options: tuple[Option, ...]) -> str:
        """Say how to choose."""
        del options
        return "Choose one. You can reply with its number."

    def show(self, value: Value, options: tuple[Option, ...]) -> str:
        """Return the label."""
        return next((option.label for option in options if option.value == value), str(value))


class MultiChoiceInput(ContentModel):
    """At least ``at_least`` and at most ``at_most`` of several options (all of them where not given)."""

    type: Literal["multi_choice"]
    options: tuple[Option, ...] = Field(min_length=2)
    at_least: int = Field(default=1, ge=1)
    at_most: int | None = None

    @model_validator(mode="after")
    def _check_options(self) -> "MultiChoiceInput":
        _check_distinct(self.options)
        if not self.at_least <= self._most <= len(self.options):
            raise ValueError(f"at_least and at_most must lie in 1 to {len(self.options)} and in order; mend them.")
        return self

    @property
    def _most(self) -> int:
        return len(self.options) if self.at_most is None else self.at_most

    def accept(self, raw: object, options: tuple[Option, ...]) -> Value:
        """Return the chosen values in the file's order, from a list, or from one text such as "1, 3".

        Raises:
            InputError: Something that is no option, too few or too many.
        """
        parts = self._parts(raw, options)
        found = {_find(part, options) for part in parts}
        if None in found or not self.at_least <= len(found) <= self._most:
            raise InputError(f"Answer must be {self._count} of the options; choose by number, such as 1, 2.")
        return tuple(option.value for option in options if option.value in found)

    @property
    def _count(self) -> str:
        return str(self.at_least) if self.at_least == self._most else f"{self.at_least} to {self._most}"

    def _parts(self, raw: object, options: tuple[Option, ...]) -> list[object]:
        if isinstance(raw, (list, tuple)):
            return list(raw)
        if not isinstance(raw, str) or _find(raw, options) is not None:
            return [raw]
        return [part for part in _SEPARATOR.split(raw.strip()) if part]

    def hint(self, options: tuple[Option, ...]) -> str:
        """Say how many to choose and how."""
        del options
        return f"Choose {self._count}. You can reply with numbers, such as 1, 2."

    def show(self, value: Value, options: tuple[Option, ...]) -> str:
        """Return the labels, separated by semicolons."""
        return (
            "; ".join(option.label for option in options if option.value in value) if isinstance(value, tuple) else ""
        )


class TimerInput(ContentModel):
    """Paced breathing: seconds in, held and out, and how many rounds. Works as text, with no script."""

    type: Literal["timer"]
    inhale_s: int = Field(ge=2, le=8)
    hold_s: int = Field(default=0, ge=0, le=4)
    exhale_s: int = Field(ge=2, le=10)
    rounds: int = Field(ge=1, le=60)

    @property
    def duration_s(self) -> int:
        """Seconds that all rounds take together."""
        return self.rounds * (self.inhale_s + self.hold_s + self.exhale_s)

    @property
    def breaths_per_minute(self) -> float:
        """Breaths in a minute at this pace."""
        return 60 * self.rounds / self.duration_s

    def accept(self, raw: object, options: tuple[Option, ...]) -> Value:
        """Return the word "done", whatever was sent."""
        del raw, options
        return DONE

    def hint(self, options: tuple[Option, ...]) -> str:
        """Say the pattern in words that can be followed without a screen."""
        del options
        hold = f"Hold gently for {self.hold_s}. " if self.hold_s else ""
        pattern = (
            f"Breathe in while you count to {self.inhale_s}. {hold}Breathe out while you count to {self.exhale_s}."
        )
        return f"{pattern} Do this {self.rounds} times. When you are finished, say “done”. You can finish early."

    def show(self, value: Value, options: tuple[Option, ...]) -> str:
        """Say the pattern that was set."""
        del value, options
        hold = f", hold {self.hold_s}" if self.hold_s else ""
        return f"In {self.inhale_s}{hold}, out {self.exhale_s} (up to {self.rounds} breaths)"


Input = Annotated[
    NoInput | TextInput | LongTextInput | DateTimeInput | NumberInput | ChoiceInput | MultiChoiceInput | TimerInput,
    Field(discriminator="type"),
]


def _check_distinct(options: tuple[Option, ...]) -> None:
    names = [name for option in options for name in {option.value.casefold(), option.label.casefold()}]
    if len(set(names)) < len(names):
        raise ValueError("options must have distinct values and labels; rename the ones that repeat.")


def _find(raw: object, options: tuple[Option, ...]) -> str | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        return None
    said = raw.strip().rstrip(".").casefold()
    for place, option in enumerate(options, start=1):
        if said in {str(place), option.value.casefold(), option.label.strip().rstrip(".").casefold()}:
            return option.value
    return None
