"""How far back a detector reads."""

from collections.abc import Sequence

from holdfast.turn import Role, Turn

__all__ = ["WINDOW_CHARACTERS", "WINDOW_TURNS", "window"]

WINDOW_TURNS = 12
"""Person turns the window reaches back, the last one included."""

WINDOW_CHARACTERS = 12_000
"""Characters of earlier turns the window reads. The last turn is always read whole."""


def window(turns: Sequence[Turn]) -> list[int]:
    """Return the numbers of the person's turns that are read, oldest first."""
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
