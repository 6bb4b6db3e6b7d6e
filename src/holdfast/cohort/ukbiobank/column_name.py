"""What a column of a UK Biobank extract is called, in each of the layouts it is delivered in.

=================  =====================  ======================================
layout             column                 identifier
=================  =====================  ======================================
``PLATFORM``       ``p4080_i0_a1``        ``eid`` (or ``participant.`` before it)
``CLASSIC``        ``4080-0.1``           ``eid``
``CLASSIC_R``      ``f.4080.0.1``         ``f.eid``
=================  =====================  ======================================

The research analysis platform leaves out ``_i`` where a field has no instances and ``_a`` where it has no array, and
writes some arrays as one list column (``p41270``). An index that is left out is None.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

__all__ = ["ColumnName", "Layout"]


class Layout(StrEnum):
    """How an extract names its columns."""

    PLATFORM = "research analysis platform (p30750_i0)"
    CLASSIC = "classic (30750-0.0)"
    CLASSIC_R = "classic for R (f.30750.0.0)"


_PATTERNS = {
    Layout.PLATFORM: re.compile(r"(?:participant\.)?p(?P<field>\d+)(?:_i(?P<instance>\d+))?(?:_a(?P<array>\d+))?"),
    Layout.CLASSIC: re.compile(r"(?P<field>\d+)-(?P<instance>\d+)\.(?P<array>\d+)"),
    Layout.CLASSIC_R: re.compile(r"f\.(?P<field>\d+)\.(?P<instance>\d+)\.(?P<array>\d+)"),
}
_IDENTIFIERS = ("eid", "participant.eid", "f.eid")


@dataclass(frozen=True, kw_only=True)
class ColumnName:
    """A column of an extract.

    Attributes:
        text: As written in the file.
        field: Field id.
        instance: Which visit or record; None where the name says none.
        array: Which of several values; None where the name says none.
        layout: The layout the name belongs to.
    """

    text: str
    field: int
    instance: int | None
    array: int | None
    layout: Layout

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read a column's name; None where it is no field's."""
        for layout, pattern in _PATTERNS.items():
            if found := pattern.fullmatch(text):
                instance, array = found["instance"], found["array"]
                return cls(
                    text=text,
                    field=int(found["field"]),
                    instance=None if instance is None else int(instance),
                    array=None if array is None else int(array),
                    layout=layout,
                )
        return None

    @staticmethod
    def identifier(names: Iterable[str]) -> str | None:
        """Return the column that names the person, or None."""
        return next((name for name in names if name in _IDENTIFIERS), None)
