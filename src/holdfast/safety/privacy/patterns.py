"""Spans by pattern: one regular expression, the kind it finds, and, where one exists, a check of what it found."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.span import Span

__all__ = ["Patterns", "Wanted"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one pattern finds. Its group ``it``, where it has one, is the span; else the whole match is.

    ``check`` returns whether a match counts; None takes them all.
    """

    rule: str
    kind: Kind
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    is_sure: bool = True


@dataclass(frozen=True)
class Patterns:
    """Finds what any of some patterns finds."""

    wanted: tuple[Wanted, ...]

    def __call__(self, text: str) -> Iterator[Span]:
        """Return every match that counts."""
        for item in self.wanted:
            yield from _spans(item, item.pattern.finditer(text))


def _spans(item: Wanted, matches: Iterable[re.Match[str]]) -> Iterator[Span]:
    group: str | int = "it" if "it" in item.pattern.groupindex else 0
    for match in matches:
        if match[group] is not None and (item.check is None or item.check(match[group])):
            start, end = match.span(group)
            yield Span(start=start, end=end, kind=item.kind, rule=item.rule, is_sure=item.is_sure)
