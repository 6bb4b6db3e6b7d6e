"""Fold a text into plain words for hashing. Shares nothing with the rules' own normalising, so that one slip in
either does not blind both layers.
"""

import re
import unicodedata
from collections.abc import Callable

__all__ = ["fold"]

_DROPPED = {"Cf", "Me", "Cc", "Co", "Cs"}
_LEET = str.maketrans("013457$@!|", "oieastsail")
_LEET_WORD = re.compile(r"(?<![\w$@])(?=[\w$@!|]{0,60}[a-z])[a-z\d$@]{1,60}(?:[!|]{1,8}[a-z\d$@]{1,60}){0,8}(?![\w$@])")
"""Bounded, so that a huge message of signs and digits takes no longer than its length asks for."""

_SIGN = re.compile(r"[\d$@!|]")
_SPELT = re.compile(r" . . . ")
_ONES = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)")
_THRICE = re.compile(r"(.)\1\1")
_RUN = re.compile(r"([^\W\d])\1{2,}")
"""``_SPELT`` and ``_THRICE`` find in a tenth of the time that there is nothing for ``_ONES`` and ``_RUN``."""

_NOT_WORD = re.compile(r"[^\w?\u0900-\u0dff\u2600-\u27bf\U0001f000-\U0001ffff]|_")
_APOSTROPHE = re.compile(r"['\u2018\u2019\u02bc`*]")
_MOST_REMEMBERED = 20_000


def fold(text: str) -> str:
    """Return ``text`` in lower case, without accents, marks and disguises, words one space apart; "" for blank text.

    Digits and signs standing for letters within a word become letters, spaced-out letters are joined, letters repeated
    more than twice are cut to two, apostrophes vanish. Emoji and question marks stay, each a word.
    """
    plain = text.lower() if text.isascii() else _decomposed(text)
    plain = _APOSTROPHE.sub("", plain)
    plain = _LEET_WORD.sub(lambda match: match.group().translate(_LEET), plain) if _SIGN.search(plain) else plain
    plain = " ".join(plain.replace("?", " ? ").translate(_BLANKED).split())
    if _SPELT.search(f" {plain} "):
        plain = _ONES.sub(lambda match: match.group().replace(" ", ""), plain)
    return _RUN.sub(r"\1\1", plain) if _THRICE.search(plain) else plain


class _Table(dict[int, int | None]):
    """What becomes of each letter, for ``str.translate``, worked out when it is first met: there are a million."""

    def __init__(self, becomes: Callable[[str], int | None]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> int | None:
        becomes = self._becomes(chr(code))
        if len(self) < _MOST_REMEMBERED:
            self[code] = becomes
        return becomes


def _kept(letter: str) -> int | None:
    is_mark = unicodedata.combining(letter) or unicodedata.category(letter) in _DROPPED
    return None if is_mark and not letter.isspace() else ord(letter)


def _blanked(letter: str) -> int:
    return ord(" " if _NOT_WORD.match(letter) else letter)


_KEPT, _BLANKED = _Table(_kept), _Table(_blanked)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).translate(_KEPT)
