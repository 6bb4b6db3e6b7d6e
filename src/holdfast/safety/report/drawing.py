"""Plots as SVG inside the page, drawn by hand: their colours are the page's, and they refer to nothing outside."""

from collections.abc import Callable, Sequence
from html import escape

from holdfast.measured import Measurement, Scored

__all__ = ["Series", "curve_plot", "interval_plot"]

_WIDTH, _RIGHT, _TOP, _BOTTOM = 380, 24, 8, 40
_ROW = 22
_LETTER = 6.4
_HEIGHT = 240
_MARKS = ("circle", "square")

Series = tuple[str, Sequence[tuple[float, Measurement]]]
"""A name, and points along the axis."""


def interval_plot(
    rows: Sequence[tuple[str, Measurement]], *, name: str, title: str, low: float = 0.0, line: float | None = None
) -> str:
    """Draw a share a row, first on top: a mark at the value, a bar over its interval, or that there is no figure.

    Args:
        rows: Names and shares.
        name: Letters and hyphens, unique in the page.
        title: What a screen reader says in place of the picture.
        low: Where the axis begins; a bar that goes further is cut there.
        line: A share to draw a line at: what is hoped for.
    """
    left = 14 + _LETTER * max((len(label) for label, _ in rows), default=0)
    bottom = _TOP + _ROW * len(rows)

    def across(share: float) -> float:
        return left + (max(low, share) - low) / (1 - low) * (_WIDTH - _RIGHT - left)

    parts = [_grid(across, low, bottom)]
    if line is not None:
        parts.append(f'<line class="hoped" x1="{across(line):.1f}" x2="{across(line):.1f}" y1="{_TOP}" y2="{bottom}"/>')
    for number, (label, share) in enumerate(rows):
        y = _TOP + _ROW * (number + 0.5)
        parts.append(f'<text x="{left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>')
        parts.append(_bar(across, y, share) if isinstance(share, Scored) else _no_figure(left, y))
    return _svg("".join(parts), _WIDTH, bottom + 24, name, title)


def _grid(across: Callable[[float], float], low: float, bottom: float) -> str:
    steps = [low + (1 - low) * part / 4 for part in range(5)]
    return "".join(
        f'<line class="grid" x1="{across(share):.1f}" x2="{across(share):.1f}" y1="{_TOP}" y2="{bottom}"/>'
        f'<text x="{across(share):.1f}" y="{bottom + 16}" text-anchor="middle">{100 * share:g} %</text>'
        for share in steps
    )


def _bar(across: Callable[[float], float], y: float, share: Scored) -> str:
    bounds = share.interval
    ends = (across(bounds.low), across(bounds.high)) if bounds else (across(share.value),) * 2
    return (
        f'<line class="bar" x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<circle class="mark" cx="{across(share.value):.1f}" cy="{y:.1f}" r="4"/>'
    )


def _no_figure(left: float, y: float) -> str:
    return f'<text class="soft" x="{left + 6:.1f}" y="{y + 4:.1f}">no figure</text>'


def curve_plot(
    some: Sequence[Series], *, name: str, title: str, across: str, ticks: Sequence[float] | None = None
) -> str:
    """Draw shares against shares with interval bars; each series has a shape and a dash of its own.

    Args:
        some: At most two series.
        name: Letters and hyphens, unique in the page.
        title: What a screen reader says in place of the picture.
        across: What the horizontal axis is.
        ticks: Places along it, evenly spaced whatever their values; None: an even scale of 0 to 1.
    """
    left, bottom = 48.0, _HEIGHT - _BOTTOM - 18.0 * len(some)
    width = _WIDTH - _RIGHT - left

    def x_of(value: float) -> float:
        share = value if ticks is None else (list(ticks).index(value) + 0.5) / len(ticks)
        return left + share * width

    def y_of(share: float) -> float:
        return bottom - share * (bottom - _TOP)

    parts = [_axes(x_of, y_of, ticks or (0.0, 0.25, 0.5, 0.75, 1.0), left)]
    parts.append(f'<text x="{left + width / 2:.1f}" y="{bottom + 34:.1f}" text-anchor="middle">{escape(across)}</text>')
    if ticks is None:
        parts.append(f'<line class="hoped" x1="{x_of(0)}" y1="{y_of(0)}" x2="{x_of(1)}" y2="{y_of(1)}"/>')
    for number, (label, points) in enumerate(some):
        shift = 5 * (number - (len(some) - 1) / 2) if ticks else 0.0
        parts.append(_curve(points, lambda value, by=shift: x_of(value) + by, y_of, number))  # type: ignore[misc]
        y = bottom + 52 + 18 * number
        parts.append(_mark(left + 6, y - 4, number) + f'<text x="{left + 18:.1f}" y="{y:.1f}">{escape(label)}</text>')
    return _svg("".join(parts), _WIDTH, _HEIGHT + 18, name, title)


def _axes(x_of: Callable[[float], float], y_of: Callable[[float], float], ticks: Sequence[float], left: float) -> str:
    rows = "".join(
        f'<line class="grid" x1="{left:.1f}" x2="{_WIDTH - _RIGHT}" y1="{y_of(share):.1f}" y2="{y_of(share):.1f}"/>'
        f'<text x="{left - 6:.1f}" y="{y_of(share) + 4:.1f}" text-anchor="end">{100 * share:g} %</text>'
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    )
    return rows + "".join(
        f'<text x="{x_of(tick):.1f}" y="{y_of(0) + 16:.1f}" text-anchor="middle">{100 * tick:g} %</text>'
        for tick in ticks
    )


def _curve(
    points: Sequence[tuple[float, Measurement]],
    x_of: Callable[[float], float],
    y_of: Callable[[float], float],
    number: int,
) -> str:
    drawn = [(x_of(value), share) for value, share in points if isinstance(share, Scored)]
    path = " ".join(f"{x:.1f},{y_of(share.value):.1f}" for x, share in drawn)
    parts = [f'<polyline class="curve s{number}" points="{path}"/>'] if len(drawn) > 1 else []
    for x, share in drawn:
        if share.interval is not None:
            low, high = y_of(share.interval.low), y_of(share.interval.high)
            parts.append(f'<line class="bar s{number}" x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>')
        parts.append(_mark(x, y_of(share.value), number))
    return "".join(parts)


def _mark(x: float, y: float, number: int) -> str:
    if _MARKS[number % len(_MARKS)] == "square":
        return f'<rect class="mark s{number}" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'
    return f'<circle class="mark s{number}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'


def _svg(body: str, width: float, height: float, name: str, title: str) -> str:
    opening = f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{name}-title">'
    return f'{opening}<title id="{name}-title">{escape(title)}</title>{body}</svg>'
