"""The arithmetic that check digits of numbers have in common."""

import re
from collections.abc import Sequence
from datetime import date

__all__ = [
    "ALPHABET",
    "digits",
    "dot",
    "is_date",
    "is_day",
    "luhn",
    "mod_11_10",
    "unspaced",
    "verhoeff",
]

_SEPARATORS = re.compile(r"[\s./()-]")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def unspaced(text: str) -> str:
    """Return ``text`` in capitals without spaces, dots, dashes, slashes and brackets."""
    return _SEPARATORS.sub("", text).upper()


def digits(text: str, length: int) -> list[int] | None:
    """Return the digits, or None where there are not ``length`` or anything else is among them."""
    bare = unspaced(text)
    return [int(digit) for digit in bare] if len(bare) == length and bare.isascii() and bare.isdigit() else None


def dot(values: Sequence[int], weights: Sequence[int]) -> int:
    """Return the sum of ``values`` by their weights, as far as there are weights."""
    return sum(value * weight for value, weight in zip(values, weights, strict=False))


def is_date(year: int, month: int, day: int) -> bool:
    """Whether a day exists."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_day(month: int, day: int) -> bool:
    """Whether a day exists in some year."""
    return is_date(2000, month, day)


def luhn(text: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, the sum divisible by 10. Any length above 1."""
    bare = unspaced(text)
    if len(bare) < 2 or not (bare.isascii() and bare.isdigit()):
        return False
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in bare[-2::-2]]
    return (sum(doubled) + sum(map(int, bare[::-2]))) % 10 == 0


def mod_11_10(d: Sequence[int]) -> bool:
    """Whether the last digit is the check of the others by ISO 7064 MOD 11,10."""
    product = 10
    for digit in d[:-1]:
        product = (((digit + product) % 10 or 10) * 2) % 11
    return (11 - product) % 10 == d[-1]


_VERHOEFF_ROUND = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def verhoeff(d: Sequence[int]) -> bool:
    """Verhoeff's check over the dihedral group of order ten (Verhoeff 1969)."""
    check = 0
    for place, digit in enumerate(reversed(d)):
        turned = digit
        for _ in range(place % 8):
            turned = _VERHOEFF_ROUND[turned]
        check = _dihedral(check, turned)
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """Return the product of two of the ten symmetries of a pentagon: 0 to 4 turn it, 5 to 9 turn it over as well."""
    if a < 5:
        return (a + b) % 5 if b < 5 else (a + b - 5) % 5 + 5
    return (a - 5 - b) % 5 + 5 if b < 5 else (a - b) % 5
