"""Tell, before a pattern is tried, whether a text holds the strings without which it cannot match.

Trying a hundred patterns on a sentence is what review costs. Most of them need a word that the sentence lacks, so the
strings a pattern cannot do without are read off the parsed pattern once, and looked for all together. What cannot be
read off asks for nothing, so that the pattern is tried: a need may be too lax, never too strict.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from re import _constants, _parser  # type: ignore[attr-defined]  # the parser of re has no public name
from typing import Any, Self

__all__ = ["Needs", "NeedsIndex", "needs_of"]

_SHORTEST = 3
_START_SIZES = (3, 4, 5, 8)
_MOST_STRINGS = 96
_MOST_LETTERS = 8
_EMPTY = frozenset({""})
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)

Needs = tuple[frozenset[str], ...]
"""Sets of strings, of each of which a text must hold at least one; empty where nothing is known to be needed."""


@dataclass(frozen=True)
class _Part:
    """A part of a pattern: all the strings it can be, where they are few, and what must stand in the text."""

    exact: frozenset[str] | None = None
    needs: Needs = ()

    @property
    def all_needs(self) -> Needs:
        return self.needs if self.exact is None or "" in self.exact else (*self.needs, self.exact)


@dataclass(frozen=True)
class NeedsIndex:
    """Finds which of many strings a text holds, by the first letters of each: as many as it has of 3, 4, 5 or 8."""

    _by_start: dict[int, dict[str, tuple[str, ...]]] = field(repr=False)

    @classmethod
    def over(cls, needs: Iterable[Needs]) -> Self:
        """Index every string of ``needs``."""
        by_start: dict[int, dict[str, tuple[str, ...]]] = {size: {} for size in _START_SIZES}
        for string in sorted({string for need in needs for options in need for string in options}):
            size = max(size for size in _START_SIZES if size <= len(string))
            starts = by_start[size]
            starts[string[:size]] = (*starts.get(string[:size], ()), string)
        return cls(by_start)

    def found_in(self, text: str) -> frozenset[str]:
        """Return the strings that ``text`` holds."""
        found: list[str] = []
        for size, strings in self._by_start.items():
            starts = {text[at : at + size] for at in range(len(text) - size + 1)} & strings.keys()
            found += [string for start in starts for string in strings[start] if string in text]
        return frozenset(found)


def needs_of(pattern: str) -> Needs:
    """Return what a text must hold for ``pattern`` to match it; nothing where letters' case plays no part in it.

    Raises:
        re.error: The pattern does not compile.
    """
    parsed = _parser.parse(pattern)
    if parsed.state.flags & re.IGNORECASE:
        return ()
    usable = (need for need in _sequence(parsed).all_needs if all(len(string) >= _SHORTEST for string in need))
    return tuple(dict.fromkeys(usable))


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Part:
    """Read parts that follow one another. Strings grow while they are few; then they are needed as they stand."""
    run, needs, is_whole = _EMPTY, list[frozenset[str]](), True
    for operator, argument in items:
        part = _part(operator, argument)
        needs += part.needs
        if part.exact is not None and len(run) * len(part.exact) <= _MOST_STRINGS:
            run = frozenset(before + after for before, after in product(run, part.exact))
            continue
        is_whole = False
        needs += [run] if "" not in run else []
        run = part.exact if part.exact is not None else _EMPTY
    if is_whole:
        return _Part(exact=run, needs=tuple(needs))
    return _Part(needs=(*needs, run) if "" not in run else tuple(needs))


def _part(operator: Any, argument: Any) -> _Part:
    if operator is _constants.LITERAL:
        return _Part(exact=frozenset({chr(argument)}))
    if operator is _constants.IN:
        return _Part(exact=_letters(argument))
    if operator in (_constants.AT, _constants.ASSERT_NOT):
        return _Part(exact=_EMPTY)
    if operator is _constants.ASSERT:
        return _Part(exact=_EMPTY, needs=_sequence(argument[1]).all_needs)
    if operator is _constants.SUBPATTERN:
        return _Part() if argument[1] else _sequence(argument[3])
    if operator is _constants.ATOMIC_GROUP:
        return _sequence(argument)
    if operator is _constants.BRANCH:
        return _branch([_sequence(branch) for branch in argument[1]])
    return _repeat(*argument) if operator in _REPEATS else _Part()


def _letters(items: Sequence[tuple[Any, Any]]) -> frozenset[str] | None:
    """Return the letters of a class such as ``[sz]``, or None where they are many or not listed."""
    if len(items) > _MOST_LETTERS or any(operator is not _constants.LITERAL for operator, _ in items):
        return None
    return frozenset(chr(code) for _, code in items)


def _branch(parts: Sequence[_Part]) -> _Part:
    exact = [part.exact for part in parts if part.exact is not None]
    if len(exact) == len(parts) and not any(part.needs for part in parts):
        strings = frozenset().union(*exact)
        if len(strings) <= _MOST_STRINGS or "" in strings:
            return _Part(exact=strings) if len(strings) <= _MOST_STRINGS else _Part()
        return _Part(needs=(strings,))
    best = [_best(part) for part in parts]
    chosen = [need for need in best if need is not None]
    return _Part(needs=(frozenset().union(*chosen),) if len(chosen) == len(best) else ())


def _best(part: _Part) -> frozenset[str] | None:
    """Return the need that the fewest texts would meet by chance."""
    usable = [need for need in part.all_needs if all(len(string) >= _SHORTEST for string in need)]
    return min(usable, key=lambda need: sum(27.0 ** -len(string) for string in need), default=None)


def _repeat(least: int, most: Any, items: Iterable[tuple[Any, Any]]) -> _Part:
    part = _sequence(items)
    if least == 0:
        return _Part(exact=part.exact | _EMPTY) if most == 1 and part.exact is not None and not part.needs else _Part()
    return part if most == 1 else _Part(needs=part.all_needs)
