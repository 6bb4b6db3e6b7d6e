"""Two readability scores, both as US school grades: higher means harder.

Flesch-Kincaid grade (Kincaid et al. 1975, Research Branch Report 8-75) counts words per sentence and syllables
per word. The automated readability index (Smith and Senter 1967, AMRL-TR-66-220) counts characters instead of
syllables, so the two fail in different ways.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Readability", "count_syllables", "readability"]

_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*|\d+(?:[.,]\d+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n{2,}")
_NEW_BLOCK = re.compile(r"\s*(?:#|[-*]\s|\d+\.\s|$)")
_MARKUP = re.compile(r"\[@[\w-]+\]|[*_`>#]|^\s*(?:-|\d+\.)\s+")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True)
class Readability:
    """Grades of one text, with the counts they rest on."""

    flesch_kincaid_grade: float
    automated_readability_index: float
    words: int
    sentences: int


def count_syllables(word: str) -> int:
    """Estimate the syllables of an English word by its vowel groups; at least 1."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    if len(letters) <= 3:
        return 1
    count = len(_VOWELS.findall(letters))
    is_sounded_le = letters.endswith("le") and letters[-3] not in "aeiouy"
    if letters.endswith("e") and not letters.endswith(("ee", "ye")) and not is_sounded_le:
        count -= 1
    if letters.endswith("ed") and len(letters) > 4 and letters[-3] not in "td":
        count -= 1
    if letters.endswith("es") and len(letters) > 4 and letters[-3] not in "csxzgh":
        count -= 1
    if re.search(r"(?:[^aeiouy]i[ao]|[aeiou]ing$)", letters) and not re.search(r"[cst]i(?:o|a)", letters):
        count += 1
    if letters.endswith("iety"):
        count += 1
    return max(count, 1)


def readability(text: str) -> Readability:
    """Score ``text`` (plain or Markdown; citation marks such as ``[@id]`` and markup are ignored).

    Headings, list items and paragraphs each end a sentence.

    Raises:
        ValueError: The text has no words.
    """
    plain = "\n\n".join(_blocks(_LINK.sub(r"\1", text)))
    sentences = [s for s in _SENTENCE_END.split(plain) if _WORD.search(s)]
    words = _WORD.findall(plain)
    if not words:
        raise ValueError("text must contain words to be scored, got none; give it prose.")
    per_sentence = len(words) / len(sentences)
    syllables = sum(count_syllables(word) for word in words)
    characters = sum(len(re.sub(r"[^A-Za-z0-9]", "", word)) for word in words)
    return Readability(
        flesch_kincaid_grade=0.39 * per_sentence + 11.8 * syllables / len(words) - 15.59,
        automated_readability_index=4.71 * characters / len(words) + 0.5 * per_sentence - 21.43,
        words=len(words),
        sentences=len(sentences),
    )


def _blocks(text: str) -> Iterator[str]:
    """Yield headings, list items and paragraphs, each on one line and without markup."""
    block: list[str] = []
    for line in text.splitlines():
        if _NEW_BLOCK.match(line) and block:
            yield " ".join(block)
            block = []
        if cleaned := _MARKUP.sub("", line).strip():
            block.append(cleaned)
        if line.startswith("#"):
            yield " ".join(block)
            block = []
    if block:
        yield " ".join(block)
