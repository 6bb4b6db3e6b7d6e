"""Undo the disguises a text may wear, so that one rule sees all of them.

``plain`` folds compatibility forms, look-alike letters, accents, invisible characters, Markdown marks and case.
``views`` adds readings of what is left: figures read as letters, letters set apart read as words, and sentences that
were cut into crumbs read as one.
"""

import re
import unicodedata
from itertools import pairwise

__all__ = ["fold_letters", "plain", "run_on", "views"]

_LOOK_ALIKES = str.maketrans(
    "абвгеёзіїјкмнопрстухцчшщьѕԁԛԝһӏ" "αβγεηικνορτυχω" "ıɑɡʟᴀℓ" "’‘‛`´ʼ“”„«»" "‐‑‒–—―−" "…",
    "abbreeeiijkmhonpctyxuчшщbsdqwhl" "abyenikvoptuxw" "iaglal" "''''''\"\"\"\"\"" "-------" ".",
)  # fmt: skip
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff]"
)
_MARKS = re.compile(r"[*_~`|]+(?=\S)|(?<=\S)[*_~`|]+|^#+ |^> ?", re.M)
_LINK = re.compile(r"\[([^\]\n]{1,80})\]\(/[^)\s]{0,120}\)")
_MARK_SIGN = re.compile(r"[*_~`|#>]")
_SPACES = re.compile(r"[^\S\n]+")
_WRAP = re.compile(r"(?<!\n)\n(?!\s*\n|\s*(?:[-*+>#]|\d{1,2}[.)])\s)")
_LEET = str.maketrans("0134578@$!|+", "oieastbasiit")
_LEET_L = str.maketrans("0134578@$!|+", "oleastbaslit")
_LEET_SIGN = re.compile(r"[0-9@$!|+]")
_LEET_WORD = re.compile(
    r"(?<![\w@$])(?=[a-z0-9@$!|+]*[a-z])(?=[a-z0-9@$!|+]*[0-9@$!|+][a-z0-9@$]|[@$0-9])[a-z0-9@$!|+]{3,}"
)
_APART = re.compile(r"(?<![a-z])(?:[a-z][ .\-_*·/\\]{1,3}){2,}[a-z](?![a-z])")
_JOINT = re.compile(r"[./\\·•\-][a-z]")
"""Stands wherever ``_SPLIT`` or ``_COMPOUND`` matches, and is found sooner than that neither does."""

_SPLIT = re.compile(
    r"(?<=[a-z])[./\\·•](?=[a-z])|(?<=\b[a-z])-(?=[a-z])|(?<=[a-z])-(?=[a-z]\b)|(?<=\b[a-z]{2})-(?=[a-z]{2}\b)"
)
_COMPOUND = re.compile(
    r"(?<=[a-z])[./\\·•\-](?!(?:in|up|harm|help|care|term|being|esteem|aged|old|based|focused|related|free|time|known|"
    r"line|and)\b)(?=[a-z]{3})"
)
_PIECE = re.compile(r"(?:[.?!;:,]+(?=\s|$)|\s*\n)[\s\-*+>#|]*(?:\d{1,2}[.)]\s+)?")
_CRUMB_WORDS = 3
_PLURAL_FIGURE = re.compile(r"\d+(?:st|nd|rd|th|s|am|pm|h|hr|hrs|min|mg|ml|kg|cm|km|k|x|d|g)|[a-z]+\d{1,2}|[a-z]+-?\d+")


def fold_letters(text: str) -> str:
    """Return ``text`` in compatibility form and lower case, accents and invisible characters dropped."""
    if text.isascii():
        return text.lower()
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text))
    bare = "".join(character for character in shown if not unicodedata.combining(character))
    return bare.lower().translate(_LOOK_ALIKES)


def plain(text: str) -> str:
    """Return ``text`` folded, without Markdown marks, link targets on this site, wrapped lines or double spaces."""
    folded = fold_letters(_WRAP.sub(" ", text) if "\n" in text else text)
    if "](/" in folded:
        folded = _LINK.sub(r"\1", folded)
    if _MARK_SIGN.search(folded):
        folded = _MARKS.sub("", folded)
    return (_SPACES.sub(" ", folded) if _is_spaced_out(folded) else folded).strip()


def views(text: str) -> tuple[str, ...]:
    """Return every distinct reading of ``text`` (already ``plain``), the plain one first."""
    readings = [text]
    if _LEET_SIGN.search(text) and _LEET_WORD.search(text):
        readings.append(_LEET_WORD.sub(lambda match: _unleet(match[0], _LEET), text))
        readings.append(_LEET_WORD.sub(lambda match: _unleet(match[0], _LEET_L), text))
    if _APART.search(text):
        readings.append(_APART.sub(lambda match: re.sub(r"[^a-z]", "", match[0]), text))
    if _JOINT.search(text):
        readings += [_SPLIT.sub("", text), _COMPOUND.sub(" ", text)]
    readings.append(run_on(text))
    return tuple(dict.fromkeys(readings))


def run_on(text: str) -> str:
    """Return ``text`` with crumbs, pieces of up to three words, joined to one another: "you should. end it." as one.

    A crumb that stands alone among longer sentences stays as it is, and so does a text without crumbs.
    """
    marks = [match.span() for match in _PIECE.finditer(text)]
    if len(marks) < 2:
        return text
    ends = [0, *(end for _, end in marks), len(text)]
    is_crumb = [0 < len(text[start:end].split()) <= _CRUMB_WORDS for start, end in pairwise(ends)]
    joints = [mark for at, mark in enumerate(marks) if is_crumb[at] and is_crumb[at + 1]]
    if not joints:
        return text
    starts, stops = [0, *(end for _, end in joints)], [*(start for start, _ in joints), len(text)]
    return " ".join(text[start:stop] for start, stop in zip(starts, stops, strict=True))


def _is_spaced_out(text: str) -> bool:
    """Whether ``text`` may hold two spaces in a row, or other ones than " ": those do not print."""
    return "  " in text or not text.isprintable()


def _unleet(word: str, table: dict[int, int]) -> str:
    """Return ``word`` with figures read as letters, unless it is an ordinary word with a figure ("3rd", "gad7")."""
    return word if _PLURAL_FIGURE.fullmatch(word) else word.translate(table)
