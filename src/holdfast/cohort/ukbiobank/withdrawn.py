"""The list of people who have withdrawn: one identifier a line, as UK Biobank sends it."""

from pathlib import Path

import polars as pl

from holdfast.cohort.error import CohortError

__all__ = ["read_withdrawn"]


def read_withdrawn(path: Path) -> pl.Series:
    """Return the identifiers, each once. A heading ``eid`` and quotation marks are let pass.

    Raises:
        CohortError: The file is missing, or a line is no identifier. An empty list is one: nobody has withdrawn.
    """
    try:
        lines = [line.strip().strip('"').strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise CohortError("Withdrawn list must be a readable text file", repr(path.name), "check its name") from error
    ids = [line for line in lines if line and line not in {"eid", "f.eid"}]
    wrong = sum(not line.isdigit() for line in ids)
    if wrong:
        raise CohortError(
            "Withdrawn list must hold one identifier a line",
            f"{wrong} of {len(ids)} lines that are none",
            "give the list as it was sent",
            rows=wrong,
        )
    return pl.Series("person", sorted(set(ids)), dtype=pl.String)
