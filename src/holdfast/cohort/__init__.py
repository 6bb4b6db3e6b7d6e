"""People as tables: cohorts from UK Biobank, NHANES or made up, in one folder format, and checked.

::

    schema          what the columns are
    cohort_folder   open a cohort, read it lazily
    cohort_writer   write one, streamed and whole or not at all
    validation      what is wrong with one, with counts
    phenotypes      ICD-10 sets as data; prevalent and incident at a visit
    healthy         the bona fide healthy reference, and why each person is not in it
    synthetic/      a cohort with a known ground truth
    nhanes/         the CDC's files
    ukbiobank/      UK Biobank's files

Importing this package imports no polars.
"""

from holdfast.cohort.error import CohortError
from holdfast.cohort.schema import Feature, Kind, Outcome, Schema, SensitiveAttribute

__all__ = ["CohortError", "Feature", "Kind", "Outcome", "Schema", "SensitiveAttribute"]
