"""In which order the groups of an attribute are shown."""

from collections.abc import Iterable

from holdfast.study.visits.visits import NOT_RECORDED

__all__ = ["ordered_levels"]


def ordered_levels(levels: Iterable[str]) -> list[str]:
    """Return distinct levels: "under 40" first, then by letter, "not recorded" last."""
    return sorted(set(levels), key=lambda level: (level == NOT_RECORDED, not level.startswith("under "), level))
