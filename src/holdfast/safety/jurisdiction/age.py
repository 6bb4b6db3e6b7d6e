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

    @property
    def answer(self) -> bool | None:
        """The answer to "are you under 18", or None where there is none."""
        return None if self is Age.UNKNOWN else self is Age.MINOR

    @classmethod
    def from_answer(cls, answer: bool | None) -> "Age":
        """Return the age that an answer to "are you under 18" gives."""
        if answer is None:
            return cls.UNKNOWN
        return cls.MINOR if answer else cls.ADULT
