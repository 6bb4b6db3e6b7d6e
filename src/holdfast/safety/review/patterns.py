"""What rules and guards share: word lists inside patterns, and telling an example in quotation marks."""

import re
from collections.abc import Mapping

__all__ = ["is_example", "spell_out"]

_QUOTE_CHARS = 240
_LEAD_CHARS = 80
_OPENINGS = (' "', '("', '\n"')
_SENTENCE_END = re.compile(r"[.?!\n](?=\s|$)")
_INTRODUCED = re.compile(
    r"\b(?:say|says|saying|said|tell|telling|told|ask|write|try|such as|like|words?|example|instance|thoughts?|think|"
    r"thinking|phrases?|hear|heard|message|sentence|sounds?|reply|answer|respond|text|name|rule|boundary|limit|start|"
    r"begin|keep (?:it|this))\b[^!?\n]{0,60}$|\"[,;]? (?:and|or|to|then) $|\"[,;.] ?$"
)
_DISOWNED = re.compile(
    r"\b(?:hurts?|harms?|shames?|blames?|stigma|unhelpful|not help|avoid|wounds?|dismiss|unfair|is okay|is enough)\b"
)
_WORD_SLOT = re.compile(r"<([a-z_]+)>")


def spell_out(pattern: str, words: Mapping[str, str]) -> str:
    """Put word lists in place of their ``<names>``; lists may name one another.

    Raises:
        KeyError: A name stands for no list.
    """
    while _WORD_SLOT.search(pattern):
        pattern = _WORD_SLOT.sub(lambda match: f"(?:{words[match[1]]})", pattern)
    return pattern


def is_example(text: str, position: int) -> bool:
    """Whether ``position`` lies inside a short quotation given as words that somebody might say, hear or think."""
    opening = max(text.rfind(mark, max(0, position - _QUOTE_CHARS), position) for mark in _OPENINGS)
    opening = 0 if opening < 0 and text.startswith('"') and position <= _QUOTE_CHARS else opening
    closing = text.find('"', max(position, opening + 2))
    if opening < 0 or not 0 < closing - opening <= _QUOTE_CHARS:
        return False
    lead, rest = text[max(0, opening - _LEAD_CHARS) : opening + 1], text[closing + 1 : closing + 1 + _LEAD_CHARS]
    return bool(_INTRODUCED.search(lead) or _DISOWNED.search(_SENTENCE_END.split(rest)[0]))
