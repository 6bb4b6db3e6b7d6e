"""A stretch of a text that points to a person, and what to do where several overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from holdfast.safety.privacy.kind import Kind

__all__ = ["Finder", "NameModel", "Span", "settle"]

_RANK = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True, kw_only=True)
class Span:
    """Characters ``start`` up to, not including, ``end``. ``rule`` names what found it, never what was found.

    ``is_sure`` is true where a checksum holds or a word beside it says what it is.
    """

    start: int
    end: int
    kind: Kind
    rule: str
    is_sure: bool = False


class Finder(Protocol):
    """Finds spans of some kinds in a text."""

    def __call__(self, text: str) -> Iterable[Span]:
        """Return what is in ``text``, in any order; spans may overlap."""
        ...


class NameModel(Protocol):
    """A model that finds names of people, for those who have one; what it finds is added, nothing is taken away."""

    def names(self, text: str) -> Iterable[tuple[int, int]]:
        """Return where names begin and end in ``text``."""
        ...


def settle(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans that do not overlap and cover all that ``spans`` cover, in order.

    Where some overlap, one span covers them together. It takes the kind of the sure ones before the others, then of
    the longest, then of the earlier kind: more may be hidden than need be, never less.
    """
    settled: list[Span] = []
    group: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if group and span.start >= max(member.end for member in group):
            settled.append(_merged(group))
            group = []
        group.append(span)
    return (*settled, _merged(group)) if group else ()


def _merged(group: list[Span]) -> Span:
    best = min(group, key=lambda span: (not span.is_sure, span.start - span.end, _RANK[span.kind]))
    start, end = min(span.start for span in group), max(span.end for span in group)
    return Span(start=start, end=end, kind=best.kind, rule=best.rule, is_sure=best.is_sure)
