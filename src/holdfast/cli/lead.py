"""What the terminal says first when words or answers signal risk: the crisis protocol, without storage."""

from datetime import UTC, datetime

from holdfast.care.conversation.crisis_path import ProtocolCrisisPath
from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import ConversationState
from holdfast.care.conversation.templates import LAST_RESORT
from holdfast.errors import HoldfastError
from holdfast.safety.crisis.helplines import load_helplines
from holdfast.safety.crisis.protocol import load_protocol
from holdfast.safety.detection.default import default_detector
from holdfast.safety.detection.verdict import Detection, Level
from holdfast.turn import Role, Turn

__all__ = ["lead_for", "safety_lead"]


def safety_lead(text: str, *, region: str | None = None) -> str | None:
    """Return what to say before anything else in answer to ``text``, or None where nothing calls for it.

    Where the rules or the protocol cannot be read, the text of last resort points to people all the same.
    """
    try:
        detection = default_detector().detect([Turn(Role.PERSON, text)])
        return lead_for(detection, region=region) if detection.level >= Level.CONCERN else None
    except HoldfastError:
        return LAST_RESORT


def lead_for(detection: Detection, *, region: str | None = None) -> str | None:
    """Return the protocol's words for ``detection`` with the people who can be reached in ``region``."""
    path = ProtocolCrisisPath(protocol=load_protocol(), helplines=load_helplines())
    response = path.respond("", detection, ConversationState(region=region), datetime.now(UTC))
    return None if response is None else _with_people(response)


def _with_people(response: CrisisResponse) -> str:
    people = [f"- {item.name}: {item.contact} ({item.region}, {item.hours})" for item in response.resources]
    return "\n\n".join([response.text, "\n".join(people)]) if people else response.text
