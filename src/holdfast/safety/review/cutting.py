"""Cut text that arrives in pieces of any size into sentences, so that each can be judged before it is shown.

Nothing is lost or added: the sentences, put end to end, are the text. A sentence is given out only when what follows
shows that it has ended, so that "Dr." or "e.g." does not end one and a citation in brackets stays with its sentence.
Where a model leaves out full stops, a blank line, a list item or sheer length ends the piece: it is judged together
with what came before it anyway.
"""

import re
from collections.abc import Iterator

__all__ = ["LONGEST_SENTENCE", "SentenceCutter", "cut_sentences"]

LONGEST_SENTENCE = 600
"""Characters after which a piece is cut at a space, whatever stands there."""

_SLACK = 400
_END = re.compile(
    r"[.!?\u2026]+[\"'\u201d\u2019\u00bb)*_`]*(?=\s)|"
    r"[\u3002\uff01\uff1f\u0964\u061f\u06d4]+[\"'\u201d\u2019\u300d\u300f)*_`]*|"
    r"\n[^\S\n]*\n|\n(?=[^\S\n]*(?:[-*+\u2022]|\d{1,3}[.)])\s)"
)
_NEXT = re.compile(r"\s*(?=\S)")
_CITATION = re.compile(r"(?:\[[^\[\]\n]{0,300}\][.,;]?\s*)+(?=[^\s\[])")
_OPEN_CITATION = re.compile(r"(?:\[[^\[\]\n]{0,300}\][.,;]?\s*)*(?:\[[^\[\]\n]{0,300})?$")
_SHORTENED = re.compile(
    r"(?:^|[\s(\[\"'*_])(?:[A-Za-z]|Dr|Mr|Mrs|Ms|Mx|Prof|St|Sr|Jr|vs|etc|approx|no|nos|fig|e\.g|i\.e|cf|ca|[ap]\.m|"
    r"U\.[SK]|dept|est|inc|tel|ext)\.$",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"(?:^|\n)[^\S\n]*\(?(?:\d{1,3}|[A-Za-z])[.)]$")


class SentenceCutter:
    """Takes a text in pieces and gives out its sentences, each with the space that follows it."""

    def __init__(self) -> None:
        self._held = ""

    @property
    def held_chars(self) -> int:
        """How many characters wait for their sentence to end."""
        return len(self._held)

    def feed(self, piece: str) -> Iterator[str]:
        """Take in ``piece`` and yield every sentence that has ended."""
        self._held += piece
        while (end := self._end()) is not None:
            sentence, self._held = self._held[:end], self._held[end:]
            yield sentence

    def finish(self) -> Iterator[str]:
        """Yield what is left once nothing follows."""
        rest, self._held = self._held, ""
        if rest:
            yield rest

    def _end(self) -> int | None:
        """Return where the first sentence held ends, or None where that cannot be told yet."""
        end = _first_end(self._held)
        if end is not None and end <= LONGEST_SENTENCE + _SLACK:
            return end
        if len(self._held) <= LONGEST_SENTENCE + _SLACK:
            return None
        spaces = max(self._held.rfind(space, 1, LONGEST_SENTENCE) for space in " \n\t")
        return spaces + 1 if spaces > 0 else LONGEST_SENTENCE


def cut_sentences(text: str) -> list[str]:
    """Return the sentences of a whole ``text``, each with the space that follows it; none for an empty one."""
    cutter = SentenceCutter()
    return [*cutter.feed(text), *cutter.finish()]


def _first_end(text: str) -> int | None:
    for match in _END.finditer(text):
        following = _NEXT.match(text, match.end())
        if following is None:
            return None
        end = following.end()
        if match[0].startswith("\n"):
            return match.end() if match[0] == "\n" else end
        if text[end] == "[":
            citation = _CITATION.match(text, end)
            if citation is None and _OPEN_CITATION.match(text, end):
                return None
            end = citation.end() if citation else end
        elif _goes_on(text, match, end):
            continue
        return end
    return None


def _goes_on(text: str, match: re.Match[str], following: int) -> bool:
    """Whether what looks like an end is none: a short form, a list's number, or a small letter after a full stop."""
    before = text[: match.end()]
    if match[0] == "." and (_SHORTENED.search(before[-12:]) or _LIST_MARK.search(before)):
        return True
    return match[0].startswith(".") and text[following].islower()
