"""Hide what points to a person, whatever finds it, and fail closed: a text that could not be searched goes nowhere."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from holdfast.errors import PrivacyError
from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.span import Finder, Span, settle
from holdfast.safety.privacy.vault import PLACEHOLDER, Vault

__all__ = ["LONGEST", "Redaction", "Redactor"]

LONGEST = 200_000
"""Characters of the longest text that is searched; a longer one is refused."""

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_DASHES = "\u2010\u2011\u2012\u2212\ufe63\uff0d"
_LIKE = {ord(space): " " for space in _SPACES} | {ord(dash): "-" for dash in _DASHES}
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FIGURES = {
    first + value: str(value)
    for first in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50)  # Arabic, Persian, Devanagari, Bengali, Thai
    for value in range(10)
}
_SAME_LENGTH = _LIKE | _FULL_WIDTH | _FIGURES
_UNSEEN = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True)
class Redactor:
    """Finds and hides what points to a person.

    Attributes:
        finders: Search a text for some kinds each; what any finds is hidden.
        public_numbers: Telephone numbers that point to nobody, digits only, such as helplines; they are left.
    """

    finders: Sequence[Finder] = field(repr=False)
    public_numbers: Collection[str] = frozenset()

    def find(self, text: str) -> tuple[Span, ...]:
        """Return what points to a person in ``text``, in order, without overlaps.

        Raises:
            PrivacyError: The text is too long, or a finder broke. The message quotes nothing.
        """
        if len(text) > LONGEST:
            raise PrivacyError(f"Text to redact must have at most {LONGEST} characters, got {len(text)}; split it.")
        bare, places = _seen(text)
        marks = [
            Span(start=m.start(), end=m.end(), kind=Kind.MARK, rule="mark", is_sure=True)
            for m in PLACEHOLDER.finditer(bare)
        ]
        found = [*marks, *self._searched(bare)]
        kept = [span for span in settle(found) if not self._is_public(bare, span)]
        return tuple(_placed(span, places) for span in kept)

    def redact(self, text: str, vault: Vault) -> str:
        """Return ``text`` with placeholders, which ``vault`` can put back; raises as ``find``."""
        parts, last = [], 0
        for span in self.find(text):
            parts += [text[last : span.start], vault.hide(text[span.start : span.end], span.kind)]
            last = span.end
        return "".join([*parts, text[last:]])

    def session(self) -> "Redaction":
        """Return a redaction with an empty vault of its own."""
        return Redaction(self, Vault())

    def _searched(self, text: str) -> list[Span]:
        try:
            return [_checked(span, len(text)) for finder in self.finders for span in finder(text)]
        except Exception as error:  # noqa: BLE001 - whatever broke, the text goes nowhere
            kind = type(error).__name__
        raise PrivacyError(
            f"Text must be searched for what points to a person before it is passed on, and that failed ({kind}); "
            "nothing was passed on; try again, or do without."
        )

    def _is_public(self, text: str, span: Span) -> bool:
        """Whether a span is a helpline's number, written with or without its country."""
        if span.kind not in (Kind.PHONE, Kind.RECORD, Kind.NATIONAL_ID):
            return False
        digits = "".join(_FIGURE.findall(text[span.start : span.end]))
        written = {digits, digits.lstrip("0")}
        return any(
            number in written
            or ("0" + number) in written
            or (len(number) >= 6 and digits.endswith(number.lstrip("0")) and len(digits) - len(number.lstrip("0")) <= 4)
            for number in self.public_numbers
        )


@dataclass(frozen=True)
class Redaction:
    """One session of a redactor: what it hid can be put back while the session lasts."""

    redactor: Redactor = field(repr=False)
    vault: Vault

    def redact(self, text: str) -> str:
        """Return ``text`` with placeholders; raises as ``Redactor.find``."""
        return self.redactor.redact(text, self.vault)

    def restore(self, text: str) -> str:
        """Return ``text`` with this session's placeholders put back."""
        return self.vault.restore(text)


def _checked(span: Span, length: int) -> Span:
    if not 0 <= span.start < span.end <= length:
        raise ValueError("a span must lie in its text")
    return span


def _seen(text: str) -> tuple[str, list[int]]:
    """Return ``text`` as it is read, and where each character was: invisible ones gone, look-alikes replaced."""
    places = [place for place, character in enumerate(text) if not _UNSEEN.match(character)]
    return "".join(text[place] for place in places).translate(_SAME_LENGTH), places


def _placed(span: Span, places: Sequence[int]) -> Span:
    start, end = places[span.start], places[span.end - 1] + 1
    return Span(start=start, end=end, kind=span.kind, rule=span.rule, is_sure=span.is_sure)
