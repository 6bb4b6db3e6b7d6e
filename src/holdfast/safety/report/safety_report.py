"""Everything measured about detection in one run, as figures and as a page."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.measured import Unscored, measurement_to_dict
from holdfast.safety.detection.verdict import LayerStatus, Level
from holdfast.safety.report.base_rates import Counts, PredictiveValue, predictive_values
from holdfast.safety.report.calibrated import CalibrationBin, calibration_bins
from holdfast.safety.report.case import JudgedCase, Label
from holdfast.safety.report.comments import CommentFigures
from holdfast.safety.report.listed import Wrong, list_wrong
from holdfast.safety.report.rates import (
    GroupRates,
    HeatCell,
    Rates,
    Rights,
    group_rates,
    heat_cells,
    rates_of,
    rights_of,
)
from holdfast.safety.report.swaps import SwapFigures
from holdfast.staged import staged

__all__ = ["TOGETHER", "About", "SafetyReport", "make_report"]

TOGETHER = "together"
"""The name of all layers together among ``SafetyReport.layers``."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What was measured on what. ``artefacts`` are the SHA-256 of what detection rests on, by name."""

    source: str
    split: str
    source_sha256: str
    artefacts: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return it, JSON-ready."""
        return {
            "source": self.source,
            "split": self.split,
            "source_sha256": self.source_sha256,
            "artefacts": dict(self.artefacts),
        }


@dataclass(frozen=True, kw_only=True)
class SafetyReport:
    """The figures of one run.

    Attributes:
        counts: Cases by label.
        layers: The rates of all layers together, then of each by itself, by name.
        statuses: How often each layer fared how, over all cases.
        outweighed: Cases that no question was asked about since a second reading outweighed a concern, by label.
        on_look_alikes: The worth of an alarm where benign messages are as hard as our look-alikes.
        on_comments: The same where they are everyday messages; None without any.
    """

    about: About
    counts: Mapping[str, int]
    layers: Mapping[str, Rates]
    statuses: Mapping[str, Mapping[str, int]]
    outweighed: Mapping[str, int]
    rights: Rights
    groups: tuple[GroupRates, ...]
    heat: tuple[HeatCell, ...]
    on_look_alikes: tuple[PredictiveValue, ...]
    on_comments: tuple[PredictiveValue, ...] | None
    calibration: tuple[CalibrationBin, ...] | Unscored
    comments: CommentFigures | None
    swaps: SwapFigures | None
    wrong: Wrong

    def to_json(self) -> str:
        """Return every figure of the page as the text of a JSON file. The same figures give the same text."""
        return json.dumps(self._to_dict(), indent=2, ensure_ascii=False) + "\n"

    def _to_dict(self) -> dict[str, Any]:
        calibration = self.calibration
        return {
            "about": self.about.to_dict(),
            "counts": dict(self.counts),
            "layers": {name: rates.to_dict() for name, rates in self.layers.items()},
            "statuses": {name: dict(found) for name, found in self.statuses.items()},
            "outweighed": dict(self.outweighed),
            "rights": self.rights.to_dict(),
            "groups": [{"dimension": g.dimension, "group": g.group, **g.rates.to_dict()} for g in self.groups],
            "heat": [_cell(cell) for cell in self.heat],
            "predictive_value": {
                "on_look_alikes": [one.to_dict() for one in self.on_look_alikes],
                "on_comments": None if self.on_comments is None else [one.to_dict() for one in self.on_comments],
            },
            "calibration": (
                {"unscored": calibration.reason}
                if isinstance(calibration, Unscored)
                else [one.to_dict() for one in calibration]
            ),
            "comments": None if self.comments is None else self.comments.to_dict(),
            "swaps": None if self.swaps is None else self.swaps.to_dict(),
            "wrong": self.wrong.to_dict(),
        }

    def write(self, folder: Path) -> None:
        """Write ``report.json`` and ``report.html`` into ``folder``, which is made; each whole or not at all.

        Raises:
            StorageError: The disk is full or cannot be written to.
        """
        from holdfast.safety.report.page import render_page

        folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("report.json", self.to_json()), ("report.html", render_page(self))):
            with staged(folder / name) as beside:
                beside.write_text(text, encoding="utf-8")


def _cell(cell: HeatCell) -> dict[str, Any]:
    return {"category": cell.category, "form": cell.form, "recall": measurement_to_dict(cell.recall)}


def make_report(
    judged: Sequence[JudgedCase],
    about: About,
    *,
    estimates: Mapping[str, float] | None = None,
    comments: CommentFigures | None = None,
    swaps: SwapFigures | None = None,
    with_text: bool = False,
) -> SafetyReport:
    """Put together what was judged.

    Args:
        judged: Cases with their verdicts.
        about: What they are.
        estimates: The learned layer's probability of risk of each case by id, if it gave any.
        comments: Figures on everyday messages, if any were judged.
        swaps: Figures on identity swaps, if any were judged.
        with_text: Put the words of wrong cases into the lists.
    """
    reports = judged[0].detection.layers if judged else ()
    names = [report.name for report in reports if report.status is not LayerStatus.OFF]
    risk, benign = _counted(judged, Label.RISK), _counted(judged, Label.BENIGN)
    return SafetyReport(
        about=about,
        counts=Counter(one.case.label.value for one in judged),
        layers={TOGETHER: rates_of(judged), **{name: rates_of(judged, name) for name in names}},
        statuses=_statuses(judged),
        outweighed=_outweighed(judged),
        rights=rights_of(judged),
        groups=group_rates(judged),
        heat=heat_cells(judged),
        on_look_alikes=predictive_values(risk, benign),
        on_comments=predictive_values(risk, Counts(comments.flagged, comments.messages)) if comments else None,
        calibration=(
            calibration_bins([one.case for one in judged], estimates)
            if estimates
            else Unscored("no layer in use gives a probability")
        ),
        comments=comments,
        swaps=swaps,
        wrong=list_wrong(judged, with_text=with_text),
    )


def _counted(judged: Sequence[JudgedCase], label: Label) -> Counts:
    levels = [one.detection.level for one in judged if one.case.label is label]
    return Counts(sum(level >= Level.CONCERN for level in levels), len(levels))


def _outweighed(judged: Sequence[JudgedCase]) -> dict[str, int]:
    found = Counter(
        one.case.label
        for one in judged
        if one.detection.level < Level.CONCERN and any(layer.is_outweighed for layer in one.detection.layers)
    )
    return {label.value: found[label] for label in Label}


def _statuses(judged: Sequence[JudgedCase]) -> dict[str, dict[str, int]]:
    found = Counter((layer.name, layer.status.value) for one in judged for layer in one.detection.layers)
    return {
        name: {status: count for (layer, status), count in sorted(found.items()) if layer == name}
        for name in dict.fromkeys(name for name, _ in found)
    }
