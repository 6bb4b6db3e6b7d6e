"""Say the same thing as somebody else, and see whether danger is found as often."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from holdfast.content import ContentModel, load_yaml
from holdfast.measured import Measurement, Scored, measurement_to_dict, wilson
from holdfast.safety.detection.verdict import Category, Level, ReadsMany
from holdfast.safety.report.case import Case, Label, Progress, judge_cases
from holdfast.safety.report.paired import paired_difference
from holdfast.turn import Role, Turn

__all__ = ["DIALECT", "SwapFigures", "SwapSet", "VariantFigures", "judge_swaps", "load_swaps", "swap_sentences"]

DIALECT = "dialect"

_FILE = Path(__file__).parent / "swaps.yaml"


class _Neutral(ContentModel):
    being: str
    someone: str


class SwapSet(ContentModel):
    """Carrier sentences and what is put into them.

    A carrier holds ``{being}``, which follows "I am", or ``{someone}``. ``sets`` holds the fillings of each as pairs.
    ``in_dialect`` holds sentences, the plain one first, then one in each of ``dialects``.
    """

    id: str
    version: int = Field(ge=1)
    author_role: str
    notes: str
    neutral: _Neutral
    carriers: Mapping[Category, tuple[str, ...]]
    sets: Mapping[str, tuple[tuple[str, str], ...]]
    dialects: tuple[str, ...]
    in_dialect: Mapping[Category, tuple[tuple[str, ...], ...]]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        said = [text for some in self.carriers.values() for text in some]
        if not all(("{being}" in text) != ("{someone}" in text) for text in said):
            raise ValueError("a carrier must hold {being} or {someone}, one of the two")
        rows = [row for some in self.in_dialect.values() for row in some]
        if any(len(row) != 1 + len(self.dialects) for row in rows):
            raise ValueError("a sentence must be there plainly and in every dialect")
        return self


@dataclass(frozen=True, kw_only=True)
class VariantFigures:
    """How often danger is found where one variant speaks or is spoken of.

    Attributes:
        recall: Of the carriers so filled, those flagged as concern or crisis. Higher is better.
        difference: That less the recall of the neutral ones, carrier by carrier: below 0 the variant is worse off.
        lost: Ids of carriers found plainly and not so.
    """

    set: str
    variant: str
    recall: Measurement
    difference: Measurement
    lost: tuple[str, ...]

    @property
    def gap(self) -> float:
        """How far recall is from the neutral one, either way: 0 is best."""
        return abs(self.difference.value) if isinstance(self.difference, Scored) else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, JSON-ready."""
        figures = {name: measurement_to_dict(getattr(self, name)) for name in ("recall", "difference")}
        return {"set": self.set, "variant": self.variant, **figures, "lost": list(self.lost)}


@dataclass(frozen=True, kw_only=True)
class SwapFigures:
    """Recall of the neutral sentences, and of every variant. ``missed`` are ids of neutral ones not found."""

    neutral: Measurement
    missed: tuple[str, ...]
    variants: tuple[VariantFigures, ...]

    @property
    def widest(self) -> tuple[VariantFigures, ...]:
        """The variant furthest from the neutral one in each set."""
        names = dict.fromkeys(one.set for one in self.variants)
        return tuple(max((v for v in self.variants if v.set == name), key=lambda v: v.gap) for name in names)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, JSON-ready."""
        return {
            "neutral": measurement_to_dict(self.neutral),
            "missed": list(self.missed),
            "largest_gap": max((one.gap for one in self.variants), default=0.0),
            "variants": [one.to_dict() for one in self.variants],
        }


@dataclass(frozen=True)
class _Variant:
    set: str
    name: str
    texts: Mapping[str, str]


def load_swaps(path: Path = _FILE) -> SwapSet:
    """Read the carriers and what is swapped in them.

    Raises:
        ContentError: The file is missing or malformed.
    """
    return load_yaml(path, SwapSet).value


def judge_swaps(detector: ReadsMany, swaps: SwapSet, *, progress: Progress = lambda _done, _of: None) -> SwapFigures:
    """Judge every sentence plainly and as every variant."""
    plain = _plain(swaps)
    variants, texts = list(_variants(swaps)), swap_sentences(swaps)
    cases = [Case(id=str(n), turns=(Turn(Role.PERSON, t),), label=Label.RISK) for n, t in enumerate(texts)]
    judged = judge_cases(detector, cases, progress=progress)
    found = {text: one.detection.level >= Level.CONCERN for text, one in zip(texts, judged, strict=True)}
    return SwapFigures(
        neutral=wilson(sum(found[text] for text in plain.values()), len(plain)),
        missed=tuple(name for name, text in plain.items() if not found[text]),
        variants=tuple(_figures(one, plain, found) for one in variants),
    )


def _plain(swaps: SwapSet) -> dict[str, str]:
    return {**_filled(swaps, swaps.neutral.being, swaps.neutral.someone), **_in_dialect(swaps, 0)}


def _figures(variant: _Variant, plain: Mapping[str, str], found: Mapping[str, bool]) -> VariantFigures:
    ours = [found[text] for text in variant.texts.values()]
    neutral = [found[plain[name]] for name in variant.texts]
    return VariantFigures(
        set=variant.set,
        variant=variant.name,
        recall=wilson(sum(ours), len(ours)),
        difference=paired_difference(ours, neutral),
        lost=tuple(name for name, one, other in zip(variant.texts, ours, neutral, strict=True) if other and not one),
    )


def _variants(swaps: SwapSet) -> Iterator[_Variant]:
    for name, fillings in swaps.sets.items():
        for being, someone in fillings:
            yield _Variant(name, being, _filled(swaps, being, someone))
    for number, dialect in enumerate(swaps.dialects, start=1):
        yield _Variant(DIALECT, dialect.replace("_", " "), _in_dialect(swaps, number))


def _filled(swaps: SwapSet, being: str, someone: str) -> dict[str, str]:
    return {
        f"{category.value}-{number:02}": text.format(being=being, someone=someone)
        for category, texts in swaps.carriers.items()
        for number, text in enumerate(texts, start=1)
    }


def _in_dialect(swaps: SwapSet, column: int) -> dict[str, str]:
    return {
        f"{category.value}-{DIALECT}-{number:02}": row[column]
        for category, rows in swaps.in_dialect.items()
        for number, row in enumerate(rows, start=1)
    }


def swap_sentences(swaps: SwapSet) -> Sequence[str]:
    """Return every sentence, filled in and in every dialect, each once."""
    rest = (text for one in _variants(swaps) for text in one.texts.values())
    return list(dict.fromkeys([*_plain(swaps).values(), *rest]))
