"""A cohort from a UK Biobank extract.

::

    column_name      what columns are called in each layout
    dictionary       the publisher's field dictionary
    field_list       which fields are used, as data (fields.yaml)
    field_check      both against each other
    extract          open the files: one layout, one header each
    wanted           which columns are needed
    staged_extract   one Parquet file with those columns, streamed
    values           numbers, codes and dates, checked to be such
    measured         the columns of people.parquet
    persons          visit, birth, death and loss of each person
    events           diagnoses of every source as one table
    follow_up        first diagnoses and outcomes, until each source ends
    withdrawn        who withdrew
    report           who was counted where
    build            all of it

Importing this package reads no file.
"""

from holdfast.cohort.ukbiobank.build import UkBiobankSource, build_ukbiobank
from holdfast.cohort.ukbiobank.dictionary import FieldDictionary
from holdfast.cohort.ukbiobank.events import Source
from holdfast.cohort.ukbiobank.report import UkBiobankReport

__all__ = ["FieldDictionary", "Source", "UkBiobankReport", "UkBiobankSource", "build_ukbiobank"]
