"""A figure as SVG inside a page: nothing in it refers to anything outside, and its colours are the page's."""

import io
import re
from typing import Final

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

__all__ = ["COLOURS", "inline_svg"]

COLOURS: Final = {
    "ink": "#1d2a2e",
    "soft": "#51636a",
    "line": "#d5dbd8",
    "paper": "#fbfaf7",
    "mark": "#1f6f78",
    "warn": "#8a4b12",
    "normal": "#2f7d5b",
    "lower": "#b07a16",
    "higher": "#a3352f",
    "highest": "#5d2a6e",
}
"""The page's colours in light, by the names of its CSS variables; in dark the variables have others."""


def inline_svg(figure: Figure, *, name: str, title: str) -> str:
    """Return a figure as an ``svg`` element whose text depends on nothing but the figure.

    Args:
        figure: What to draw, in ``COLOURS`` only.
        name: Letters and hyphens, unique in the page: every id begins with it.
        title: What a screen reader says in place of the picture.
    """
    drawn = io.BytesIO()
    with rc_context({"svg.hashsalt": "holdfast", "svg.fonttype": "none"}):
        FigureCanvasSVG(figure).print_svg(drawn, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    text = drawn.getvalue().decode("utf-8")
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->\n?", "", body, flags=re.DOTALL)
    head, rest = body.split(">", 1)
    box = re.search(r'viewBox="([^"]+)"', head)
    opening = f'<svg viewBox="{box.group(1) if box else ""}" role="img" aria-labelledby="{name}-title">'
    rest = rest.replace("xlink:href", "href")
    rest = re.sub(r'\bid="', f'id="{name}-', rest)
    rest = re.sub(r'href="#', f'href="#{name}-', rest)
    rest = re.sub(r"url\(#", f"url(#{name}-", rest)
    for variable, colour in COLOURS.items():
        rest = rest.replace(colour, f"var(--{variable})")
    return f'{opening}\n<title id="{name}-title">{_escaped(title)}</title>{rest.strip()}'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
