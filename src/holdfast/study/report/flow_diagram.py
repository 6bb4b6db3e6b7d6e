"""Who was left out on the way, as a diagram: those who stay downwards, who left to the right."""

import textwrap
from collections.abc import Sequence
from html import escape

from holdfast.cohort.flow import FlowStep

__all__ = ["flow_diagram"]

_WIDTH, _LEFT, _GAP, _LINE, _PAD = 560, 200, 26, 17, 10
_ASIDE = 250  # where boxes of those who left begin


def flow_diagram(steps: Sequence[FlowStep]) -> str:
    """Return an ``svg`` element: each step's counts and reason. The first step is where people come from."""
    drawn: list[str] = []
    y = 6
    for number, step in enumerate(steps):
        if number:
            y = _leaving(drawn, y, step)
        said = step.why if not number else "judged on here" if number == len(steps) - 1 else ""
        y = _box(drawn, 4, y, _LEFT, [f"{step.left:,} people", *textwrap.wrap(said, 26)]) + y
    title = "Who was left out on the way from the source to the people judged here. The table holds the same counts."
    return (
        f'<svg viewBox="0 0 {_WIDTH} {y + 6}" role="img" aria-labelledby="flow-title">'
        f'<title id="flow-title">{title}</title>{"".join(drawn)}</svg>'
    )


def _leaving(drawn: list[str], y: int, step: FlowStep) -> int:
    """Draw the way down, and beside it those who left; return where the next box begins."""
    lines = [f"{step.removed:,} {step.step}", *textwrap.wrap(step.why, 44)]
    height = _LINE * len(lines) + 2 * _PAD
    below = y + height + _GAP
    middle, centre = y + _GAP // 2 + height // 2, 4 + _LEFT // 2
    drawn.append(f'<line class="way" x1="{centre}" y1="{y}" x2="{centre}" y2="{below - 6}"/>')
    drawn.append(f'<path class="tip" d="M{centre - 5} {below - 8} L{centre + 5} {below - 8} L{centre} {below} Z"/>')
    if step.removed:
        drawn.append(f'<line class="way" x1="{centre}" y1="{middle}" x2="{_ASIDE}" y2="{middle}"/>')
        _box(drawn, _ASIDE, y + _GAP // 2, _WIDTH - _ASIDE - 4, lines)
    return below


def _box(drawn: list[str], x: int, y: int, width: int, lines: Sequence[str]) -> int:
    height = _LINE * len(lines) + 2 * _PAD
    drawn.append(f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>')
    for number, line in enumerate(lines):
        weight = ' class="count"' if number == 0 else ""
        drawn.append(f'<text{weight} x="{x + 10}" y="{y + _PAD + 12 + number * _LINE}">{escape(line)}</text>')
    return height
