"""How good one fitted risk model is, on people it has not seen: every figure of a report, as data."""

__all__: list[str] = []
