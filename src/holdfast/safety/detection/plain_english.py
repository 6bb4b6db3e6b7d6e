"""Write out a text with words of other Englishes put plainly, for layers that learnt from plain English."""

import re
from collections.abc import Iterator, Sequence

from holdfast.safety.detection.dialects import Dialects
from holdfast.safety.detection.word import Word

__all__ = ["PlainEnglish"]

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_APOSTROPHE = re.compile(r"['\u2019]")


class PlainEnglish:
    """Puts a text plainly.

    Args:
        dialects: What each English says otherwise.
    """

    def __init__(self, dialects: Dialects) -> None:
        self._dialects = dialects

    def of(self, text: str) -> str:
        """Return ``text`` with what a dialect says otherwise put plainly; the same text where none is spoken."""
        said = [
            Word(_APOSTROPHE.sub("", found.group().lower()), found.start(), found.end())
            for found in _WORD.finditer(text)
        ]
        plain = self._dialects.standard(said)
        return text if plain == said else "".join(_written(text, said, plain))


def _written(text: str, said: Sequence[Word], plain: Sequence[Word]) -> Iterator[str]:
    """Yield the pieces of ``text``, word by word with what stands before each; several words may share a place."""
    as_said = set(said)
    done, place = 0, None
    for word in plain:
        if (word.start, word.end) == place:
            yield f" {word.text}"
            continue
        yield text[done : word.start]
        yield text[word.start : word.end] if word in as_said else word.text
        done, place = word.end, (word.start, word.end)
    yield text[done:]
