"""How a crisis state ends: positively, and with the name of who ended it."""

from datetime import datetime

from holdfast.errors import InputError
from holdfast.safety.crisis.state import ClearedBy, CrisisState

__all__ = ["clear_by_check_in", "clear_by_steward"]


def clear_by_steward(name: str, now: datetime) -> CrisisState:
    """Return the calm state left when the steward ``name`` has spoken with the person and ends the state.

    Raises:
        InputError: ``name`` is blank: nobody clears a state anonymously.
    """
    if not name.strip():
        raise InputError("Steward name must not be blank, got ''; sign in and clear the state under your own name.")
    return CrisisState(updated=now, cleared_by=ClearedBy.STEWARD, cleared_name=name.strip())


def clear_by_check_in(now: datetime) -> CrisisState:
    """Return the calm state left by a check-in whose every answer was explicitly safe."""
    return CrisisState(updated=now, cleared_by=ClearedBy.CHECK_IN)
