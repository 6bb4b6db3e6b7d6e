"""What a benchmark came to: means with intervals, paired differences to a baseline, cost; as data, text and a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from holdfast.measured import Measurement, Scored, Unscored
from holdfast.metric.benchmark.record import RunRecord, measurement_to_json
from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES, Drawing
from holdfast.metric.error import MetricError
from holdfast.metric.evaluation.intervals import PairedDifference, paired_test, seed_interval

__all__ = ["FIGURES", "MAIN_FIGURE", "PROTOCOL", "LossSummary", "Report", "report_to_json", "summarise"]

FIGURES: Mapping[str, str] = {
    "knn_weighted_f1": "weighted F1",
    "knn_accuracy": "accuracy",
    "precision_at_1": "P@1",
    "map_at_r": "MAP@R",
}
"""Figures of a run, the main one first, and what tables call them. Higher is better for all."""
MAIN_FIGURE = "knn_weighted_f1"

PROTOCOL: tuple[str, ...] = (
    "Every run of one seed starts from the same weights; every loss embeds the same number of images a step.",
    "triplet, nplb, swap and mdr: images_per_step / 3 random triplets a step, nothing mined; one stream a seed.",
    "npair: images_per_step / 2 random pairs a step, which the loss puts into rounds of one pair a class.",
    "triplet-all, nplb-all, swap-all, mdr-all, supcon: a class-balanced batch of images_per_step, all of it compared; "
    "one stream a seed.",
    "Judged once, after the last step, by Euclidean distance to the reference rows; 5 neighbours vote.",
    "Intervals are Student's t over seeds, at 95 %. Differences are the loss less the baseline, paired by seed: above "
    "0, the loss is better. p (t) is two-sided, and p (Holm) corrects it for the number of losses compared; p (flip) "
    "is the exact sign-flip test, which with five seeds cannot fall below 0.0625.",
    "Seeds vary weights and images drawn, not the data: intervals say nothing about other data sets.",
)
"""What a reader must know to trust or doubt the figures."""


@dataclass(frozen=True, kw_only=True)
class LossSummary:
    """One loss over its seeds.

    Args:
        loss: Its name.
        figures: Each figure's mean over seeds with its t interval; Unscored where no run was scored.
        values: Each figure's value by seed, of runs that were scored.
        difference: Main figure less the baseline's, paired by seed; None for the baseline itself and without one.
        p_holm: Its t test's p corrected for the number of losses compared (Holm 1979).
        training_s: Mean seconds of training a run.
        steps_per_s: Mean steps a second.
        peak_bytes: Mean peak memory of a run.
        peak_how: How memory was measured.
        failed: Runs that diverged; they are in no mean.
    """

    loss: str
    figures: Mapping[str, Measurement]
    values: Mapping[str, Mapping[int, float]]
    difference: PairedDifference | None
    p_holm: Measurement
    training_s: Measurement
    steps_per_s: Measurement
    peak_bytes: Measurement
    peak_how: str
    failed: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """A benchmark's summary.

    Args:
        data: What the records say of the data.
        baseline: The loss others are compared with; None where it was not run.
        losses: One summary a loss, in the order the losses were given.
        records: Every run.
    """

    data: Mapping[str, Any]
    baseline: str | None
    losses: tuple[LossSummary, ...]
    records: tuple[RunRecord, ...]

    @property
    def seeds(self) -> int:
        """How many seeds there are."""
        return len({record.spec.seed for record in self.records})


def summarise(records: Iterable[RunRecord], *, baseline: str = "triplet") -> Report:
    """Summarise runs by loss.

    Args:
        records: Finished runs of one set of data.
        baseline: The loss to compare with. Where it was not run nothing is compared.

    Raises:
        MetricError: There are no runs, or they are of different data.
    """
    kept = tuple(records)
    if not kept:
        raise MetricError("Records must hold at least one run, got `none`; run a loss first.")
    if len({(record.data["fingerprint"], record.data["judged_on"]) for record in kept}) > 1:
        raise MetricError("Records must be of one set of data, got `several`; summarise each apart.")
    names = tuple(dict.fromkeys(record.spec.loss for record in kept))
    values = {name: _values([record for record in kept if record.spec.loss == name]) for name in names}
    against = baseline if baseline in names else None
    differences = {
        name: _difference(values[name][MAIN_FIGURE], values[against][MAIN_FIGURE])
        for name in names
        if against is not None and name != against
    }
    corrected = _holm({name: difference.p_t for name, difference in differences.items()})
    losses = tuple(
        _summary(
            name,
            [record for record in kept if record.spec.loss == name],
            values[name],
            difference=differences.get(name),
            p_holm=corrected.get(name, Unscored("not compared")),
        )
        for name in names
    )
    return Report(data=kept[0].data, baseline=against, losses=losses, records=kept)


def _values(records: Sequence[RunRecord]) -> dict[str, dict[int, float]]:
    values: dict[str, dict[int, float]] = {name: {} for name in FIGURES}
    for record in records:
        for name in FIGURES:
            figure: Measurement = getattr(record.scores, name)
            if isinstance(figure, Scored):
                values[name][record.spec.seed] = figure.value
    return values


def _difference(of: Mapping[int, float], to: Mapping[int, float]) -> PairedDifference:
    shared = sorted(set(of) & set(to))
    return paired_test([of[seed] for seed in shared], [to[seed] for seed in shared])


def _holm(p_values: Mapping[str, Measurement]) -> dict[str, Measurement]:
    """Correct p values for their number, step down (Holm 1979, Scandinavian Journal of Statistics 6:65-70)."""
    corrected: dict[str, Measurement] = dict(p_values)
    tested = sorted((p.value, p.n, name) for name, p in p_values.items() if isinstance(p, Scored))
    largest = 0.0
    for place, (value, n, name) in enumerate(tested):
        largest = max(largest, min(1.0, value * (len(tested) - place)))
        corrected[name] = Scored(value=largest, n=n)
    return corrected


def _summary(
    name: str,
    records: Sequence[RunRecord],
    values: Mapping[str, Mapping[int, float]],
    *,
    difference: PairedDifference | None,
    p_holm: Measurement,
) -> LossSummary:
    return LossSummary(
        loss=name,
        figures={figure: seed_interval(list(by_seed.values())) for figure, by_seed in values.items()},
        values=values,
        difference=difference,
        p_holm=p_holm,
        training_s=seed_interval([record.training_s for record in records]),
        steps_per_s=seed_interval([record.steps_per_s for record in records]),
        peak_bytes=seed_interval([float(record.peak_memory.bytes) for record in records]),
        peak_how="; ".join(sorted({record.peak_memory.how for record in records})),
        failed=len(records) - len(values[MAIN_FIGURE]),
    )


def report_to_json(report: Report) -> dict[str, Any]:
    """Return the report with every run as what JSON can hold."""
    return {
        "format": "holdfast-metric-bench",
        "format_version": 1,
        "data": dict(report.data),
        "protocol": list(PROTOCOL),
        "main_figure": MAIN_FIGURE,
        "baseline": report.baseline,
        "seeds": sorted({record.spec.seed for record in report.records}),
        "machines": _distinct(record.machine for record in report.records),
        "losses": [_summary_to_json(summary, report) for summary in report.losses],
        "runs": [record.to_json() for record in report.records],
    }


def _distinct(machines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for machine in machines:
        if machine not in found:
            found.append(dict(machine))
    return found


def _summary_to_json(summary: LossSummary, report: Report) -> dict[str, Any]:
    spec = next(record.spec for record in report.records if record.spec.loss == summary.loss)
    images = {Drawing.TRIPLETS: 3, Drawing.PAIRS: 2, Drawing.BATCH: spec.images_per_step}[spec.drawing]
    difference = summary.difference
    return {
        "loss": summary.loss,
        "settings": {name: value for name, value in spec.to_json().items() if name not in ("loss", "seed")},
        "drawn": f"{spec.images_per_step // images} x {BENCHMARK_LOSSES[summary.loss][1]} a step",
        "figures": {name: measurement_to_json(figure) for name, figure in summary.figures.items()},
        "values": {name: list(by_seed.items()) for name, by_seed in summary.values.items()},
        "difference_to_baseline": None if difference is None else _difference_to_json(difference, summary.p_holm),
        **{name: measurement_to_json(getattr(summary, name)) for name in ("training_s", "steps_per_s", "peak_bytes")},
        "peak_how": summary.peak_how,
        "failed": summary.failed,
    }


def _difference_to_json(difference: PairedDifference, p_holm: Measurement) -> dict[str, Any]:
    plain = {
        item.name: measurement_to_json(getattr(difference, item.name))
        for item in fields(difference)
        if item.name in ("difference", "p_t", "p_sign_flip")
    }
    return {
        "holds": "the loss less the baseline: above 0, the loss is better",
        **plain,
        "p_holm": measurement_to_json(p_holm),
        "smallest_p_sign_flip": difference.smallest_p_sign_flip,
        "pairs": difference.pairs,
    }
