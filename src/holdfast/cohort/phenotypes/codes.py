"""ICD-10 codes as they are written in phenotypes, and the prefixes they stand for."""

import re
from collections.abc import Iterable

from holdfast.cohort.error import CohortError

__all__ = ["prefixes"]

_CATEGORY = re.compile(r"^([A-Z])(\d\d)$")
_SUBCATEGORY = re.compile(r"^[A-Z]\d\d\.\d$")
_RANGE = re.compile(r"^([A-Z])(\d\d)-([A-Z])(\d\d)$")


def prefixes(codes: Iterable[str]) -> tuple[str, ...]:
    """Return what a code must begin with, without dots: 3 characters a category, 4 a subcategory; sorted, once each.

    ``I20-I22`` gives ``I20``, ``I21``, ``I22``; ``E11.9`` gives ``E119``.

    Raises:
        CohortError: A code is none of: category, subcategory, range of categories under one letter from low to high.
    """
    return tuple(sorted({prefix for code in codes for prefix in _of(code)}))


def _of(code: str) -> list[str]:
    if _CATEGORY.match(code):
        return [code]
    if _SUBCATEGORY.match(code):
        return [code.replace(".", "")]
    bounds = _RANGE.match(code)
    if bounds and bounds[1] == bounds[3] and int(bounds[2]) < int(bounds[4]):
        return [f"{bounds[1]}{number:02d}" for number in range(int(bounds[2]), int(bounds[4]) + 1)]
    raise CohortError(
        "ICD-10 code must be a category, a subcategory or a range under one letter",
        repr(code[:20]),
        "write E11, E11.9 or I20-I25",
    )
