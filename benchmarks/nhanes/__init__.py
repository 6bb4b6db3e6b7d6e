"""Parts of ``benchmarks/nhanes_risk.py``."""
