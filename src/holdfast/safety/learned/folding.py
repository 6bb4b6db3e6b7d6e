"""Fold a text into plain words for hashing. Shares nothing with the rules' own normalising, so that one slip in
either does not blind both layers.
"""

import re
import unicodedata

__all__ = ["fold"]

_DROPPED = {"Cf", "Me", "Cc", "Co", "Cs"}
_LEET = str.maketrans("013457$@!|", "oieastsail")
_LEET_WORD = re.compile(r"(?<![\w$@])(?=[\w$@!|]{0,60}[a-z])[a-z\d$@]{1,60}(?:[!|]{1,8}[a-z\d$@]{1,60}){0,8}(?![\w$@])")
"""Bounded, so that a huge message of signs and digits takes no longer than its length asks for."""

_SIGN = re.compile(r"[\d$@!|]")
_ONES = re.compile(r"(?<!\S)(?:[^\W\d_] ){2,}[^\W\d_](?!\S)")
_RUN = re.compile(r"([^\W\d])\1{2,}")
_NOT_WORD = re.compile(r"(?:[^\w?\u0900-\u0dff\u2600-\u27bf\U0001f000-\U0001ffff]|_)+")
_APOSTROPHE = re.compile(r"['\u2018\u2019\u02bc`*]")


def fold(text: str) -> str:
    """Return ``text`` in lower case, without accents, marks and disguises, words one space apart; "" for blank text.

    Digits and signs standing for letters within a word become letters, spaced-out letters are joined, letters repeated
    more than twice are cut to two, apostrophes vanish. Emoji and question marks stay, each a word.
    """
    plain = text.lower() if text.isascii() else _decomposed(text)
    plain = _APOSTROPHE.sub("", plain)
    plain = _LEET_WORD.sub(lambda match: match.group().translate(_LEET), plain) if _SIGN.search(plain) else plain
    plain = " ".join(_NOT_WORD.sub(" ", plain.replace("?", " ? ")).split())
    plain = _ONES.sub(lambda match: match.group().replace(" ", ""), plain)
    return _RUN.sub(r"\1\1", plain)


def _decomposed(text: str) -> str:
    kept = (
        letter
        for letter in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        if letter.isspace() or not (unicodedata.combining(letter) or unicodedata.category(letter) in _DROPPED)
    )
    return "".join(kept)
