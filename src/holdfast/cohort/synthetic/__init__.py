"""A made-up cohort with true UK Biobank field ids, realistic marginals and a known truth.

::

    fields.yaml, process.yaml   what is measured, and how it comes about: data
    settings                    both, read and checked
    process                     the factors behind everything
    measurements                factors -> measurements and answers
    events                      factors -> conditions, death, follow-up
    build                       all of it, streamed into a cohort's folder
"""

from holdfast.cohort.synthetic.build import build_synthetic
from holdfast.cohort.synthetic.settings import Settings, load_settings

__all__ = ["Settings", "build_synthetic", "load_settings"]
