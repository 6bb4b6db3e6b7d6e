"""The detection a fresh installation runs with: the rule layer, ready for a learned one beside it."""

from functools import cache

from holdfast.safety.detection.layered import LayeredDetector
from holdfast.safety.detection.rulebook import Rulebook, load_rulebook
from holdfast.safety.detection.rules import RuleDetector

__all__ = ["artefacts", "default_detector"]


def default_detector() -> LayeredDetector:
    """Return the default detector. The rules are read and compiled on first use, then shared.

    Raises:
        ContentError: A rule file is missing or malformed.
    """
    return LayeredDetector({"rules": RuleDetector(_rulebook())}, required=("rules",))


def artefacts() -> dict[str, str]:
    """Return the SHA-256 of every file the default detector rests on, by name, for traces and releases."""
    return dict(_rulebook().artefacts)


@cache
def _rulebook() -> Rulebook:
    return load_rulebook()
