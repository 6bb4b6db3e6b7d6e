"""Tell text that the English rules can judge from text that they cannot.

What cannot be judged is withheld: another language or script, letters of two scripts in one word, an encoded blob,
markup, or letters that spell no English at all. It is a coarse check, made to fail on the careful side.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from holdfast.content import ContentModel, load_yaml
from holdfast.safety.review.normalise import fold_letters

__all__ = ["Lexicon", "load_lexicon", "unreadable"]

_PATH = Path(__file__).with_name("lexicon.yaml")
_MAX_CHARS = 20_000
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SENTENCE = re.compile(r"(?<=[.!?:;\n])\s+")
_BLOB = re.compile(
    r"(?<![\w/.-])(?=[A-Za-z0-9+/_-]*[a-z])(?=[A-Za-z0-9+/_-]*[A-Z])(?=[A-Za-z0-9+/]*[0-9+=])[A-Za-z0-9+/_-]{10,}={0,2}"
)
_LONG_BLOB = re.compile(r"(?<![\w/.:-])[A-Za-z0-9+/]{28,}={0,2}(?![\w/.])|\b[A-Z2-7]{16,}={0,6}")
_HEXADECIMAL = re.compile(r"\b(?:[0-9a-f]{2}[ :]?){10,}\b")
_BINARY = re.compile(r"\b(?:[01]{8}\s?){3,}")
_PADDED = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{8,}={1,2}(?!\w|=)")
_ESCAPES = re.compile(r"(?:&#x?[0-9a-fA-F]{2,5};|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|%[0-9a-fA-F]{2}){3,}")
_MARKUP = re.compile(
    r"&#x?[0-9a-fA-F]{1,6};|^[^\S\n]*\||<[\s|<]*/?\s*[a-zA-Z!][^>\n]{0,200}>|```|~~~|javascript:|data:[a-z]+/",
    re.I | re.M,
)
_HIDDEN = re.compile(
    "[^\\W\\d_][\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+[^\\W\\d_]|[\u202a-\u202e\u2066-\u2069]|[\U000e0000-\U000e007f]"
)
_SPREAD = re.compile(r"(?<![A-Za-z])(?:[A-Za-z][ .\-_*·/]{1,3}){7,}[A-Za-z](?![A-Za-z])")
_QUOTED_WORDS = re.compile(r"(?:[\"'][^\"'\s]{1,14}[\"'][\s,.;]{0,3}){4,}")
_MORSE = re.compile(r"(?:[.\-−·]{1,5}[ /]+){5,}")
_FIGURES_FOR_LETTERS = re.compile(r"(?<![\w/.:-])[A-Za-z]*[A-Za-z][0-9@$]+[A-Za-z][\w@$]*(?![\w/]|\.\w)")


@dataclass(frozen=True)
class _Disguise:
    """A pattern, and a cheap one that is found in every text that has it."""

    pattern: re.Pattern[str]
    sign: re.Pattern[str]

    def is_in(self, text: str) -> bool:
        return bool(self.sign.search(text) and self.pattern.search(text))


_DISGUISES = {
    "markup": (_Disguise(_MARKUP, re.compile(r"[&|<`~:]")),),
    "encoded": (
        _Disguise(_BLOB, re.compile(r"[0-9+=]")),
        _Disguise(_LONG_BLOB, re.compile(r"[A-Za-z0-9+/]{16}")),
        _Disguise(_HEXADECIMAL, re.compile(r"[0-9a-f][0-9a-f][ :]?[0-9a-f][0-9a-f][ :]?[0-9a-f][0-9a-f][ :]?[0-9a-f]")),
        _Disguise(_BINARY, re.compile(r"[01][01]")),
        _Disguise(_PADDED, re.compile(r"=")),
        _Disguise(_ESCAPES, re.compile(r"[&\\%]")),
    ),
    "figures-for-letters": (_Disguise(_FIGURES_FOR_LETTERS, re.compile(r"[0-9@$]")),),
    "spread-letters": (
        _Disguise(_SPREAD, re.compile(r"[ .\-_*·/][A-Za-z][ .\-_*·/]{1,3}[A-Za-z][ .\-_*·/]")),
        _Disguise(_QUOTED_WORDS, re.compile(r"[\"'][\s,.;]{0,3}[\"']")),
        _Disguise(_MORSE, re.compile(r"[.\-−·][ /]+[.\-−·]")),
    ),
}
_MIN_WORDS = 4
_MIN_ENGLISH = 0.15
_MIN_LETTERS_OTHER_SCRIPT = 1


class Lexicon(ContentModel):
    """Common English words, and short words of other languages that English does not share."""

    english: str
    other: Mapping[str, str]

    @cached_property
    def known(self) -> frozenset[str]:
        """The English words."""
        return frozenset(self.english.split())

    @cached_property
    def foreign(self) -> frozenset[str]:
        """The words of other languages, those that are English as well left out."""
        return frozenset(fold_letters(word) for words in self.other.values() for word in words.split()) - self.known


def load_lexicon(path: Path = _PATH) -> tuple[Lexicon, str]:
    """Read the word lists; the second value is the SHA-256 of the file.

    Raises:
        ContentError: The file is malformed.
    """
    loaded = load_yaml(path, Lexicon)
    return loaded.value, loaded.sha256


def unreadable(text: str, plain: str, lexicon: Lexicon, names: Collection[str] = ()) -> str | None:
    """Return the name of the first reason why ``text`` (and its ``plain`` form) cannot be judged, or None.

    ``names`` (folded) may be in any language without the text counting as foreign.
    """
    if len(text) > _MAX_CHARS:
        return "too-long"
    reason = next((reason for reason, all_ in _DISGUISES.items() if any(one.is_in(text) for one in all_)), None)
    if reason is None and not text.isascii():
        reason = "hidden-characters" if _HIDDEN.search(text) else _script(text)
    return reason or ("other-language" if _is_another_language(plain, lexicon, names) else None)


def _is_another_language(plain: str, lexicon: Lexicon, names: Collection[str]) -> bool:
    if not any(_is_foreign(sentence, lexicon) for sentence in _SENTENCE.split(plain)):
        return False
    for name in names:
        plain = plain.replace(name, " ")
    return any(_is_foreign(sentence, lexicon) for sentence in _SENTENCE.split(plain))


def _script(text: str) -> str | None:
    """Return why the letters are not plain Latin: too many of another script, mixed in one word, or dressed up."""
    others = 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        latin = sum(_is_latin(letter) for letter in word)
        if 0 < latin < len(word):
            return "mixed-scripts"
        others += len(word) - latin
    if others >= _MIN_LETTERS_OTHER_SCRIPT:
        return "other-script"
    return None


def _is_latin(letter: str) -> bool:
    """Whether ``letter`` is an ordinary Latin letter: accents yes, mathematical, circled or full-width forms no."""
    return letter.isascii() or (unicodedata.name(letter, "").startswith("LATIN") and ord(letter) < 0x250)


def _is_foreign(sentence: str, lexicon: Lexicon) -> bool:
    words = _WORD.findall(sentence)
    if len(words) < _MIN_WORDS:
        return bool(words) and all(word in lexicon.foreign for word in words)
    foreign = sum(map(lexicon.foreign.__contains__, words))
    if not _outweighs(foreign, sum(map(lexicon.known.__contains__, words)), len(words)):
        return False
    return _outweighs(
        foreign, sum(word.split("'")[0] in lexicon.known or word in lexicon.known for word in words), len(words)
    )


def _outweighs(foreign: int, english: int, words: int) -> bool:
    """Whether so few of ``words`` are English, or so many foreign, that they are another language."""
    return (foreign >= 2 and foreign > english) or (words > _MIN_WORDS and english / words < _MIN_ENGLISH)
