"""Cut text of any script into plain words and marks, each with its place: what the phrasebooks are matched on.

Folds case, width, accents, Arabic vowel marks and letter variants, the Devanagari nukta and letters drawn out for
stress; digits written for letters inside a word ("m0rir") are read as letters. Chinese characters are words of
their own. Unlike ``normalise``, it repairs no spelling: that is English.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from holdfast.safety.detection.word import COMMA, QUERY, QUOTE, STOP, Word

__all__ = ["plain_words", "plainly"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(
    rf"""(?P<word>[{_HAN}]|(?:(?![{_HAN}])[\w\u0900-\u0963\u0966-\u097f])+)
       | (?P<stop>(?<!\.)\.(?!\.)|[!?\u061f\u3002\u0964\n\r][!?\u061f.\u3002\u0964\n\r\s]*)
       | (?P<comma>[,;:/\u060c\u061b\u3001\u2013\u2014\u2026]|\.\.+|\s-+\s)
       | (?P<quote>["\u00ab\u00bb\u201c\u201d\u201e\u300c\u300d])""",
    re.VERBOSE,
)
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_LEET = re.compile(r"[a-z]+[013457]+[a-z]*|[013457]+[a-z]+[013457]")
_LETTERS_OF_DIGITS = str.maketrans("013457", "oieast")
_ASKING = re.compile(r"[?\u061f]")
_DROPPED = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u093c\u200b-\u200f\u2060\ufe0f]")
_ALIKE = str.maketrans({"\u0649": "\u064a", "\u0629": "\u0647", "\u0671": "\u0627", "\u06a9": "\u0643",
                        "\u06cc": "\u064a", "\u00df": "ss", "\u0131": "i", "\u0901": "\u0902"})  # fmt: skip


def plainly(text: str, letters: Mapping[str, str]) -> str:
    """Return ``text`` folded letter by letter; ``letters`` gives further letters and what they count as."""
    return "".join(_letter(letter, letters) for letter in text)


def plain_words(text: str, letters: Mapping[str, str]) -> list[Word]:
    """Return the words and marks of ``text`` in order, with their spans in it; none for blank text."""
    folded: list[str] = []
    origins: list[int] = []
    for index, letter in enumerate(text):
        piece = letter.lower() if letter.isascii() else _letter(letter, letters)
        folded.append(piece)
        origins.extend([index] * len(piece))
    return list(_words("".join(folded), origins))


def _letter(letter: str, letters: Mapping[str, str]) -> str:
    known = letters.get(letter)
    if known is not None:
        return known
    decomposed = unicodedata.normalize("NFKD", letter).casefold()
    return _DROPPED.sub("", decomposed).translate(_ALIKE)


def _words(folded: str, origins: list[int]) -> Iterator[Word]:
    for match in _TOKEN.finditer(folded):
        start, end = origins[match.start()], origins[match.end() - 1] + 1
        if match.lastgroup == "word":
            yield Word(_word(match.group()), start, end)
        elif match.lastgroup == "stop":
            yield Word(QUERY if _ASKING.search(match.group()) else STOP, start, end)
        else:
            yield Word(COMMA if match.lastgroup == "comma" else QUOTE, start, end)


def _word(run: str) -> str:
    letters = run.translate(_LETTERS_OF_DIGITS) if not run.isalpha() and _LEET.match(run) else run
    return _DRAWN_OUT.sub(r"\1", letters).replace("_", "")
