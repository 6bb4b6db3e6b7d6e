"""Bad input to a risk: what must hold, with counts; never a person's id or value."""

from holdfast.errors import PeopleError

__all__ = ["RiskError"]


class RiskError(PeopleError):
    """What was given cannot be turned into, or judged as, a risk."""
