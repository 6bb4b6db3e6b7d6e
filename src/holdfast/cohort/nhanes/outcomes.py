"""Death after the exam, from any cause and by leading cause.

Time runs from the exam (``PERMTH_EXM``, whole months) to death or to the end of the linkage, in years of 12 months.
A person who is not eligible for linkage, under 18, not examined, or of a cycle without a mortality file has no row:
not followed up, never taken to be alive. 0 months means a death or an end of follow-up within the month of the exam;
it is counted as half a month, so that nobody is left out for dying early. For one cause, deaths from another are
censored at death (cause-specific); a death without a published cause has a row for any cause only.
The public-use files hold some perturbed times and causes of death, never a perturbed status (NCHS).
"""

import polars as pl

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import Dictionary
from holdfast.cohort.schema import Outcome

__all__ = ["ANY_CAUSE", "outcome_rows", "outcomes_of"]

ANY_CAUSE = Outcome(name="death", title="Death from any cause")


def outcomes_of(dictionary: Dictionary) -> tuple[Outcome, ...]:
    """Return the outcomes: death from any cause, then from each leading cause."""
    return (ANY_CAUSE, *(Outcome(name=c.name, title=c.title) for c in dictionary.causes.values()))


def outcome_rows(table: pl.DataFrame, dictionary: Dictionary, *, zero_months: float) -> pl.DataFrame:
    """Return ``person``, ``outcome``, ``years`` and ``event`` of everybody who was followed up.

    Args:
        table: ``person`` and the columns of the linked mortality file.
        dictionary: Which causes there are.
        zero_months: Months that stand for 0; above 0 and at most 1.

    Raises:
        CohortError: ``zero_months`` is out of range, or a cause of death is not in the dictionary.
    """
    if not 0 < zero_months <= 1:
        raise CohortError("Months that stand for 0 must be above 0 and at most 1", repr(zero_months), "use 0.5")
    unknown = int((~table["UCOD_LEADING"].is_in(list(dictionary.causes))).fill_null(value=False).sum())
    if unknown:
        raise CohortError(
            "UCOD_LEADING must be a leading cause, 1 to 10",
            f"{unknown} of {table.height} rows with another",
            "use the 2015 or 2019 linkage",
            columns=["UCOD_LEADING"],
            rows=unknown,
        )
    months, died, cause = pl.col("PERMTH_EXM").cast(pl.Float64), pl.col("MORTSTAT") == 1, pl.col("UCOD_LEADING")
    followed = table.filter((pl.col("ELIGSTAT") == 1) & months.is_not_null() & died.is_not_null()).with_columns(
        (pl.when(months == 0).then(zero_months).otherwise(months) / 12).alias("years")
    )
    any_cause = followed.select("person", pl.lit(ANY_CAUSE.name).alias("outcome"), "years", died.alias("event"))
    known = followed.filter(~died | cause.is_not_null())
    by_cause = (
        known.select("person", pl.lit(said.name).alias("outcome"), "years", (died & (cause == code)).alias("event"))
        for code, said in dictionary.causes.items()
    )
    return pl.concat([any_cause, *by_cause]).with_columns(pl.col("event").fill_null(value=False))
