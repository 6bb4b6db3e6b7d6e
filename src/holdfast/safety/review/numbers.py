"""Find telephone numbers and web addresses in a text, however they are written, and tell the known from the invented.

Figures of any script, spaced, dashed or spelled out ("nine eight eight", "double three") count. Dates, years, counts
of things and counting along with a breath do not.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from holdfast.safety.review.normalise import fold_letters

__all__ = ["unknown_addresses", "unknown_names", "unknown_numbers"]

_SPELLED = {
    "zero": "0", "oh": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13",
    "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80",
    "ninety": "90", "hundred": "00",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3}
_UNIT = (
    r"(?!\s?(?:%|percent|per cent|hours?|hrs?|minutes?|mins?|seconds?|secs?|days?|nights?|weeks?|months?|years?|am\b|"
    r"pm\b|o'?clock|times?|people|persons?|adults?|children|friends?|steps?|items?|questions?|points?|breaths?|counts?|"
    r"things?|words?|in (?:every )?\d|in (?:ten|five|four|three|two)|out of|of (?:the|your|them|these|us)|other|more|"
    r"small|short|or (?:two|three|four|five)|st\b|nd\b|rd\b|th\b))"
)
_TOKEN = re.compile(
    r"(?<![\w])(?<![a-z]-)(?:24 ?/ ?7|24-7|\d{1,2}[.:]\d\d(?= ?(?:am|pm|h)\b))|"
    rf"(?<![\w.])(?<![a-z]-)\d++(?![a-z]){_UNIT}|(?<=[\d(+.\-/ ])\d++(?![a-z]){_UNIT}|"
    rf"\b(?:{'|'.join((*_SPELLED, *_TIMES))})\b{_UNIT}"
)
_FIGURE = re.compile(r"\d")
_WORDS = re.compile(r"\w+")
_FIGURE_WORDS = frozenset((*_SPELLED, *_TIMES))
_GAP = re.compile(r"[\s\-.,/()+:*#_]{0,4}|\s(?:dash|hyphen|space|then|and)\s")
_CUE = re.compile(
    r"\b(?:calls?|called|calling|dial|dialling|dialing|ring|phone|telephone|tel|text|texting|sms|whatsapp|number|hotline|helpline|"
    r"lifeline|line|reach|reached|contact|message|extension)\b"
)
_ADJACENT = re.compile(
    r"\b(?:call|dial|ring|text|phone|tel|number(?: is)?|whatsapp|sms)\s?:?\s?(?:on |at |to |the number )?$"
)
_VANITY = re.compile(r"\b(?:1-)?(?:8\d\d|900)-([a-z]{3,}(?:-[a-z]+)*)\b")
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)([\w.-]+)|(?<![\w@.-])((?:[\w-]+\.)+(?:com|org|net|info|io|co|uk|us|gov|edu|app|health|help|chat|"
    r"me|ly|xyz|ai|eu|de|fr|es|it|nl|ch|at|ie|ca|au|nz|in|care|support|life|online|site))\b"
)
_DOT = re.compile(r"\.[\w.-]")
_SPELLED_ADDRESS = re.compile(r"\b[\w-]+[ (\[]+dot[ )\]]+(?:com|org|net|info|help|chat|care)\b")
_LINE_NAME = re.compile(
    r"\b((?:(?:[A-Z][\w'&-]+|of|and|for|the|&)\s){1,6}(?:Help ?[Ll]ine|Hot ?[Ll]ine|Life ?[Ll]ine|[Cc]risis [Ll]ine|"
    r"Crisis (?:Centre|Center|Service)|Support Line|Talk ?[Ll]ine|Text Line))\b"
)
_LINE_WORD = re.compile(r"[Ll]ine|Crisis ")
_LEADING = frozenset(
    [
        "the",
        "a",
        "an",
        "your",
        "our",
        "call",
        "text",
        "ring",
        "dial",
        "contact",
        "try",
        "phone",
        "visit",
        "use",
        "and",
        "or",
        "please",
        "you",
    ]
)


@dataclass(frozen=True)
class _Run:
    pieces: tuple[str, ...]
    start: int
    end: int
    is_spelled: bool

    @property
    def digits(self) -> str:
        return "".join(self.pieces)


def unknown_numbers(text: str, known: Collection[str]) -> bool:
    """Whether ``text`` gives a telephone number that is not ``known`` (digits only)."""
    folded = _ascii_figures(fold_letters(text))
    if not _may_hold_number(folded):
        return False
    if any(_is_unknown_vanity(match, known) for match in _VANITY.finditer(folded)):
        return True
    return any(_is_telephone(run, folded) and not _is_known(run.pieces, known) for run in _runs(folded))


def unknown_addresses(text: str, domains: Collection[str]) -> bool:
    """Whether ``text`` names a web address outside ``domains``."""
    folded = fold_letters(text)
    if "dot" in folded and _SPELLED_ADDRESS.search(folded):
        return True
    if "://" not in folded and not _DOT.search(folded):
        return False
    found = ((match[1] or match[2]).removeprefix("www.").rstrip(".") for match in _ADDRESS.finditer(folded))
    return any(not any(host == domain or host.endswith(f".{domain}") for domain in domains) for host in found)


def unknown_names(text: str, names: Collection[str]) -> bool:
    """Whether ``text`` names a helpline that is not among ``names`` (lower case)."""
    if not _LINE_WORD.search(text):
        return False
    for match in _LINE_NAME.finditer(text):
        words = match[1].lower().split()
        while words and words[0] in _LEADING:
            words.pop(0)
        phrase = " ".join(words)
        if len(words) > 1 and not any(phrase in name or name in phrase for name in names):
            return True
    return False


def _may_hold_number(text: str) -> bool:
    """Whether ``text`` holds a figure or two words for figures: one such word is no telephone number."""
    return bool(_FIGURE.search(text)) or sum(map(_FIGURE_WORDS.__contains__, _WORDS.findall(text))) > 1


def _ascii_figures(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _runs(text: str) -> Iterator[_Run]:
    """Yield stretches of figures and figure words with nothing but separators between them."""
    pieces: list[str] = []
    start = end = times = 0
    spelled = False
    for match in _TOKEN.finditer(text):
        if pieces and not _GAP.fullmatch(text[end : match.start()]):
            yield _Run(tuple(pieces), start, end, spelled)
            pieces, spelled, times = [], False, 0
        word = match[0]
        if not word.isalnum():
            continue
        start = start if pieces else match.start()
        end = match.end()
        if word in _TIMES:
            times = _TIMES[word]
            continue
        spelled = spelled or word in _SPELLED
        pieces.append(_SPELLED.get(word, word) * (times or 1))
        times = 0
    if pieces:
        yield _Run(tuple(pieces), start, end, spelled)


def _is_telephone(run: _Run, text: str) -> bool:
    digits = run.digits
    is_adjacent = bool(_ADJACENT.search(text[max(0, run.start - 24) : run.start]))
    if is_adjacent and len(digits) >= 2:
        return not (len(run.pieces) == 1 and run.is_spelled and len(digits) < 3)
    if _is_counting(run.pieces) or _is_date(run.pieces):
        return False
    if len(digits) >= 7:
        return True
    has_cue = bool(_CUE.search(text[max(0, run.start - 40) : run.start]) or _CUE.search(text[run.end : run.end + 20]))
    return has_cue and len(digits) >= 3 and not (len(run.pieces) == 1 and _is_year(digits))


def _is_known(pieces: tuple[str, ...], known: Collection[str]) -> bool:
    """Whether the pieces, in order, make up one or more known numbers."""
    reached = {0}
    for end in range(1, len(pieces) + 1):
        if any(start in reached and "".join(pieces[start:end]) in known for start in range(max(0, end - 15), end)):
            reached.add(end)
    return len(pieces) in reached


def _is_counting(pieces: tuple[str, ...]) -> bool:
    values = [int(piece) for piece in pieces if len(piece) < 4]
    if len(values) < 2 or len(values) != len(pieces):
        return False
    steps = {after - before for before, after in pairwise(values)}
    return steps in ({1}, {-1}) or (len(values) > 2 and len(steps) == 1 and 0 not in steps and values[0] < 20)


def _is_date(pieces: tuple[str, ...]) -> bool:
    if len(pieces) == 2 and all(map(_is_year, pieces)):
        return True
    return (
        len(pieces) == 3
        and any(_is_year(piece) for piece in pieces)
        and all(len(p) <= 2 or _is_year(p) for p in pieces)
    )


def _is_year(piece: str) -> bool:
    return len(piece) == 4 and "1900" <= piece <= "2100"


def _is_unknown_vanity(match: re.Match[str], known: Collection[str]) -> bool:
    spoken = re.sub(r"\D", "", match[0].translate(_KEYPAD))
    return spoken not in known and spoken.removeprefix("1") not in known
