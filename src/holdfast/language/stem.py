"""Porter's suffix-stripping stemmer (Porter 1980, Program 14:130-137), as SQLite's full-text search applies it."""

import re

__all__ = ["stem"]

_CONSONANT = "(?:[^aeiouy]|(?<![^aeiou])y|^y)"
_VOWEL = "(?:[aeiou]|(?<=[^aeiou])y)"
_MEASURE = re.compile(f"{_VOWEL}+{_CONSONANT}+")
_HAS_VOWEL = re.compile(_VOWEL)
_DOUBLE = re.compile(r"([^aeiouylsz])\1$")
_SHORT_END = re.compile(f"{_CONSONANT}{_VOWEL}[^aeiouwxy]$")

_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("logi", "log"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"),
    ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
)  # fmt: skip
_STEP_3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
)  # fmt: skip
_STEP_4 = tuple(
    (suffix, "")
    for suffix in (
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate",
        "iti", "ous", "ive", "ize",
    )
)  # fmt: skip


def stem(word: str) -> str:
    """Return the stem of ``word``, a lower-case English word. Words under three letters come back unchanged."""
    if len(word) < 3 or not word.isascii() or not word.isalpha():
        return word
    word = _step_1c(_step_1b(_step_1a(word)))
    word = _replace(word, _STEP_2, at_least=1)
    word = _replace(word, _STEP_3, at_least=1)
    word = _replace(word, _STEP_4, at_least=2)
    return _step_5(word)


def _measure(stub: str) -> int:
    """Count the vowel-consonant sequences in ``stub``, Porter's *m*."""
    return len(_MEASURE.findall(stub))


def _step_1a(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _step_1b(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix):
            stub = word[: -len(suffix)]
            return _tidy(stub) if _HAS_VOWEL.search(stub) else word
    return word


def _tidy(stub: str) -> str:
    """Restore the end of a word that lost *-ed* or *-ing*."""
    if stub.endswith(("at", "bl", "iz")):
        return stub + "e"
    if _DOUBLE.search(stub):
        return stub[:-1]
    return stub + "e" if _measure(stub) == 1 and _SHORT_END.search(stub) else stub


def _step_1c(word: str) -> str:
    return word[:-1] + "i" if word.endswith("y") and _HAS_VOWEL.search(word[:-1]) else word


def _replace(word: str, rules: tuple[tuple[str, str], ...], *, at_least: int) -> str:
    """Apply the rule with the longest matching suffix where the stub's measure reaches ``at_least``."""
    matching = [rule for rule in rules if word.endswith(rule[0])]
    if not matching:
        return word
    suffix, replacement = max(matching, key=lambda rule: len(rule[0]))
    stub = word[: -len(suffix)]
    if _measure(stub) < at_least or (suffix == "ion" and not stub.endswith(("s", "t"))):
        return word
    return stub + replacement


def _step_5(word: str) -> str:
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _SHORT_END.search(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
