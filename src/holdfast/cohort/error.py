"""Bad input to a cohort: which columns, how many rows, and what to do; never a person's id or value."""

from collections.abc import Iterable

from holdfast.errors import InputError

__all__ = ["CohortError"]


class CohortError(InputError, ValueError):
    """What was given cannot be made into, or used as, a cohort.

    The message reads *subject, got value; remedy.* and holds counts and column names, never a person's id.

    Args:
        subject: What must hold: "Person must be unique".
        value: What was found, with counts: "12 of 10000 rows repeated".
        remedy: What to do: "keep one row a person".
        columns: The columns it is about.
        rows: How many rows it is about; None where rows are not what is counted.
    """

    def __init__(
        self, subject: str, value: str, remedy: str, *, columns: Iterable[str] = (), rows: int | None = None
    ) -> None:
        self.subject, self.value, self.remedy = subject, value, remedy
        self.columns, self.rows = tuple(columns), rows
        super().__init__(f"{subject}, got {value}; {remedy.rstrip('.')}.")
