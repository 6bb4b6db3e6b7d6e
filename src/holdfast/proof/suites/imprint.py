"""What came of one message, as hashes that can be compared and tell nobody what was said."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from holdfast.care.conversation.pipeline import TurnOutcome
from holdfast.care.conversation.reply import Author, Reply
from holdfast.content import sha256_hex
from holdfast.errors import EvidenceError
from holdfast.proof.suites.transcript import shown
from holdfast.safety.detection.verdict import Detection

__all__ = ["Imprint", "detection_sha256", "imprint_of", "reply_sha256"]

_NAMED = ("level", "detection", "route", "why")


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """One turn's outcome.

    Attributes:
        level: The level that detection reached, by its label.
        detection: SHA-256 of the whole verdict: level, kinds, evidence, and what each layer said.
        route: The part that answered.
        why: What it was routed there for, and whose words the reply is made of.
        reply: SHA-256 of every word shown, or None where a language model wrote some.
    """

    level: str
    detection: str
    route: str
    why: str
    reply: str | None

    def to_dict(self) -> dict[str, str | None]:
        """Return JSON-ready values; ``from_dict`` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: object) -> "Imprint":
        """Read back what ``to_dict`` wrote.

        Raises:
            EvidenceError: A field is missing or of the wrong kind.
        """
        if isinstance(data, Mapping) and set(data) == {*_NAMED, "reply"}:
            named, reply = {name: data[name] for name in _NAMED}, data["reply"]
            if all(isinstance(one, str) for one in named.values()) and isinstance(reply, str | None):
                return cls(**named, reply=reply)
        raise EvidenceError("Imprint must hold what one turn came to, and does not; run the suite again.")


def imprint_of(outcome: TurnOutcome) -> Imprint:
    """Return the imprint of one turn. Timings are no part of it."""
    reply = outcome.reply
    return Imprint(
        level=outcome.detection.level.label,
        detection=detection_sha256(outcome.detection),
        route=reply.route.value,
        why=f"{outcome.trace.route_reason}, {reply.author.value}",
        reply=None if reply.author is Author.MODEL else reply_sha256(reply),
    )


def detection_sha256(detection: Detection) -> str:
    """Return one hash over everything that a verdict says."""
    return _sha256(asdict(detection))


def reply_sha256(reply: Reply) -> str:
    """Return one hash over every word shown, and over what its buttons send."""
    sent = [[choice.value, choice.path] for choice in reply.choices]
    return _sha256([shown(reply), sent])


def _sha256(value: Any) -> str:
    return sha256_hex(json.dumps(value, sort_keys=True, default=str).encode())
