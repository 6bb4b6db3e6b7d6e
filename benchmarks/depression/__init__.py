"""Parts of ``benchmarks/nhanes_depression.py``, one question a file."""
