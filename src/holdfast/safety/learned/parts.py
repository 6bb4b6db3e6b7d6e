"""What of a conversation is judged: each thing the person said piece by piece, and the last few things together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from holdfast.safety.detection.window import window
from holdfast.safety.learned.pieces import Piece
from holdfast.turn import Turn

__all__ = ["Part", "parts_of"]

TOGETHER = 4
"""The last person turns that are also read as one text."""


@dataclass(frozen=True)
class Part:
    """A stretch to be judged: where it is, and its text. ``is_together`` for several turns read as one."""

    turn: int
    piece: Piece
    text: str
    is_together: bool = False


def parts_of(turns: Sequence[Turn], cut: Callable[[str], Sequence[Piece]], *, joins: bool = True) -> Iterator[Part]:
    """Yield the parts of ``turns``, oldest first; blank ones too. Only what the person says is judged.

    Args:
        cut: Returns the pieces of one text.
        joins: Whether the last few things said are a part as well, together.
    """
    numbers = window(turns)
    for number in numbers:
        text = turns[number].text
        for piece in cut(text):
            yield Part(number, piece, text[piece.start : piece.end])
    last = numbers[-TOGETHER:]
    if joins and len(last) > 1:
        text = "\n".join(turns[number].text for number in last)
        yield Part(last[-1], Piece(0, len(turns[last[-1]].text)), text, is_together=True)
