"""People with a known risk: embeddings whose first two dimensions set the hazard."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.reference import ReferenceGroups
from holdfast.risk.survival.follow_up import FollowUp


@dataclass(frozen=True, kw_only=True)
class RiskPeople:
    """Embeddings, what is true of them, and what became of them."""

    embeddings: NDArray[np.float64]
    log_hazard: NDArray[np.float64]
    follow_up: FollowUp
    groups: ReferenceGroups


def made_people(n: int = 600, d: int = 4, *, seed: int = 0, has_strata: bool = False) -> RiskPeople:
    """Make people with exponential times to an event, censored between 5 and 15 years."""
    generator = np.random.default_rng(seed)
    embeddings = generator.normal(size=(n, d)) + np.arange(d)
    log_hazard = (embeddings[:, 0] - 0.0) + 0.5 * (embeddings[:, 1] - 1.0)
    years, censored = generator.exponential(20 * np.exp(-log_hazard)), generator.uniform(5, 15, n)
    follow_up = FollowUp(np.minimum(years, censored), years <= censored)
    groups = ReferenceGroups(
        healthy=(log_hazard < 0.3) & ~follow_up.event,
        classes={
            "early": follow_up.event & (follow_up.years < 3),
            "late": follow_up.event & (follow_up.years >= 3),
        },
        strata=generator.integers(0, 2, n) if has_strata else None,
    )
    return RiskPeople(embeddings=embeddings, log_hazard=log_hazard, follow_up=follow_up, groups=groups)


def rotation(d: int, *, seed: int = 0) -> NDArray[np.float64]:
    """Return a random rotation of d dimensions."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))
    return np.asarray(q)
