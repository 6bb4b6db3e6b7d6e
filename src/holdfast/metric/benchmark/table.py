"""The report of a benchmark as a text table for the terminal."""

from collections.abc import Sequence

from holdfast.measured import Measurement, Scored
from holdfast.metric.benchmark.report import FIGURES, LossSummary, Report

__all__ = ["aligned", "text_table"]

_MISSING = "—"


def text_table(report: Report) -> str:
    """Return the report as text: figures, differences to the baseline, cost, and how it was measured."""
    parts = [_heading(report), aligned(_figure_rows(report))]
    if report.baseline is not None and len(report.losses) > 1:
        parts.append(aligned(_difference_rows(report)))
    parts.append(aligned(_cost_rows(report)))
    parts.append("\n".join(_footnotes(report)))
    return "\n\n".join(parts)


def _heading(report: Report) -> str:
    data = report.data
    notes = "; ".join(data["notes"])
    return f"{data['name']}, judged on {data['judged_on']}, seeds: {report.seeds} ({notes})"


def _figure_rows(report: Report) -> list[tuple[str, ...]]:
    main, *others = FIGURES
    head = ("loss", f"{FIGURES[main]} (mean)", "95 % interval", *(FIGURES[name] for name in others), "runs")
    rows = [
        (
            summary.loss,
            _value(summary.figures[main], 4),
            _interval(summary.figures[main], 4),
            *(_value(summary.figures[name], 4) for name in others),
            _runs(summary),
        )
        for summary in report.losses
    ]
    return [head, *rows]


def _runs(summary: LossSummary) -> str:
    scored = getattr(summary.figures[next(iter(FIGURES))], "n", 0)
    return f"{scored}" if not summary.failed else f"{scored}, {summary.failed} diverged"


def _difference_rows(report: Report) -> list[tuple[str, ...]]:
    title = f"less {report.baseline} (above 0: better)"
    rows: list[tuple[str, ...]] = [("loss", title, "95 % interval", "p (t)", "p (Holm)", "p (flip)")]
    for summary in report.losses:
        if (difference := summary.difference) is not None:
            mean = difference.difference
            tests = (difference.p_t, summary.p_holm, difference.p_sign_flip)
            rows.append((summary.loss, _value(mean, 4, "+"), _interval(mean, 4, "+"), *(_value(p, 4) for p in tests)))
    return rows


def _cost_rows(report: Report) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("loss", "training s", "steps/s", "peak MiB")]
    for summary in report.losses:
        peak = summary.peak_bytes
        mebibytes = f"{peak.value / 2**20:.0f}" if isinstance(peak, Scored) else _MISSING
        rows.append((summary.loss, _value(summary.training_s, 1), _value(summary.steps_per_s, 1), mebibytes))
    return rows


def _footnotes(report: Report) -> list[str]:
    lines = [f"Peak memory: {how}." for how in sorted({summary.peak_how for summary in report.losses})]
    machines = {(record.machine["device_name"], record.machine["threads"]) for record in report.records}
    lines += [f"Ran on {name}, threads: {threads}." for name, threads in sorted(machines)]
    return lines


def _value(measurement: Measurement, digits: int, sign: str = "") -> str:
    return f"{measurement.value:{sign}.{digits}f}" if isinstance(measurement, Scored) else _MISSING


def _interval(measurement: Measurement, digits: int, sign: str = "") -> str:
    if not isinstance(measurement, Scored) or measurement.interval is None:
        return _MISSING
    return f"{measurement.interval.low:{sign}.{digits}f} to {measurement.interval.high:{sign}.{digits}f}"


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)
