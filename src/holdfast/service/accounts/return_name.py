"""The name by which a person comes back: four plain words picked by chance, which say nothing about them."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["WORDS", "new_return_name", "words"]

WORDS = Path(__file__).with_name("words.txt")

_COUNT = 4


def words(path: Path = WORDS) -> tuple[str, ...]:
    """Return the words that names are made of."""
    return tuple(path.read_text(encoding="utf-8").split())


def new_return_name(choose: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """Return a new name such as "amber kettle willow stone". It is not secret: the passphrase is."""
    known = words()
    return " ".join(choose(known) for _ in range(_COUNT))
