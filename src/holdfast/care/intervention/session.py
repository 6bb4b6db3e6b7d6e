"""An exercise under way: an immutable list of answers from which everything else follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from holdfast.care.intervention.exercise import PERSON, Exercise, StopRule
from holdfast.care.intervention.inputs import Value
from holdfast.care.intervention.prompt import Progress, Prompt, options_of
from holdfast.care.intervention.step import END, Step
from holdfast.errors import InputError

__all__ = ["Answer", "Entry", "ExerciseSession", "saved_entries"]

_OVER = "Exercise must be under way to go on, got one that has ended; go back a step or start again."


@dataclass(frozen=True)
class Answer:
    """What was given at a step; ``value`` is None where it was skipped."""

    step_id: str
    value: Value | None = field(repr=False)


@dataclass(frozen=True)
class Entry:
    """Something the person gave, ready to show: ``value`` is in words."""

    step_id: str
    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ExerciseSession:
    """One run of an exercise. Every method returns a new session; nothing the person gave is ever dropped but by
    ``back``, which takes back one answer.

    ``stopped_reason`` is None, "person", "safety", or the id of the stop rule that ended it.
    """

    exercise: Exercise = field(repr=False)
    started_at: datetime
    answers: tuple[Answer, ...] = ()
    stopped_reason: str | None = None

    @classmethod
    def start(cls, exercise: Exercise, now: datetime) -> "ExerciseSession":
        """Start an exercise. Show ``introduction(exercise)`` first: it says when the exercise may not be for now."""
        return cls(exercise=exercise, started_at=now)

    @property
    def is_done(self) -> bool:
        """Whether every step has been answered or skipped. A stopped exercise is not done."""
        return self.stopped_reason is None and self._here == END

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to answer: done or stopped."""
        return self.stopped_reason is not None or self._here == END

    @property
    def stop_rule(self) -> StopRule | None:
        """The stop rule that ended the exercise, with its words and offers; None where none did."""
        return self.exercise.stop_rule(self.stopped_reason)

    @property
    def step(self) -> Prompt | None:
        """The step to show now; None once the exercise is over."""
        if self.is_over:
            return None
        step = self.exercise.step(self._here)
        options = options_of(step, self._given)
        return Prompt(
            step_id=step.id,
            label=step.label,
            text=step.prompt,
            help=step.help,
            example=step.example,
            input=step.input,
            options=options,
            hint=step.input.hint(options),
            skip_label=step.skip_label if step.skippable else None,
            skip_phrases=step.skip_phrases,
            can_go_back=bool(self.answers),
            progress=self.progress,
            shows_people=step.shows_people,
        )

    @property
    def progress(self) -> Progress:
        """Place in the exercise. The total is the most steps there can be, so a shorter branch brings it down."""
        answered = len(self.answers)
        if self.is_over:
            return Progress(number=answered, total=answered)
        return Progress(number=answered + 1, total=answered + self.exercise.flow.longest(self._here))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What the person gave, in order, in words. Steps that were skipped or only read are left out."""
        given = [(self.exercise.step(a.step_id), a.value) for a in self.answers]
        return tuple(
            Entry(step.id, step.label, step.input.show(value, options_of(step, self._given)))
            for step, value in given
            if value is not None and step.input.type != "none"
        )

    @property
    def _given(self) -> dict[str, Value | None]:
        return {answer.step_id: answer.value for answer in self.answers}

    @property
    def _here(self) -> str:
        if not self.answers:
            return self.exercise.start
        return self.exercise.step(self.answers[-1].step_id).target(self._given)

    def submit(self, value: object) -> "ExerciseSession":
        """Answer the present step and move on, or stop where a stop rule is met.

        Raises:
            InputError: The value does not fit the step, or the exercise is over. The message never quotes the value.
        """
        step = self._present()
        return self._answered(step, step.input.accept(value, options_of(step, self._given)))

    def skip(self) -> "ExerciseSession":
        """Leave the present step out and move on.

        Raises:
            InputError: The step cannot be skipped, or the exercise is over.
        """
        step = self._present()
        if not step.skippable:
            raise InputError(f"Step must be one that can be skipped, got {step.id!r}; answer it, go back or stop.")
        return self._answered(step, None)

    def back(self) -> "ExerciseSession":
        """Take back the last answer, or the person's own stop, and return to that step.

        Raises:
            InputError: There is nothing to go back to.
        """
        if self.stopped_reason is not None and self.stop_rule is None:
            return replace(self, stopped_reason=None)
        if not self.answers:
            raise InputError("Step must have one before it to go back to, got the first; answer it or stop.")
        return replace(self, answers=self.answers[:-1], stopped_reason=None)

    def stop(self, reason: str = PERSON) -> "ExerciseSession":
        """End here, keeping every entry. ``reason`` is "person" or "safety".

        Raises:
            InputError: The exercise is over already.
        """
        self._present()
        return replace(self, stopped_reason=reason)

    def _present(self) -> Step:
        if self.is_over:
            raise InputError(_OVER)
        return self.exercise.step(self._here)

    def _answered(self, step: Step, value: Value | None) -> "ExerciseSession":
        after = replace(self, answers=(*self.answers, Answer(step.id, value)))
        given = after._given
        met = (rule.id for rule in self.exercise.stop_rules if rule.trigger == step.id and rule.fires(given))
        return replace(after, stopped_reason=next(met, None))

    def to_dict(self) -> dict[str, Any]:
        """Return the session as JSON-ready values. Labels and words go along, so that it outlives the file."""
        shown = {entry.step_id: entry for entry in self.entries}
        answers = []
        for answer in self.answers:
            value = list(answer.value) if isinstance(answer.value, tuple) else answer.value
            row: dict[str, Any] = {"step": answer.step_id, "value": value}
            if answer.step_id in shown:
                row |= {"label": shown[answer.step_id].label, "shown": shown[answer.step_id].value}
            answers.append(row)
        return {
            "exercise": self.exercise.id,
            "version": self.exercise.version,
            "started_at": self.started_at.isoformat(),
            "answers": answers,
            "stopped": self.stopped_reason,
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any], exercise: Exercise) -> "ExerciseSession":
        """Return the session that ``to_dict`` saved, every answer checked again on the way.

        Raises:
            InputError: It was saved from another exercise or version, or does not fit. ``saved`` is left as it was,
                and ``saved_entries`` still reads what the person gave.
        """
        named = (saved.get("exercise"), saved.get("version"))
        if named != (exercise.id, exercise.version):
            raise InputError(
                f"Saved exercise must be version {exercise.version} of {exercise.id!r}, got version "
                f"{str(named[1])[:20]!r} of {str(named[0])[:60]!r}; the exercise has changed since, so start it again. "
                "Nothing you wrote is lost."
            )
        try:
            session = cls.start(exercise, datetime.fromisoformat(saved["started_at"]))
            return session._replayed(saved["answers"], saved["stopped"])
        except (InputError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise InputError(
                f"Saved exercise must fit {exercise.id!r}, got answers that do not ({type(error).__name__}); "
                "start it again. Nothing you wrote is lost."
            ) from None

    def _replayed(self, rows: list[Mapping[str, Any]], stopped: str | None) -> "ExerciseSession":
        session = self
        for row in rows:
            if row["step"] != session._present().id:
                raise InputError("Saved answers must follow the steps in order, got one out of place; start again.")
            session = session.skip() if row["value"] is None else session.submit(row["value"])
        if stopped == session.stopped_reason:
            return session
        if not isinstance(stopped, str) or self.exercise.stop_rule(stopped) is not None:
            raise InputError("Saved answers must lead to the saved stop, got another; start again.")
        return session.stop(stopped)


def saved_entries(saved: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Return what the person gave in a saved session of any version, without its exercise's file.

    Rows that cannot be read as entries are left out; a mapping that is no saved session gives none.
    """
    rows = saved.get("answers")
    return tuple(
        Entry(str(row.get("step")), str(row["label"]), str(row["shown"]))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, Mapping) and "label" in row and "shown" in row
    )
