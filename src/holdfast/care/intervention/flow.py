"""How an exercise's steps lead to one another, and everything that could be wrong with it.

An exercise is a graph without loops from one start to one end. That is what makes every run finite.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from holdfast.care.intervention.inputs import ChoiceInput, MultiChoiceInput, NumberInput
from holdfast.care.intervention.step import END, Condition, Step

__all__ = ["Flow"]


@dataclass(frozen=True)
class Flow:
    """The graph of ``steps``, by id, from ``start``."""

    steps: Mapping[str, Step]
    start: str

    def reachable(self, origin: str, *, without: str | None = None) -> frozenset[str]:
        """Return every id that can be met from ``origin`` on, itself included, never passing ``without``."""
        found: set[str] = set()
        waiting = [origin]
        while waiting:
            here = waiting.pop()
            if here in found or here == without:
                continue
            found.add(here)
            if here in self.steps:
                waiting.extend(branch.go for branch in self.steps[here].branches)
        return frozenset(found)

    def can_precede(self, earlier: str, later: str) -> bool:
        """Return whether ``earlier`` is ``later`` or can come before it."""
        return later in self.reachable(earlier)

    def always_precedes(self, earlier: str, later: str) -> bool:
        """Return whether every way to ``later`` passes ``earlier``."""
        return earlier != later and later not in self.reachable(self.start, without=earlier)

    def longest(self, origin: str) -> int:
        """Return the most steps from ``origin`` to the end, counting ``origin``; 0 for the end itself.

        The flow must be sound: one with a loop has no longest way.
        """
        return self._depth(origin, {END: 0})

    def _depth(self, step_id: str, known: dict[str, int]) -> int:
        if step_id not in known:
            known[step_id] = 1 + max(self._depth(branch.go, known) for branch in self.steps[step_id].branches)
        return known[step_id]

    def problems(self) -> Iterator[str]:
        """Yield what is wrong, in words for whoever writes the file. A sound flow yields nothing."""
        broken = list(self._broken_targets())
        yield from broken
        if broken:
            return
        yield from self._shape()
        for step in self.steps.values():
            yield from self._branching(step)
            yield from self._own_options(step)

    def _broken_targets(self) -> Iterator[str]:
        if self.start not in self.steps:
            yield f"start must be a step's id, got {self.start!r}"
        for step in self.steps.values():
            for branch in step.branches:
                if branch.go != END and branch.go not in self.steps:
                    yield f"step {step.id!r} leads to {branch.go!r}, which is not a step"

    def _shape(self) -> Iterator[str]:
        met = self.reachable(self.start)
        for step_id in self.steps:
            if step_id not in met:
                yield f"step {step_id!r} cannot be reached"
            elif END not in self.reachable(step_id):
                yield f"step {step_id!r} never leads to the end"
            if any(step_id in self.reachable(branch.go) for branch in self.steps[step_id].branches):
                yield f"step {step_id!r} leads back to itself"

    def _branching(self, step: Step) -> Iterator[str]:
        *earlier, last = step.branches
        if last.when is not None or any(branch.when is None for branch in earlier):
            yield f"step {step.id!r} must have one branch without a condition, and it must be the last"
        for branch in step.branches:
            if branch.when is not None:
                yield from self.condition_problems(branch.when, at=step.id)

    def condition_problems(self, condition: Condition, *, at: str) -> Iterator[str]:
        """Yield what is wrong with a condition read once step ``at`` has been answered."""
        subject = self.steps.get(condition.step)
        where = f"a condition at {at!r}"
        if subject is None:
            yield f"{where} reads {condition.step!r}, which is not a step"
        elif not self.can_precede(condition.step, at):
            yield f"{where} reads {condition.step!r}, which only comes later"
        elif not _fits(condition, subject):
            yield f"{where} does not fit the input of {condition.step!r} (type {subject.input.type})"

    def _own_options(self, step: Step) -> Iterator[str]:
        if not isinstance(step.input, ChoiceInput) or not step.input.options_from:
            return
        sources = step.input.options_from
        for source in sources:
            if source not in self.steps or self.steps[source].input.type != "text":
                yield f"step {step.id!r} takes options from {source!r}, which is not a step with a short text"
            elif source == step.id or not self.can_precede(source, step.id):
                yield f"step {step.id!r} takes options from {source!r}, which only comes later"
        if not any(self._is_sure(source, step.id) for source in sources):
            yield f"step {step.id!r} could be left without options"

    def _is_sure(self, source: str, step_id: str) -> bool:
        return source in self.steps and not self.steps[source].skippable and self.always_precedes(source, step_id)


def _fits(condition: Condition, subject: Step) -> bool:
    if condition.skipped is not None:
        return subject.skippable
    asked = subject.input
    threshold = condition.below if condition.below is not None else condition.at_least
    if threshold is not None:
        return isinstance(asked, NumberInput) and asked.low < threshold <= asked.high
    if condition.equals is not None:
        return isinstance(asked, ChoiceInput) and condition.equals in _values(asked)
    return isinstance(asked, MultiChoiceInput) and condition.includes in _values(asked)


def _values(asked: ChoiceInput | MultiChoiceInput) -> set[str]:
    written = {option.value for option in asked.options}
    return written | set(asked.options_from) if isinstance(asked, ChoiceInput) else written
