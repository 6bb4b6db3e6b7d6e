"""Every error Holdfast raises on purpose.

::

    HoldfastError
    ├── InputError              what the caller or person gave cannot be used; says what would be accepted
    │   ├── UnknownNameError    an id that does not exist; suggests the closest ones
    │   ├── AnswersError        answers that do not fit an instrument
    │   └── PeopleError         a table of people cannot be used; says which columns and how many rows, never who
    ├── ContentError            a content file is malformed, or two of them contradict each other
    ├── SettingsError           configuration is unusable; lists every problem at once
    ├── AccessError             signed out, the wrong person or the wrong role
    ├── ConsentError            no consent is on record for what was asked
    ├── StorageError            the database is locked, gone or damaged; nothing was half-written
    │   └── TraceError          the trace's hash chain does not hold
    ├── ModelError              the language model stalled, broke or answered unusably
    ├── PrivacyError            a text could not be redacted, so it was neither sent, shown nor kept
    ├── EvidenceError           an evidence or manifest file cannot be read as such
    └── MissingExtraError       an optional part is not installed; says which pip line installs it

Messages read *Subject must ..., got `value!r`; do X.* and never contain what a person wrote.
"""

import difflib
from collections.abc import Iterable

__all__ = [
    "AccessError",
    "AnswersError",
    "ConsentError",
    "ContentError",
    "EvidenceError",
    "HoldfastError",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "PeopleError",
    "PrivacyError",
    "SettingsError",
    "StorageError",
    "TraceError",
    "UnknownNameError",
]


class HoldfastError(Exception):
    """Root of the tree: catch this to catch everything Holdfast raises on purpose."""


class InputError(HoldfastError):
    """What was given cannot be used; the message says what would be."""


class UnknownNameError(InputError):
    """An id that does not exist.

    Args:
        kind: What was looked for, as a person would say it ("instrument").
        name: The id that was asked for.
        known: Every id that exists.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        close = difflib.get_close_matches(name.lower(), self.known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"choose one of: {', '.join(self.known)}."
        super().__init__(f"{kind.capitalize()} must be a known id, got {name[:80]!r}; {hint}")


class AnswersError(InputError):
    """Answers that do not fit an instrument: wrong count, out of range, or too many missing."""


class PeopleError(InputError, ValueError):
    """A table of people cannot be used.

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


class ContentError(HoldfastError):
    """A content file is malformed, or two content files contradict each other."""


class SettingsError(HoldfastError):
    """Configuration cannot be used; the message lists every problem at once."""


class AccessError(HoldfastError):
    """Signed out, the wrong person or the wrong role."""


class ConsentError(HoldfastError):
    """No consent is on record for what was asked."""


class StorageError(HoldfastError):
    """The database is locked, gone or damaged; nothing was half-written."""


class TraceError(StorageError):
    """The trace's hash chain does not hold."""


class ModelError(HoldfastError):
    """The language model stalled, broke or answered unusably."""


class PrivacyError(HoldfastError):
    """A text could not be redacted, or what was hidden was to leave memory; nothing was sent, shown or kept."""


class EvidenceError(HoldfastError):
    """An evidence or manifest file cannot be read as such."""


class MissingExtraError(HoldfastError):
    """An optional part is not installed.

    Args:
        module: The module that could not be imported.
        extra: The extra of this package that brings it.
    """

    def __init__(self, module: str, extra: str) -> None:
        self.module, self.extra = module, extra
        super().__init__(f"This needs {module}, which is not installed; run: pip install 'holdfast[{extra}]'")
