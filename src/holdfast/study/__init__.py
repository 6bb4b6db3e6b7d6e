"""Cohort, representation and risk put together: fit, score, evaluate, report, and run again.

``metric``, ``cohort`` and ``risk`` import none of each other; a study joins them.
"""

__all__: list[str] = []
