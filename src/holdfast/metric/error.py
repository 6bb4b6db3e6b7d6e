"""Bad input to metric learning: an ``InputError`` that scikit-learn's conventions also know as a ``ValueError``."""

from holdfast.errors import InputError

__all__ = ["MetricError"]


class MetricError(InputError, ValueError):
    """What was given cannot be learnt from, embedded or judged; the message says what could be."""
