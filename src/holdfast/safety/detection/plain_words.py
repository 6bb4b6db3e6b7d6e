"""Cut text of any script into plain words and marks, each with its place: what the phrasebooks are matched on.

Folds case, width, accents, Arabic vowel marks and letter variants, the Devanagari nukta and letters drawn out for
stress; digits written for letters inside a word ("m0rir") are read as letters. Chinese characters are words of
their own. Unlike ``normalise``, it repairs no spelling: that is English.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from holdfast.safety.detection.letters import LetterMemo, folded
from holdfast.safety.detection.word import COMMA, QUERY, QUOTE, STOP, Word

__all__ = ["PlainReader"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(
    rf"""(?P<word>[{_HAN}]|(?:[^\W{_HAN}\u0900-\u097f]+|[\u0900-\u0963\u0966-\u097f]+)+)
       | (?P<stop>(?<!\.)\.(?!\.)|[!?\u061f\u3002\u0964\n\r][!?\u061f.\u3002\u0964\n\r\s]*)
       | (?P<comma>[,;:/\u060c\u061b\u3001\u2013\u2014\u2026]|\.\.+|\s-+\s)
       | (?P<quote>["\u00ab\u00bb\u201c\u201d\u201e\u300c\u300d])""",
    re.VERBOSE,
)
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_LEET = re.compile(r"[a-z]+[013457]+[a-z]*|[013457]+[a-z]+[013457]")
_LETTERS_OF_DIGITS = str.maketrans("013457", "oieast")
_ODD = re.compile(rf"[013457_]|{_DRAWN_OUT.pattern}")
"""What a text has where any of its words is to be mended."""

_ASKING = re.compile(r"[?\u061f]")
_DROPPED = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u093c\u200b-\u200f\u2060\ufe0f]")
_ALIKE = str.maketrans({"\u0649": "\u064a", "\u0629": "\u0647", "\u0671": "\u0627", "\u06a9": "\u0643",
                        "\u06cc": "\u064a", "\u00df": "ss", "\u0131": "i", "\u0901": "\u0902"})  # fmt: skip


class PlainReader:
    """Reads text of any script.

    Args:
        letters: Further letters and what they count as.
    """

    def __init__(self, letters: Mapping[str, str]) -> None:
        self._letters = LetterMemo(lambda letter: letters[letter] if letter in letters else _letter(letter))

    def fold(self, text: str) -> str:
        """Return ``text`` folded letter by letter."""
        return folded(text, self._letters)[0]

    def words(self, text: str) -> list[Word]:
        """Return the words and marks of ``text`` in order, with their spans in it; none for blank text."""
        plain, origins = folded(text, self._letters)
        is_odd = _ODD.search(plain) is not None
        return [_word(match, origins, is_odd=is_odd) for match in _TOKEN.finditer(plain)]


def _letter(letter: str) -> str:
    decomposed = unicodedata.normalize("NFKD", letter).casefold()
    return _DROPPED.sub("", decomposed).translate(_ALIKE)


def _word(match: re.Match[str], origins: Sequence[int], *, is_odd: bool) -> Word:
    kind, text = match.lastgroup, match.group()
    if kind == "word":
        text = _mended(text) if is_odd else text
    elif kind == "stop":
        text = QUERY if _ASKING.search(text) else STOP
    else:
        text = COMMA if kind == "comma" else QUOTE
    start, end = match.span()
    return Word(text, origins[start], origins[end - 1] + 1)


def _mended(run: str) -> str:
    letters = run.translate(_LETTERS_OF_DIGITS) if not run.isalpha() and _LEET.match(run) else run
    return _DRAWN_OUT.sub(r"\1", letters).replace("_", "")
