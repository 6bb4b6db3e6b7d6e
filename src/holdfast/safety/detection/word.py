"""A word of a message in plain form, and the marks kept between words."""

from typing import NamedTuple

__all__ = ["COMMA", "QUERY", "QUOTE", "STOP", "Word"]

STOP, QUERY, COMMA, QUOTE = ".", "?", ",", '"'
"""The marks kept between words: end of a sentence, end of a question, a pause, a quotation mark."""


class Word(NamedTuple):
    """A plain word or mark, with its span in the original text."""

    text: str
    start: int
    end: int
