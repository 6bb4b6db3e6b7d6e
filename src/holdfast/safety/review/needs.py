"""Tell, before a pattern is tried, whether a text holds the strings without which it cannot match.

Trying a hundred patterns on a sentence is what review costs. Most of them need a word that the sentence lacks, so the
strings a pattern cannot do without are read off the parsed pattern once, and looked for all together: a text is cut
into its runs of four letters once, and what it may hold is found by the rarest run of each string. What cannot be read
off asks for nothing, so that the pattern is tried: a need may be too lax, never too strict.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, product
from re import _constants, _parser  # type: ignore[attr-defined]  # the parser of re has no public name
from typing import Any, Self

__all__ = ["FIGURE", "Held", "Needs", "NeedsIndex", "needs_of"]

FIGURE = "\0"
"""Stands in a need for a figure of any script; a text that has one is given it."""

_FIGURE = re.compile(r"\d")
_GRAM = 4
_MOST_STRINGS = 96
_MOST_LETTERS = 8
_MOST_WAYS = 64
_MOST_COMMON = 0.002
_RANKED = " etaoinshrdlucmfwyp.,'vb-gkjxqz"
_COMMONNESS = {letter: (len(_RANKED) - rank) / 500 for rank, letter in enumerate(_RANKED)}
_RARE = 0.0005
_EMPTY = frozenset({""})
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)

Gram = tuple[str, str, str, str]
Grams = frozenset[Gram]
"""Runs of four letters."""

Needs = tuple[frozenset[str], ...]
"""Sets of strings, of each of which a text must hold at least one; empty where nothing is known to be needed."""


@dataclass(frozen=True)
class Held:
    """A reading of a text, the same with ``FIGURE`` behind it if it has a figure, and its runs of four letters."""

    reading: str
    text: str
    grams: Grams

    @classmethod
    def by(cls, text: str) -> Self:
        """Look through ``text`` (folded) once."""
        return cls(text, text + FIGURE if _FIGURE.search(text) else text, _grams(text))


@dataclass(frozen=True)
class _Part:
    """A part of a pattern: all the strings it can be, where they are few, and what must stand in the text."""

    exact: frozenset[str] | None = None
    needs: Needs = ()

    @property
    def all_needs(self) -> Needs:
        return self.needs if self.exact is None or "" in self.exact else (*self.needs, self.exact)


@dataclass(frozen=True)
class _Sought:
    """One need, by the rarest run of each of its strings; strings shorter than a run are looked for themselves."""

    grams: Grams
    short: tuple[str, ...]

    def may_be_in(self, held: Held) -> bool:
        return not self.grams.isdisjoint(held.grams) or any(string in held.text for string in self.short)


@dataclass(frozen=True)
class _Way:
    """One way in which a pattern can match: whose it is, and what else it needs than what led to it."""

    owner: int
    rest: tuple[_Sought, ...]


@dataclass(frozen=True)
class NeedsIndex:
    """Finds among many patterns those that a text may match, by the need of each way that the fewest texts meet."""

    always: frozenset[int]
    _by_gram: Mapping[Gram, tuple[tuple[Grams, tuple[_Way, ...]], ...]] = field(repr=False)
    _by_short: Mapping[str, tuple[_Way, ...]] = field(repr=False)
    _grams: Grams = field(repr=False)

    @classmethod
    def over(cls, owners: Iterable[Iterable[Needs]]) -> Self:
        """Index the ways of every owner, by its place."""
        listed = [(owner, tuple(map(_shortest, needs))) for owner, ways in enumerate(owners) for needs in ways]
        rarest = _rarest_in(string for _, needs in listed for need in needs for string in need)
        by_string: dict[str, tuple[_Way, ...]] = {}
        for owner, needs in listed:
            first, *rest = sorted(needs, key=_commonness) or [_EMPTY]
            way = _Way(owner, tuple(_sought(need, rarest) for need in rest))
            for string in sorted(first):
                by_string[string] = (*by_string.get(string, ()), way)
        by_gram: dict[Gram, tuple[tuple[Grams, tuple[_Way, ...]], ...]] = {}
        for string, leading in by_string.items():
            if len(string) >= _GRAM:
                by_gram[rarest[string]] = (*by_gram.get(rarest[string], ()), (_grams(string), leading))
        short = {string: leading for string, leading in by_string.items() if 0 < len(string) < _GRAM}
        return cls(frozenset(way.owner for way in by_string.get("", ())), by_gram, short, frozenset(by_gram))

    def owners_in(self, held: Held) -> list[int]:
        """Return the places of the owners that have a way whose needs ``held`` meets, in order."""
        met = set(self.always)
        leading = [ways for string, ways in self._by_short.items() if string in held.text]
        for gram in self._grams & held.grams:
            leading += [ways for grams, ways in self._by_gram[gram] if grams <= held.grams]
        for way in chain.from_iterable(leading):
            if way.owner not in met and all(sought.may_be_in(held) for sought in way.rest):
                met.add(way.owner)
        return sorted(met)


def needs_of(pattern: str) -> tuple[Needs, ...]:
    """Return, for each way in which ``pattern`` can match, what a text must hold for it.

    A way without needs can be met by any text; so is the only one where letters' case plays no part.

    Raises:
        re.error: The pattern does not compile.
    """
    parsed = _parser.parse(pattern)
    if parsed.state.flags & re.IGNORECASE:
        return ((),)
    ways = _ways(parsed)
    if len(ways) > _MOST_WAYS:
        ways = [_sequence(parsed)]
    return tuple(dict.fromkeys(tuple(dict.fromkeys(filter(_is_telling, way.all_needs))) for way in ways))


def _ways(items: Iterable[tuple[Any, Any]], depth: int = 1) -> list[_Part]:
    """Read a pattern as the ways it can match: one for each branch of the only branching it has, if it has only one.

    Branches that are nothing but words stay one way.
    """
    items = [*items]
    forks = [(at, branches) for at, item in enumerate(items) if (branches := _branches(*item))]
    if depth == 0 or len(forks) != 1:
        return [_sequence(items)]
    at, branches = forks[0]
    words = [branch for branch in branches if _is_words(_sequence(branch))]
    kept = [[(_constants.BRANCH, (None, words))]] if words else []
    kept += [[*branch] for branch in branches if not any(branch is one for one in words)]
    return [way for branch in kept for way in _ways([*items[:at], *branch, *items[at + 1 :]], depth - 1)]


def _branches(operator: Any, argument: Any) -> list[Any]:
    """Return the branches of a part that is one branching, bracketed or not."""
    while operator is _constants.SUBPATTERN and not argument[1] and len(argument[3]) == 1:
        operator, argument = argument[3][0]
    return argument[1] if operator is _constants.BRANCH else []


def _is_words(part: _Part) -> bool:
    return part.exact is not None and not part.needs


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Part:
    """Read parts that follow one another. Strings grow while they are few; then they are needed as they stand."""
    run, needs, is_whole = _EMPTY, list[frozenset[str]](), True
    for part in _parts(items):
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


def _parts(items: Iterable[tuple[Any, Any]]) -> Iterator[_Part]:
    """Yield the parts of a sequence, letters that follow one another as one."""
    for is_literal, group in groupby(items, key=lambda item: item[0] is _constants.LITERAL):
        if is_literal:
            yield _Part(exact=frozenset({"".join(chr(letter) for _, letter in group)}))
        else:
            yield from (_part(operator, argument) for operator, argument in group)


def _part(operator: Any, argument: Any) -> _Part:
    if operator is _constants.IN:
        return _Part(needs=(frozenset({FIGURE}),)) if _is_figures(argument) else _Part(exact=_letters(argument))
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


def _is_figures(items: Sequence[tuple[Any, Any]]) -> bool:
    """Whether a class is ``\\d`` or a stretch of the ten figures, and nothing else."""
    (operator, argument), *others = items
    if others or operator not in (_constants.CATEGORY, _constants.RANGE):
        return False
    if operator is _constants.CATEGORY:
        return bool(argument is _constants.CATEGORY_DIGIT)
    return bool(ord("0") <= argument[0] <= argument[1] <= ord("9"))


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
    return min(filter(_is_telling, part.all_needs), key=_commonness, default=None)


def _repeat(least: int, most: Any, items: Iterable[tuple[Any, Any]]) -> _Part:
    part = _sequence(items)
    if least == 0:
        return _Part(exact=part.exact | _EMPTY) if most == 1 and part.exact is not None and not part.needs else _Part()
    return part if most == 1 else _Part(needs=part.all_needs)


def _is_telling(need: frozenset[str]) -> bool:
    """Whether most texts lack what is needed, so that looking for it pays."""
    return _commonness(need) <= _MOST_COMMON


def _commonness(need: frozenset[str]) -> float:
    """Return roughly how often a place in a text begins with one of the strings."""
    return sum(map(_chance, need))


def _chance(string: Iterable[str]) -> float:
    """Return roughly how often a place in a text begins with ``string``: by rank of its letters, signs rarest."""
    chance = 1.0
    for letter in string:
        chance *= _COMMONNESS.get(letter, _RARE)
    return chance


def _grams(text: str) -> Grams:
    return frozenset(zip(text, text[1:], text[2:], text[3:], strict=False))


def _shortest(need: frozenset[str]) -> frozenset[str]:
    """Return ``need`` without the strings that hold another one of it: a text that has them has that."""
    kept: list[str] = []
    for string in sorted(need, key=len):
        if not any(other in string for other in kept):
            kept.append(string)
    return frozenset(kept)


def _rarest_in(strings: Iterable[str]) -> dict[str, Gram]:
    """Return for each string, those shorter than a run left out, the run that few strings and few texts have."""
    of_string = {string: _grams(string) for string in strings if len(string) >= _GRAM}
    shared = Counter(chain.from_iterable(of_string.values()))

    rank = {gram: (count * _chance(gram), gram) for gram, count in shared.items()}
    return {string: min(grams, key=rank.__getitem__) for string, grams in of_string.items()}


def _sought(need: frozenset[str], rarest: Mapping[str, Gram]) -> _Sought:
    grams = frozenset(rarest[string] for string in need if string in rarest)
    return _Sought(grams, tuple(sorted(string for string in need if string not in rarest)))
