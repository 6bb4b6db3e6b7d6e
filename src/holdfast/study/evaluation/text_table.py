"""Figures as a table for the terminal: one row a method."""

from holdfast.measured import Failed, Measurement, Scored, Unscored
from holdfast.metric.benchmark.table import aligned
from holdfast.study.evaluation.figures import OUR_METHOD, Figures, MethodFigures

__all__ = ["text_table"]

_NOTHING = "-"


def text_table(figures: Figures) -> str:
    """Return a table, what its columns mean, and why methods without a figure have none."""
    head = (
        "method",
        "concordance",
        "95 % interval",
        "in age bands",
        "95 % interval",
        "AUC",
        f"{OUR_METHOD} is ahead by",
    )
    rows = [head, *(_row(method) for method in figures.methods)]
    reasons = [
        f"{method.name}: {method.concordance.reason}"
        for method in figures.methods
        if isinstance(method.concordance, Unscored)
    ]
    return "\n".join([aligned(rows), "", *_notes(figures), *reasons])


def _row(method: MethodFigures) -> tuple[str, ...]:
    return (
        method.name,
        _value(method.concordance),
        _interval(method.concordance),
        _value(method.within_age),
        _interval(method.within_age),
        _value(method.horizon_auc),
        _NOTHING if method.lead is None else f"{_value(method.lead.overall, '+')} ({_interval(method.lead.overall)})",
    )


def _notes(figures: Figures) -> list[str]:
    people = f"{figures.n_people:,} people judged on, {figures.n_events:,} events, {figures.n_cases} fits a method"
    return [
        f"{people}; higher is better.",
        f"Concordance: Harrell's; in age bands: of people of one band. AUC: at {figures.horizon_years:.3g} years.",
        f"Intervals: {figures.resamples} resamples of people, the same for every method.",
    ]


def _value(measurement: Measurement, sign: str = "") -> str:
    if isinstance(measurement, Scored):
        return f"{measurement.value:{sign}.4f}"
    return "failed" if isinstance(measurement, Failed) else _NOTHING


def _interval(measurement: Measurement) -> str:
    interval = measurement.interval if isinstance(measurement, Scored) else None
    return _NOTHING if interval is None else f"{interval.low:.4f} to {interval.high:.4f}"
