"""Whether a passage supports a sentence, judged word by word: it errs towards dropping true sentences.

This is lexical. It sees invented facts, numbers, names and turned-round negations; it does not see who did what to
whom when every word is there. What it lets through still goes through output review.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.language.prompt import SupportPolicy
from holdfast.language.stem import stem
from holdfast.language.words import STOP_WORDS, words

__all__ = ["Support", "judge_support", "split_sentences"]

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[.!?][\"')\u201d\u2019])\s+|\n\s*\n|\n(?=\s*[-*\u2022]\s)")
_CLAUSE_END = re.compile(r"[,.;:!?()\u2013\u2014]|\b(?:and|but|so|because|while|although|if|when)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<=[\w,;:'\u2019)] )(?:[A-Z][\w'\u2019-]*)|\b[A-Z]{2,}[\w-]*")
_NEGATIONS = frozenset(
    {
        "no", "not", "never", "none", "nobody", "nothing", "neither", "nor", "without", "cannot", "hardly", "unlikely",
    }
)  # fmt: skip
_NUMBERS = {  # "one" is left out: it is more often a pronoun
    "zero": "0", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "fifteen": "15", "twenty": "20", "thirty": "30",
    "forty": "40", "fifty": "50", "sixty": "60", "hundred": "100", "thousand": "1000",
}  # fmt: skip
_QUANTITIES = frozenset({"half", "quarter", "third", "twice", "double", "percent", "million", "billion"})


@dataclass(frozen=True, kw_only=True)
class Support:
    """The verdict on one sentence. ``overlap``, 0 to 1, is the share of its subject words found; higher is more.

    ``problems`` names what the passages lack (number, name, decisive word, negation, order), never the words.
    """

    overlap: float
    problems: tuple[str, ...]
    is_supported: bool


def judge_support(sentence: str, passages: Iterable[str], policy: SupportPolicy) -> Support:
    """Judge whether ``passages``, taken together, support ``sentence``. A sentence without subject words is not."""
    text = "\n".join(passages)
    subjects = _subject_stems(sentence)
    known = _subject_stems(text)
    overlap = len(subjects & known) / len(subjects) if subjects else 0.0
    checks = {
        "number": _numbers(sentence) <= _numbers(text),
        "name": _names(sentence) <= set(words(text)),
        "decisive word": _decisive(sentence, policy) <= _decisive(text, policy),
        "negation": _agrees_on_negation(sentence, text),
        "order": _agrees_on_order(sentence, text, policy),
    }
    problems = tuple(name for name, holds in checks.items() if not holds)
    return Support(
        overlap=overlap, problems=problems, is_supported=bool(subjects) and overlap >= policy.overlap and not problems
    )


def split_sentences(text: str) -> list[str]:
    """Return the sentences of ``text``, each on one line; a blank line or a list item also ends one."""
    return [" ".join(part.split()) for part in _SENTENCE_END.split(text) if part.strip()]


def _subject_stems(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in STOP_WORDS and not _is_negation(word)}


def _numbers(text: str) -> set[str]:
    """Return the quantities in ``text`` in one spelling."""
    found = {_NUMBERS.get(word, word) for word in words(text)}
    digits = set(re.findall(r"\d+(?:[.,]\d+)*", text))
    marks = {"percent"} if "%" in text or "per cent" in text.lower() else set()
    return {n for n in found if n in _QUANTITIES or n in _NUMBERS.values()} | digits | marks


def _names(sentence: str) -> set[str]:
    """Return the capitalised words that do not open the sentence, and words in capitals anywhere."""
    return {word for name in _NAME.findall(sentence) for word in words(name)} - {"i"}


def _decisive(text: str, policy: SupportPolicy) -> set[str]:
    listed = {stem(word) for word in policy.decisive}
    return {stem(word) for word in words(text)} & listed


def _agrees_on_negation(sentence: str, text: str) -> bool:
    """Whether what ``sentence`` denies the passages deny too, and what they only ever deny it does not assert."""
    denied, asserted = _polarity(sentence)
    aligned = _aligned(sentence, text)
    denied_there, asserted_there = _polarity(" . ".join(aligned))
    if any(map(_is_negation, words(sentence))):
        is_denied_there = bool(denied & denied_there) if denied else any(map(_is_negation, words(" ".join(aligned))))
        if not is_denied_there:
            return False
    return not (asserted & (denied_there - asserted_there))


def _agrees_on_order(sentence: str, text: str, policy: SupportPolicy) -> bool:
    """Whether each pivot word is followed by a subject word that also follows it in the passages, ending and all."""
    there = _after_pivots(text, policy)
    here = _after_pivots(sentence, policy)
    return all(not followers or followers & there.get(pivot, set()) for pivot, followers in here.items())


def _after_pivots(text: str, policy: SupportPolicy) -> dict[str, set[str]]:
    """Return the subject words, unstemmed, among the five words that follow each pivot within a clause."""
    pivots = {stem(word) for word in policy.pivots}
    found: dict[str, set[str]] = {}
    for clause in _CLAUSE_END.split(text):
        said = words(clause)
        for place, word in enumerate(said):
            if stem(word) in pivots:
                followers = said[place + 1 : place + 6]
                found.setdefault(stem(word), set()).update(w for w in followers if w not in STOP_WORDS)
    return found


def _aligned(sentence: str, text: str) -> list[str]:
    """Return the sentences of ``text`` that share at least half as many subject words as the one sharing most."""
    subjects = _subject_stems(sentence)
    shared = [(len(subjects & _subject_stems(other)), other) for other in split_sentences(text)]
    most = max((n for n, _ in shared), default=0)
    return [other for n, other in shared if n and n * 2 >= most]


def _polarity(text: str) -> tuple[set[str], set[str]]:
    """Return the stems that follow a negation within a clause, and those that stand without one."""
    denied: set[str] = set()
    asserted: set[str] = set()
    for clause in _CLAUSE_END.split(text):
        is_denied = False
        for word in words(clause):
            if _is_negation(word):
                is_denied = True
            elif word not in STOP_WORDS:
                (denied if is_denied else asserted).add(stem(word))
    return denied, asserted


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")
