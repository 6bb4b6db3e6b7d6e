"""People as grades of what became of them: the classes that an encoder learns to tell apart.

Follow-up says little about one person: who was censored early may have been ill, who died may have been unlucky. So a
grade joins what was foretold with what was seen. With the log hazard ``eta`` that a teacher foretold for a person *it
had not learnt from*, and the cumulative hazard ``L = exp(eta) H(t)`` that the person had lived through (``H``:
Breslow's baseline), a gamma frailty of shape ``a`` and mean 1 has, after ``d`` events (0 or 1), the mean
``(a + d) / (a + L)`` (Clayton 1978, Biometrika 65:141-151). The graded quantity is the posterior log hazard::

    g = eta + ln((a + d) / (a + L))

Someone who lived long under a high hazard moves down; someone who had the event under a low one moves up; someone
censored early stays where the teacher put them. Nobody is left out, and no outcome is filled in: a grade is a class to
learn from, never a figure to be judged by.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.cox import cumulative_hazard
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError

__all__ = ["Grades", "Grading", "grade_people"]


@dataclass(frozen=True, kw_only=True)
class Grading:
    """How people are graded.

    Attributes:
        cuts: Shares of people below each cut, increasing, within 0 to 1: as many grades as cuts and one more.
        frailty: Shape ``a`` of the gamma frailty, above 0: the smaller, the more what was seen counts.
    """

    cuts: tuple[float, ...] = (0.35, 0.6, 0.75, 0.85, 0.93)
    frailty: float = 1.0

    def __post_init__(self) -> None:
        ends = (0.0, *self.cuts, 1.0)
        if not self.cuts or any(a >= b for a, b in itertools.pairwise(ends)) or not self.frailty > 0:
            raise StudyError(
                "Grading must have increasing cuts within 0 to 1 and a frailty above 0",
                repr((self.cuts, self.frailty)),
                "leave it at its defaults",
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class Grades:
    """A grade a person.

    Attributes:
        codes: 0 is best; (people,).
        hazard: The posterior log hazard; higher is worse; (people,).
    """

    codes: NDArray[np.int64]
    hazard: NDArray[np.float64]

    @property
    def n_grades(self) -> int:
        """How many grades there are."""
        return int(self.codes.max()) + 1


def grade_people(log_hazard: NDArray[np.float64], follow_up: FollowUp, grading: Grading) -> Grades:
    """Grade people by their posterior log hazard.

    Args:
        log_hazard: Of each person, by a teacher that had not learnt from them; (people,), finite.
        follow_up: What became of them.
        grading: How.

    Raises:
        StudyError: Everybody has the same hazard, so that there are no grades.
    """
    lived_through = np.exp(log_hazard) * cumulative_hazard(log_hazard, follow_up, at=follow_up.years)
    posterior = log_hazard + np.log((grading.frailty + follow_up.event) / (grading.frailty + lived_through))
    cuts = np.unique(np.quantile(posterior, grading.cuts))
    codes = np.unique(np.searchsorted(cuts, posterior, side="left"), return_inverse=True)[1].astype(np.int64)
    if codes.max() < 1:
        raise StudyError("People must differ in what is foretold", "one hazard for all", "check the inputs")
    return Grades(codes=codes, hazard=posterior)
