"""Conditions as sets of ICD-10 codes, which are data; what was there at a visit and what came after; who was healthy.

The sets are YAML files of this folder. None has been reviewed yet by a clinician or a person with lived experience.
"""

from holdfast.cohort.phenotypes.catalogue import Phenotype, load_phenotypes
from holdfast.cohort.phenotypes.healthy import HealthyReference, HealthyRule, Marker, find_healthy, load_healthy_rule
from holdfast.cohort.phenotypes.matching import first_conditions, incident, match_codes, prevalent

__all__ = [
    "HealthyReference",
    "HealthyRule",
    "Marker",
    "Phenotype",
    "find_healthy",
    "first_conditions",
    "incident",
    "load_healthy_rule",
    "load_phenotypes",
    "match_codes",
    "prevalent",
]
