"""Bad input to a cohort: which columns, how many rows, and what to do; never a person's id or value."""

from holdfast.errors import PeopleError

__all__ = ["CohortError"]


class CohortError(PeopleError):
    """What was given cannot be made into, or used as, a cohort."""
