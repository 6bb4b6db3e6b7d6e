"""From what teachers foretell to grades, and from grades to the groups that a distance reads."""

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.cox import fit_cox
from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.risk_model.grading import Grades, Grading, grade_people

__all__ = ["BEST_GRADE", "FEWEST_HEALTHY", "grade_groups", "grades_of"]

BEST_GRADE = "grade 0"
"""The healthy centre: the people of the best grade, and among them the bona fide healthy where that is known.
Percentiles are taken among all bona fide healthy people, of whatever grade."""

FEWEST_HEALTHY = 50
"""With fewer bona fide healthy people than that it is as if that were not known."""


def grades_of(hazards: NDArray[np.float64], follow_up: FollowUp, grading: Grading) -> Grades:
    """Grade people by the mean of what teachers foretold of them: (people, teachers) of log hazards.

    Each teacher's is standardised, and the mean is put on the scale that fits the follow-up best. Where teachers
    foretold nothing that is 0, not below: grades then follow what was seen alone, and nobody is graded upside down.

    Raises:
        StudyError: Everybody has the same hazard, so that there are no grades.
    """
    spread = np.maximum(hazards.std(axis=0), 1e-9)
    mean = ((hazards - hazards.mean(axis=0)) / spread).mean(axis=1)
    scale = max(0.0, float(fit_cox(mean[:, None], follow_up, ridge=1e-4)[0]))
    return grade_people(scale * mean, follow_up, grading)


def grade_groups(grades: Grades, is_healthy: NDArray[np.bool_] | None) -> ReferenceGroups:
    """Return the best grade as the reference, the lower half of the others in no group, the worse half as classes."""
    names = [f"grade {k}" for k in range(grades.n_grades)]
    codes = grades.codes.copy()
    if is_healthy is not None and int((is_healthy & (codes == 0)).sum()) >= FEWEST_HEALTHY:
        codes[(codes == 0) & ~is_healthy] = -1
    middle = range(1, grades.n_grades // 2)
    codes[np.isin(codes, list(middle))] = -1
    kept = [0, *range(max(1, grades.n_grades // 2), grades.n_grades)]
    renamed = np.full(grades.n_grades, -1)
    renamed[kept] = np.arange(len(kept))
    codes = np.where(codes < 0, -1, renamed[codes])
    return ReferenceGroups.from_codes(codes, [names[k] for k in kept], healthy=BEST_GRADE)
