"""Phrase templates: the small language the rule files are written in, compiled to safe regular expressions.

::

    i want to die            words, in this order
    (die|be dead)            one of these
    [own]                    may be left out; [a|b] is one of these or nothing
    <want>                   a list of the lexicon
    *3                       up to three more words, not across a mark
    ~3                       up to three more words or marks
    death & pain & !game     the first, with the second anywhere in the sentence and the third nowhere in it
    ^ ... $                  starts the sentence; ends it, or stands before a pause

Gaps are bounded and nothing else repeats, so matching cannot blow up. Each template also yields its *anchors*:
words of which at least one must occur, so that most templates need not be tried at all.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from holdfast.errors import ContentError

__all__ = ["Template", "TemplateParser"]

_SYMBOL = re.compile(
    r"""\s*(?:(?P<mark>[()\[\]|])|<(?P<list>[a-z_]+)>|(?P<gap>[*~])(?P<n>[1-9])|(?P<edge>[\^$])|(?P<word>[\w\u0900-\u0963,"?]+))"""
)
_EDGES = {"^": r"(?:\A|(?<=, ))", "$": r"(?=\Z|, |haha )"}
_COMMON_WEIGHT = 40


@dataclass(frozen=True)
class Template:
    """A parsed template: what is found, and what must and must not occur beside it.

    ``anchors`` are words of which at least one must occur, ``needs`` further such sets, all of which must be met, and
    ``words`` all the literal words. Its expressions are compiled when first needed, which most templates never are.
    """

    source: str
    anchors: frozenset[str]
    words: frozenset[str]
    needs: tuple[frozenset[str], ...] = ()
    sources_beside: tuple[str, ...] = ()
    sources_absent: tuple[str, ...] = ()

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """What is found."""
        return re.compile(self.source)

    @cached_property
    def beside(self) -> tuple[re.Pattern[str], ...]:
        """What must occur anywhere in the sentence, each of them."""
        return tuple(re.compile(source) for source in self.sources_beside)

    @cached_property
    def absent(self) -> tuple[re.Pattern[str], ...]:
        """What must occur nowhere in the sentence, none of them."""
        return tuple(re.compile(source) for source in self.sources_absent)

    def ready(self) -> None:
        """Compile its expressions now, not when the template is first tried."""
        _ = self.regex, self.beside, self.absent

    def find(self, text: str) -> Iterable[re.Match[str]]:
        """Return the matches in ``text``, plain words each followed by one space."""
        if self.regex.search(text) is None or any(regex.search(text) is None for regex in self.beside):
            return ()
        if any(regex.search(text) for regex in self.absent):
            return ()
        return self.regex.finditer(text)


@dataclass(frozen=True)
class _Node:
    """Part of a template: its expression, sets of words it needs one of each (none: it may be empty), all its words."""

    regex: str
    needs: tuple[frozenset[str], ...]
    words: frozenset[str]


class TemplateParser:
    """Compiles templates against a lexicon.

    Args:
        lexicon: Named lists of templates; a list may use lists that stand before it.
        common: Everyday words that make poor anchors.
    """

    def __init__(self, lexicon: Mapping[str, Collection[str]], common: Collection[str]) -> None:
        self._common = frozenset(common)
        self._lists: dict[str, _Node] = {}
        for name, entries in lexicon.items():
            self._lists[name] = self._either([self._parse(entry) for entry in entries])

    def compile(self, template: str) -> Template:
        """Compile one template.

        Raises:
            ContentError: It cannot be parsed, uses an unknown list, or could match nothing at all.
        """
        first, *others = template.split(" & ")
        node = self._parse(first)
        if not node.needs:
            raise ContentError(f"Template must contain at least one required word, got {template!r}; add one.")
        beside = [self._parse(other) for other in others if not other.startswith("!")]
        absent = [self._parse(other[1:]) for other in others if other.startswith("!")]
        anchors, *needs = sorted(node.needs, key=self._weight)
        needs += [need for other in beside for need in other.needs]
        return Template(
            source=_whole(node),
            anchors=anchors,
            needs=tuple(sorted(set(needs), key=self._weight)),
            words=node.words.union(*(other.words for other in beside)),
            sources_beside=tuple(_whole(other) for other in beside),
            sources_absent=tuple(_whole(other) for other in absent),
        )

    def _parse(self, template: str) -> _Node:
        symbols = _symbols(template)
        node = self._alternatives(symbols, template)
        if symbols:
            raise ContentError(f"Template must balance its brackets, got {template!r}; close or open them.")
        return node

    def _alternatives(self, symbols: list[re.Match[str]], template: str) -> _Node:
        branches = [self._sequence(symbols, template)]
        while symbols and symbols[0]["mark"] == "|":
            symbols.pop(0)
            branches.append(self._sequence(symbols, template))
        return self._either(branches)

    def _sequence(self, symbols: list[re.Match[str]], template: str) -> _Node:
        parts: list[_Node] = []
        while symbols and symbols[0]["mark"] not in {")", "]", "|"}:
            parts.append(self._item(symbols.pop(0), symbols, template))
        if not parts:
            raise ContentError(f"Template must have words between its marks, got {template!r}; fill the gap.")
        return _Node(
            "".join(part.regex for part in parts),
            tuple(need for part in parts for need in part.needs),
            frozenset().union(*(part.words for part in parts)),
        )

    def _item(self, symbol: re.Match[str], symbols: list[re.Match[str]], template: str) -> _Node:
        if word := symbol["word"]:
            return _Node(re.escape(word) + " ", (frozenset({word}),), frozenset({word}))
        if name := symbol["list"]:
            if name not in self._lists:
                raise ContentError(f"Template must use lists of the lexicon, got {name!r}; add it or correct it.")
            return self._lists[name]
        if symbol["edge"]:
            return _Node(_EDGES[symbol["edge"]], (), frozenset())
        if symbol["gap"]:
            letters = '[^ ,"]' if symbol["gap"] == "*" else "[^ ]"
            return _Node(f"(?:{letters}+ ){{0,{symbol['n']}}}", (), frozenset())
        inner = self._alternatives(symbols, template)
        closing = {"(": ")", "[": "]"}.get(symbol["mark"])
        if closing is None or not symbols or symbols.pop(0)["mark"] != closing:
            raise ContentError(f"Template must balance its brackets, got {template!r}; close or open them.")
        return inner if closing == ")" else _Node(f"(?:{inner.regex})?", (), inner.words)

    def _either(self, branches: list[_Node]) -> _Node:
        if len(branches) == 1:
            return branches[0]
        rarest = [min(branch.needs, key=self._weight) for branch in branches if branch.needs]
        return _Node(
            f"(?:{'|'.join(dict.fromkeys(branch.regex for branch in branches))})",
            (frozenset().union(*rarest),) if len(rarest) == len(branches) else (),
            frozenset().union(*(branch.words for branch in branches)),
        )

    def _weight(self, anchors: frozenset[str]) -> int:
        return sum(_COMMON_WEIGHT if word in self._common else 1 for word in anchors)


def _whole(node: _Node) -> str:
    return f"(?<![^ ]){node.regex}"


def _symbols(template: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    position = 0
    while position < len(template.rstrip()):
        match = _SYMBOL.match(template, position)
        if match is None:
            raise ContentError(f"Template must use plain words and marks, got {template!r}; correct it.")
        found.append(match)
        position = match.end()
    return found
