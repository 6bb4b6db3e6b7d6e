"""What a connection to a remote model asks for: words in which nobody can be recognised, and the way back."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

__all__ = ["Redaction", "restored"]

_MAY_GO_ON = re.compile(r"\[[A-Z_]{0,16}[0-9]{0,5}$")
"""The beginning of a placeholder at the end of what has come so far."""


class Redaction(Protocol):
    """Hides what points to a person, for one question and its answer. It lives in memory only.

    A placeholder is capitals, an underscore and figures in square brackets: ``[PERSON_1]``.
    """

    def redact(self, text: str) -> str:
        """Return ``text`` with placeholders.

        Raises:
            PrivacyError: It could not be searched; it must not be sent.
        """
        ...

    def restore(self, text: str) -> str:
        """Return ``text`` with what this redaction hid put back."""
        ...


async def restored(pieces: AsyncGenerator[str], redaction: Redaction) -> AsyncGenerator[str]:
    """Yield ``pieces`` with placeholders put back; one that is cut in two is held until it is whole."""
    held = ""
    async with aclosing(pieces):
        async for piece in pieces:
            held += piece
            cut = _MAY_GO_ON.search(held)
            ready, held = (held[: cut.start()], held[cut.start() :]) if cut else (held, "")
            if ready:
                yield redaction.restore(ready)
    if held:
        yield redaction.restore(held)
