"""Bad input to a study: what must hold, with counts and columns; never a person's id or value."""

from holdfast.errors import PeopleError

__all__ = ["StudyError"]


class StudyError(PeopleError):
    """What was given cannot be studied, scored or run again."""
