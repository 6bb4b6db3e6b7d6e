"""What of a conversation is judged: each thing the person said piece by piece, and the last few things together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from holdfast.safety.learned.pieces import Piece, pieces
from holdfast.turn import Role, Turn

__all__ = ["Part", "parts_of"]

WINDOW_TURNS = 12
"""Person turns the window reaches back, the last one included."""

WINDOW_CHARACTERS = 12_000
"""Characters of earlier turns the window reads. The last turn is always read."""

TOGETHER = 4
"""The last person turns that are also read as one text."""


@dataclass(frozen=True)
class Part:
    """A stretch to be judged: where it is, and its text. ``is_together`` for several turns read as one."""

    turn: int
    piece: Piece
    text: str
    is_together: bool = False


def parts_of(turns: Sequence[Turn]) -> Iterator[Part]:
    """Yield the parts of ``turns``, oldest first; blank ones too. Only what the person says is judged."""
    numbers = _window(turns)
    for number in numbers:
        text = turns[number].text
        for piece in pieces(text):
            yield Part(number, piece, text[piece.start : piece.end])
    last = numbers[-TOGETHER:]
    if len(last) > 1:
        text = "\n".join(turns[number].text for number in last)
        yield Part(last[-1], Piece(0, len(turns[last[-1]].text)), text, is_together=True)


def _window(turns: Sequence[Turn]) -> list[int]:
    numbers: list[int] = []
    room = WINDOW_CHARACTERS
    for number in range(len(turns) - 1, -1, -1):
        if turns[number].role is not Role.PERSON:
            continue
        if numbers:
            room -= len(turns[number].text)
        if len(numbers) == WINDOW_TURNS or room < 0:
            break
        numbers.append(number)
    return numbers[::-1]
