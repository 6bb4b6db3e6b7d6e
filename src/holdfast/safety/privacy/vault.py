"""What was hidden in one session, kept in memory and nowhere else, so that it can be put back."""

import re
from typing import NoReturn, Self

from holdfast.errors import PrivacyError
from holdfast.safety.privacy.kind import Kind

__all__ = ["PLACEHOLDER", "Vault"]

PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(kind.value for kind in Kind)})_[1-9]\d{{0,4}}\]")
"""What stands in the place of something hidden."""


class Vault:
    """Placeholders of one session and what each stands for.

    The same words get the same placeholder, whatever their capitals and spaces; they come back as first written. A
    vault cannot be copied, pickled, serialised, compared by what it holds, or shown: it tells how many things it holds
    and no more. It ends with the session: drop it, or ``clear`` it.
    """

    __slots__ = ("_by_key", "_by_placeholder", "_counts")

    def __init__(self) -> None:
        self._by_key: dict[tuple[Kind, str], str] = {}
        self._by_placeholder: dict[str, str] = {}
        self._counts: dict[Kind, int] = {}

    def hide(self, words: str, kind: Kind) -> str:
        """Return the placeholder for ``words``."""
        key = kind, " ".join(words.casefold().split())
        known = self._by_key.get(key)
        if known is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            known = f"[{kind.value}_{self._counts[kind]}]"
            self._by_key[key], self._by_placeholder[known] = known, words
        return known

    def restore(self, text: str) -> str:
        """Return ``text`` with this session's placeholders put back, once each; unknown ones stay as they are."""
        return PLACEHOLDER.sub(lambda match: self._by_placeholder.get(match[0], match[0]), text)

    def clear(self) -> None:
        """Forget everything."""
        for store in (self._by_key, self._by_placeholder, self._counts):
            store.clear()

    def __len__(self) -> int:
        return len(self._by_placeholder)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<Vault of {len(self)}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise _kept("pickled")

    def __getstate__(self) -> NoReturn:
        raise _kept("pickled")

    def __copy__(self) -> NoReturn:
        raise _kept("copied")

    def __deepcopy__(self, memo: object) -> Self:
        raise _kept("copied")


def _kept(what: str) -> PrivacyError:
    return PrivacyError(f"A vault must stay in memory, and was to be {what}; keep the redacted text instead.")
