"""Disturb a text as hurried or disguised typing does, so that training sees more spellings than were written."""

import random

__all__ = ["disturbed"]

_DISGUISES = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}


def disturbed(text: str, draw: random.Random, *, share: float) -> str:
    """Return ``text``; in a ``share`` of calls with slips, disguises, words left out, or only its later part."""
    if draw.random() >= share:
        return text
    words = text.split()
    manner = draw.choice((_slips, _disguises, _left_out, _later_part))
    return manner(words, draw) if len(words) > 1 else text


def _slips(words: list[str], draw: random.Random) -> str:
    return " ".join(_slip(word, draw) if len(word) > 3 and draw.random() < 0.25 else word for word in words)


def _slip(word: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(word) - 1)
    if draw.random() < 0.5:
        return word[:place] + word[place + 1 :]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _disguises(words: list[str], draw: random.Random) -> str:
    text = " ".join(words).lower()
    return "".join(
        draw.choice(_DISGUISES[letter]) if letter in _DISGUISES and draw.random() < 0.25 else letter for letter in text
    )


def _left_out(words: list[str], draw: random.Random) -> str:
    return " ".join(word for word in words if len(words) <= 5 or draw.random() > 0.15)


def _later_part(words: list[str], draw: random.Random) -> str:
    return " ".join(words[draw.randrange(0, len(words) // 3) :] if len(words) > 12 else words)
