"""Accept what a person typed, or say plainly why not."""

import unicodedata

from holdfast.errors import InputError

__all__ = ["clean_message"]

_KEPT_CONTROLS = frozenset("\n\t\u200c\u200d")  # line ends; joiners that emoji and some scripts need


def clean_message(text: str, *, max_chars: int) -> str:
    """Return ``text`` without control characters and outer white space.

    Right-to-left text, emoji and any script pass; characters that only steer a terminal or reverse the display
    of a line do not.

    Raises:
        InputError: Nothing is left, or more than ``max_chars`` characters are.
    """
    if len(text) > max_chars:
        raise InputError(
            f"Your message must have at most {max_chars:,} characters, got {len(text):,}; please send it in parts."
        )
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in unified if c in _KEPT_CONTROLS or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    if not kept.strip():
        raise InputError("Your message must have some words, got none; please write something and send it again.")
    return kept.strip()
