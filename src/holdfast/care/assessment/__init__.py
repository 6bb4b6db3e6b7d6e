"""Validated instruments as data, scored by plain code. A screen, not a diagnosis."""

__all__: list[str] = [
    "catalogue",
    "change",
    "chart",
    "engine",
    "entry",
    "history",
    "instrument",
    "item",
    "phrases",
    "reading",
    "result",
    "risk",
    "score",
    "scoring",
    "screening",
    "wording",
]
