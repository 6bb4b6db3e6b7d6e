"""The tier that Holdfast runs at: earned through the gate, never a setting."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holdfast.proof.gate import Decision

__all__ = ["RESEARCH", "current_decision", "current_tier"]

RESEARCH = "research use, not for care"
"""The default tier, and the only one that needs no evidence. Every page and every trace states it."""


def current_decision(*, now: datetime, model: str = "none", evidence: Path | None = None) -> "Decision":
    """Decide about the installed package with the shipped policy and ledgers.

    Args:
        now: The current time, with time zone.
        model: The language model's specification, or ``none``.
        evidence: A folder written by ``holdfast evaluate``; None where nothing was measured.

    Raises:
        HoldfastError: A ledger, the policy or the evidence cannot be read as such.
    """
    from holdfast.proof.evidence import Evidence, measured_in_run
    from holdfast.proof.gate import decide
    from holdfast.proof.ledger import load_ledger
    from holdfast.proof.manifest import Manifest
    from holdfast.proof.policy import load_policy
    from holdfast.safety.crisis.helplines import load_helplines

    people = load_ledger()
    known = Evidence(
        measured=measured_in_run(evidence) if evidence is not None else (),
        reviews=people.reviews,
        sign_offs=people.sign_offs,
        participation=people.participation,
        studies=people.studies,
    )
    overdue = len(load_helplines().expired(now.date()))
    manifest = Manifest.of_package(model=model)
    return decide(known, load_policy().value, manifest, now, overdue_helplines=overdue)


def current_tier(*, now: datetime, model: str = "none", evidence: Path | None = None) -> str:
    """Return the tier to state: ``RESEARCH`` unless the gate grants the policy's.

    Raises:
        HoldfastError: A ledger, the policy or the evidence cannot be read as such; nothing then runs in its name.
    """
    return current_decision(now=now, model=model, evidence=evidence).tier
