"""One visit each: what was measured, as numbers; who it was, in groups; and what came after, where it is known."""

from holdfast.study.visits.visits import Visits

__all__ = ["Visits"]
