"""Draw results over time as an SVG line over the instrument's bands, on the server and without a script.

The page's content policy forbids inline style, so the drawing carries presentation attributes and class names only
(``chart``, ``chart-band``, ``chart-band-odd``, ``chart-axis``, ``chart-label``, ``chart-line``, ``chart-point``,
``chart-change``, ``chart-change-better``, ``chart-change-worse``, ``chart-empty``). Colours default to
``currentColor``, so it reads in light and in dark. ``history_rows`` gives the same facts for a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from xml.sax.saxutils import escape, quoteattr

from holdfast.care.assessment.history import HistoryRow, Point, history_rows
from holdfast.care.assessment.instrument import Instrument

__all__ = ["history_svg"]

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 40, 142, 16, 40
LABEL_CHARS, LINE_HEIGHT = 18, 16


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """Turns results into places on the drawing: time runs right, a higher and worse total stands higher."""

    rows: tuple[HistoryRow, ...]
    low: int
    high: int

    def x(self, row: HistoryRow) -> float:
        span = (self.rows[-1].at - self.rows[0].at).total_seconds()
        share = (row.at - self.rows[0].at).total_seconds() / span if span else 0.5
        return round(LEFT + 12 + share * (WIDTH - LEFT - RIGHT - 24), 1)

    def y(self, total: float) -> float:
        share = (total - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def history_svg(instrument: Instrument, points: Sequence[Point]) -> str:
    """Return results over time as one ``<svg>`` element, named and described for a screen reader.

    A move that reaches the published threshold for change is marked with a diamond and said in its tooltip and in
    the description. Without results the drawing says that there are none yet.

    Raises:
        AnswersError: The instrument has no totals, or a total lies outside its range.
    """
    rows = history_rows(instrument, points)
    frame = _Frame(rows=rows, low=instrument.minimum or 0, high=instrument.maximum or 1)
    name = f"chart-{instrument.id}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-size="14" fill="currentColor">',
        f'<title id="{name}-title">{escape(instrument.short_name)} results over time</title>',
        f'<desc id="{name}-desc">{escape(_description(instrument, rows))}</desc>',
        *_bands(instrument, frame),
        *_axis(instrument, frame),
        *(_results(frame) if rows else _empty()),
        "</svg>",
    ]
    return "".join(parts)


def _description(instrument: Instrument, rows: tuple[HistoryRow, ...]) -> str:
    if not rows:
        return "There are no results yet."
    said = [f"{row.day}: {row.total}, {row.band.lower()}." + _said_change(row) for row in rows]
    scale = f"The scale runs from {instrument.minimum} to {instrument.maximum}; higher is worse."
    return f"{scale} {' '.join(said)}"


def _said_change(row: HistoryRow) -> str:
    return f" {row.change.text}" if row.change is not None and row.change.is_reliable else ""


def _bands(instrument: Instrument, frame: _Frame) -> list[str]:
    """Shade every other band and name each. A band reaches half a point past its edges."""
    drawn: list[str] = []
    for index, band in enumerate(instrument.bands):
        if band.low is None or band.high is None:
            continue
        top = frame.y(min(band.high + 0.5, frame.high))
        bottom = frame.y(max(band.low - 0.5, frame.low))
        odd = " chart-band-odd" if index % 2 else ""
        drawn.append(
            f'<rect class="chart-band{odd}" x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" '
            f'height="{round(bottom - top, 1)}" fill="currentColor" fill-opacity="{0.08 if index % 2 else 0.03}"/>'
        )
        drawn.append(_band_label(band.label, (top + bottom) / 2))
    return drawn


def _band_label(label: str, middle: float) -> str:
    """Name a band to the right of the drawing, where no line runs, on as many rows as it takes."""
    rows = wrap(label, LABEL_CHARS, break_on_hyphens=False)
    first = round(middle + 5 - (len(rows) - 1) * LINE_HEIGHT / 2, 1)
    x = WIDTH - RIGHT + 8
    spans = "".join(
        f'<tspan x="{x}" y="{round(first + index * LINE_HEIGHT, 1)}">{escape(row)}</tspan>'
        for index, row in enumerate(rows)
    )
    return f'<text class="chart-label">{spans}</text>'


def _axis(instrument: Instrument, frame: _Frame) -> list[str]:
    floor = HEIGHT - BOTTOM
    drawn = [
        f'<path class="chart-axis" d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}" fill="none" stroke="currentColor" '
        'stroke-opacity="0.6"/>'
    ]
    edges = sorted({frame.low, frame.high, *(band.low for band in instrument.bands if band.low is not None)})
    drawn += [
        f'<text class="chart-label" x="{LEFT - 8}" y="{frame.y(edge) + 4}" text-anchor="end">{edge}</text>'
        for edge in edges
    ]
    for row, anchor in _dated(frame):
        drawn.append(
            f'<text class="chart-label" x="{frame.x(row)}" y="{floor + 22}" text-anchor="{anchor}">{row.day}</text>'
        )
    return drawn


def _dated(frame: _Frame) -> list[tuple[HistoryRow, str]]:
    """Date the first and the last result; one alone stands in the middle."""
    if not frame.rows:
        return []
    if frame.rows[0].at == frame.rows[-1].at:
        return [(frame.rows[0], "middle")]
    return [(frame.rows[0], "start"), (frame.rows[-1], "end")]


def _results(frame: _Frame) -> list[str]:
    places = [(frame.x(row), frame.y(row.total), row) for row in frame.rows]
    line = " ".join(f"{x},{y}" for x, y, _ in places)
    drawn = [
        f'<polyline class="chart-line" points={quoteattr(line)} fill="none" stroke="currentColor" stroke-width="2"/>'
    ]
    drawn += [_mark(x, y, row) for x, y, row in places]
    return drawn


def _mark(x: float, y: float, row: HistoryRow) -> str:
    title = f"<title>{escape(f'{row.day}: {row.total}, {row.band.lower()}.' + _said_change(row))}</title>"
    if row.change is None or not row.change.is_reliable:
        return f'<circle class="chart-point" cx="{x}" cy="{y}" r="4" fill="currentColor">{title}</circle>'
    return (
        f'<path class="chart-change chart-change-{row.change.direction.value}" '
        f'd="M{x} {round(y - 8, 1)}L{round(x + 8, 1)} {y}L{x} {round(y + 8, 1)}L{round(x - 8, 1)} {y}Z" '
        f'fill="currentColor" stroke="currentColor">{title}</path>'
    )


def _empty() -> list[str]:
    return [
        f'<text class="chart-empty" x="{WIDTH // 2}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">'
        "No results yet</text>"
    ]
