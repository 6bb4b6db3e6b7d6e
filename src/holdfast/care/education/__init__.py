"""A library of short sourced articles, and answers that quote it verbatim or abstain."""

__all__: list[str] = []
