"""Who was left out on the way from the source to the cohort, and why, in counts."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from holdfast.cohort.error import CohortError

__all__ = ["FlowStep", "flow_from_json", "flow_to_json"]


@dataclass(frozen=True, kw_only=True)
class FlowStep:
    """One step of the flow diagram.

    Attributes:
        step: A short name: "withdrawn".
        removed: People left out here.
        left: People left after it.
        why: The reason, in a sentence.
    """

    step: str
    removed: int
    left: int
    why: str

    def __post_init__(self) -> None:
        if self.removed < 0 or self.left < 0:
            raise CohortError(
                f"Counts of flow step {self.step!r} must be 0 or more",
                f"{self.removed} removed, {self.left} left",
                "count people",
            )


def flow_to_json(steps: Sequence[FlowStep]) -> str:
    """Return the text of ``flow.json``.

    Raises:
        CohortError: A step's counts do not follow from the step before it.
    """
    for before, after in itertools.pairwise(steps):
        if before.left - after.removed != after.left:
            raise CohortError(
                f"Flow step {after.step!r} must leave {before.left - after.removed} of {before.left} people",
                repr(after.left),
                "count again",
            )
    return json.dumps([asdict(step) for step in steps], indent=2, ensure_ascii=False) + "\n"


def flow_from_json(text: str) -> tuple[FlowStep, ...]:
    """Read what ``flow_to_json`` wrote.

    Raises:
        CohortError: It is not such a text.
    """
    try:
        return tuple(FlowStep(**step) for step in json.loads(text))
    except (ValueError, TypeError) as error:
        if isinstance(error, CohortError):
            raise
        raise CohortError("flow.json must list steps", f"a {type(error).__name__}", "build the cohort again") from error
