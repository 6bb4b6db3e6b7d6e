"""Any figure by sex, age band, ethnicity or other groups, and how far apart the groups are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.measured import Measurement, Scored, Unscored
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp, Values, column_of

__all__ = ["Subgroup", "SubgroupGap", "by_subgroup", "subgroup_gaps"]

NOT_RECORDED = "not recorded"
"""The level of people whose attribute is not known: they are a group of their own, not left out."""

_FEWEST_EVENTS = 10


@dataclass(frozen=True, kw_only=True)
class Subgroup:
    """One level of one attribute.

    Attributes:
        attribute: "sex".
        level: "female"; "not recorded" for people in whom it is not known.
        people: How many.
        events: How many of them had the event, at any time in the follow-up given.
        figure: The figure among them; unscored with fewer events than asked for.
    """

    attribute: str
    level: str
    people: int
    events: int
    figure: Measurement


@dataclass(frozen=True, kw_only=True)
class SubgroupGap:
    """How far apart the scored levels of one attribute are.

    Attributes:
        attribute: "sex".
        gap: Largest figure less smallest; ``n`` is the levels compared. Of the levels as they came out, so that chance
            alone makes it positive, more so with many small groups; it has no interval, the levels do. Unscored with
            fewer than two scored levels.
        smallest: Level with the smallest figure; None where the gap is unscored.
        largest: Level with the largest figure; None where the gap is unscored.
        left_out: Levels that were not scored.
    """

    attribute: str
    gap: Measurement
    smallest: str | None
    largest: str | None
    left_out: tuple[str, ...]


def by_subgroup(
    figure: Callable[[Values, FollowUp], Measurement],
    risk: ArrayLike,
    follow_up: FollowUp,
    *,
    attributes: Mapping[str, Sequence[str | None]],
    fewest_events: int = _FEWEST_EVENTS,
) -> tuple[Subgroup, ...]:
    """Measure a figure in every level of every attribute.

    Small groups stay in the list, with their counts and the reason why they are unscored.

    Args:
        figure: Risks of some people, shape (m,), and their follow-up, to a figure.
        risk: Shape (n,), finite, higher is worse.
        follow_up: Of the same people.
        attributes: Name -> one level a person, None where it is not known.
        fewest_events: Events a group needs to be scored, at least 1.

    Returns:
        Attributes in the order given, levels in sorted order, "not recorded" last.

    Raises:
        RiskError: Risks or attributes of another length, levels that are not text, or fewer than 1 event asked for.
    """
    values = column_of(risk, len(follow_up), subject="Risk")
    if fewest_events < 1:
        raise RiskError("Fewest events must be at least 1", repr(fewest_events), "10 is usual")
    found: list[Subgroup] = []
    for attribute, levels in attributes.items():
        for level, rows in _levels(attribute, levels, len(follow_up)):
            some = follow_up.take(rows)
            enough = some.n_events >= fewest_events
            measured = figure(values[rows], some) if enough else Unscored(f"fewer than {fewest_events} events")
            found.append(
                Subgroup(attribute=attribute, level=level, people=len(some), events=some.n_events, figure=measured)
            )
    return tuple(found)


def subgroup_gaps(subgroups: Sequence[Subgroup]) -> tuple[SubgroupGap, ...]:
    """Find the gap between the levels of each attribute, attributes in the order they come in."""
    return tuple(
        _gap(attribute, [group for group in subgroups if group.attribute == attribute])
        for attribute in dict.fromkeys(group.attribute for group in subgroups)
    )


def _gap(attribute: str, groups: Sequence[Subgroup]) -> SubgroupGap:
    scored = {group.level: group.figure.value for group in groups if isinstance(group.figure, Scored)}
    left_out = tuple(group.level for group in groups if group.level not in scored)
    if len(scored) < 2:
        few = Unscored("fewer than two groups with enough events")
        return SubgroupGap(attribute=attribute, gap=few, smallest=None, largest=None, left_out=left_out)
    smallest, largest = min(scored, key=scored.__getitem__), max(scored, key=scored.__getitem__)
    gap = Scored(value=scored[largest] - scored[smallest], n=len(scored))
    return SubgroupGap(attribute=attribute, gap=gap, smallest=smallest, largest=largest, left_out=left_out)


def _levels(attribute: str, levels: Sequence[str | None], people: int) -> list[tuple[str, NDArray[np.int64]]]:
    names = list(levels)
    if len(names) != people:
        raise RiskError(
            f"Attribute {attribute!r} must be one for each of {people} people",
            f"{len(names)}",
            "line them up",
            columns=[attribute],
        )
    unusable = sum(not (name is None or isinstance(name, str)) for name in names)
    if unusable or NOT_RECORDED in names:
        raise RiskError(
            f"Attribute {attribute!r} must be text, or None where not known",
            f"{unusable} others" if unusable else repr(NOT_RECORDED),
            "name its levels",
            columns=[attribute],
            rows=unusable or None,
        )
    column = np.array(names, dtype=object)
    known = sorted({name for name in names if name is not None})
    found = [(level, np.flatnonzero(column == level)) for level in known]
    unknown = np.flatnonzero(np.array([name is None for name in names]))
    return [*found, (NOT_RECORDED, unknown)] if len(unknown) else found
