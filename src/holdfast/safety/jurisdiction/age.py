"""Whether somebody is a minor, as far as they have said."""

from enum import StrEnum

__all__ = ["Age"]


class Age(StrEnum):
    """What a person has said of their age. Nothing else is asked, and nothing is guessed from how they write."""

    ADULT = "adult"
    MINOR = "minor"
    UNKNOWN = "unknown"

    @property
    def is_served_as_minor(self) -> bool:
        """Whether the stricter mode for people under 18 applies: always, unless they said that they are adults."""
        return self is not Age.ADULT
