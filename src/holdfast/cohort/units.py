"""Which unit a column was probably in, judged by the range a living person's values lie in.

Each conversion is ``value in the expected unit = factor * value + offset``. Factors follow from molar masses and from
the definitions of the units; HbA1c is the IFCC-NGSP master equation (Hoelzel and others, Clinical Chemistry 2004).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from holdfast.cohort.schema import Feature

__all__ = ["CONVERSIONS", "Conversion", "conversions_for"]


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """A unit that a column may have been in.

    Attributes:
        analyte: Part of the title of features it holds for, lower case; None: for any.
        unit: What the schema says.
        from_unit: What the values may be in.
        factor: See the module.
        offset: See the module.
    """

    analyte: str | None
    unit: str
    from_unit: str
    factor: float
    offset: float = 0.0


def _both(analyte: str | None, unit: str, other: str, factor: float) -> Iterator[Conversion]:
    """Yield a proportional conversion and its inverse: 1 ``other`` is ``factor`` ``unit``."""
    yield Conversion(analyte=analyte, unit=unit, from_unit=other, factor=factor)
    yield Conversion(analyte=analyte, unit=other, from_unit=unit, factor=1 / factor)


_MMOL_A_MG_DL = {
    "glucose": 18.016,
    "cholesterol": 38.67,
    "ldl": 38.67,
    "triglyceride": 88.57,
    "urea": 6.006,
    "urea nitrogen": 2.801,
    "calcium": 4.008,
    "phosph": 3.097,
}
_UMOL_A_MG_DL = {"creatinine": 88.42, "urate": 59.48, "uric acid": 59.48, "bilirubin": 17.10, "iron": 0.1791}
_PROPORTIONS: tuple[tuple[str | None, str, str, float], ...] = (
    *((name, "mmol/L", "mg/dL", 1 / per) for name, per in _MMOL_A_MG_DL.items()),
    *((name, "umol/L", "mg/dL", per) for name, per in _UMOL_A_MG_DL.items()),
    ("vitamin d", "nmol/L", "ng/mL", 2.496),
    ("testosterone", "nmol/L", "ng/dL", 0.03467),
    (None, "g/L", "g/dL", 10.0),
    (None, "mg/L", "mg/dL", 10.0),
    (None, "g/L", "mg/dL", 0.01),
    (None, "cm", "m", 100.0),
    (None, "cm", "in", 2.54),
    (None, "kg", "lb", 0.45359237),
    (None, "L", "mL", 0.001),
    (None, "mmol/L", "umol/L", 0.001),
    (None, "percent", "a fraction", 100.0),
    (None, "h", "min", 1 / 60),
)
CONVERSIONS: tuple[Conversion, ...] = (
    *(c for row in _PROPORTIONS for c in _both(*row)),
    Conversion(analyte="hba1c", unit="mmol/mol", from_unit="percent", factor=10.93, offset=-23.5),
    Conversion(analyte="haemoglobin a1c", unit="mmol/mol", from_unit="percent", factor=10.93, offset=-23.5),
    Conversion(analyte="hba1c", unit="percent", from_unit="mmol/mol", factor=1 / 10.93, offset=23.5 / 10.93),
)
_SPELLINGS = {
    "kg": "kg",
    "litres": "L",
    "litre": "L",
    "l": "L",
    "grams/decilitre": "g/dL",
    "umol/l": "umol/L",
    "µmol/l": "umol/L",
    "μmol/l": "umol/L",
    "%": "percent",
    "hours": "h",
    "hours/day": "h",
    "inches": "in",
}


def conversions_for(feature: Feature) -> tuple[Conversion, ...]:
    """Return the units that a feature's values may have been in instead, the more specific first."""
    if feature.unit is None:
        return ()
    lowered, title = feature.unit.strip().lower(), feature.title.lower()
    unit = _SPELLINGS.get(lowered, lowered).lower()
    fitting = [c for c in CONVERSIONS if c.unit.lower() == unit and (c.analyte is None or c.analyte in title)]
    return tuple(sorted(fitting, key=lambda c: -len(c.analyte or "")))
