"""NHANES as its publishers release it: SAS transport files, linked mortality, or both merged into Parquet.

::

    variables.yaml     what is read: names, titles, units, ranges, missing codes, sources
    dictionary         that file, typed
    release            which files a folder holds, by cycle
    transport_header   the head of a SAS transport file, and whether the file is whole
    transport          its columns
    mortality          the fixed-width public-use linked mortality file
    cycle_source       one cycle's people as a table, from either layout
    codes              refused and don't know, levels, detection limits
    units              units that do not fit
    derived            PHQ-9, blood pressure, smoking, alcohol, activity, sleep
    weights            survey weights of merged cycles
    selection          who is in the cohort, and the counts of who is not
    outcomes           death after the exam, by cause
    nhanes_schema      the schema of the cohort
    build              from files to a cohort's folder
"""

__all__: list[str] = []
