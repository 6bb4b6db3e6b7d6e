"""Every suite by name, and the bundles that run several."""

from collections.abc import Callable
from typing import Any

from holdfast.errors import UnknownNameError
from holdfast.proof.suites.consent import consent_suite
from holdfast.proof.suites.crisis import crisis_suite
from holdfast.proof.suites.grounding import grounding_suite
from holdfast.proof.suites.hostile import hostile_suite
from holdfast.proof.suites.impersonation import impersonation_suite
from holdfast.proof.suites.instruments import instruments_suite
from holdfast.proof.suites.repeats import repeats_suite
from holdfast.proof.suites.suite import Suite
from holdfast.proof.suites.vignettes import vignettes_suite

__all__ = ["BUNDLES", "SUITES", "suites_named"]

SUITES: dict[str, Callable[[], Suite[Any]]] = {
    "consent": consent_suite,
    "crisis": crisis_suite,
    "grounding": grounding_suite,
    "hostile": hostile_suite,
    "impersonation": impersonation_suite,
    "instruments": instruments_suite,
    "repeats": repeats_suite,
    "vignettes": vignettes_suite,
}
"""Suite id to the function that loads it."""

BUNDLES: dict[str, tuple[str, ...]] = {
    "core": ("crisis", "grounding", "instruments", "impersonation", "hostile", "consent", "vignettes", "repeats"),
}
"""Bundle to the suites it runs, in order."""


def suites_named(name: str) -> tuple[Suite[Any], ...]:
    """Load the suite or the bundle called ``name``.

    Raises:
        UnknownNameError: There is none; the message suggests the closest.
        ContentError: A suite's file is malformed.
    """
    if name in BUNDLES:
        return tuple(SUITES[suite]() for suite in BUNDLES[name])
    if name not in SUITES:
        raise UnknownNameError("suite", name, (*SUITES, *BUNDLES))
    return (SUITES[name](),)
