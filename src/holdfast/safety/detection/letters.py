"""Put letters into plain ones, tell their script, and remember what each becomes. No words are kept, letters alone."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence

__all__ = ["LetterMemo", "folded", "script_of"]

_MOST = 8_192
"""More letters than any language has."""


class LetterMemo(dict[str, str]):
    """What letters become, worked out when each is first met.

    Args:
        becomes: Says what one letter becomes, always the same.
        most: Letters remembered; what others become is worked out anew each time.
    """

    def __init__(self, becomes: Callable[[str], str], *, most: int = _MOST) -> None:
        super().__init__()
        self._becomes, self._most = becomes, most

    def __missing__(self, letter: str) -> str:
        found = self._becomes(letter)
        if len(self) < self._most:
            self[letter] = found
        return found


def folded(text: str, letters: Mapping[str, str]) -> tuple[str, Sequence[int]]:
    """Return ``text`` folded letter by letter, and for each letter of that the place in ``text`` it comes from.

    ASCII letters become small ones, and ``letters`` must say so too: where there are no others it is not asked.
    """
    if text.isascii():
        return text.lower(), range(len(text))
    pieces = [letters[letter] for letter in text]
    plain = "".join(pieces)
    if len(plain) == len(text) and "" not in pieces:
        return plain, range(len(text))
    return plain, [place for place, piece in enumerate(pieces) for _ in piece]


def script_of(letter: str) -> str:
    """Return the script of a letter, the first word of its name in Unicode; nothing for one without a name."""
    return unicodedata.name(letter, "").split(" ", 1)[0]
