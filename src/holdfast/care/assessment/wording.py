"""Pin an instrument's published wording by its hash, so that no word of it drifts unnoticed."""

import json
from typing import TYPE_CHECKING, Any

from holdfast.content import sha256_hex

if TYPE_CHECKING:
    from holdfast.care.assessment.instrument import Instrument

__all__ = ["wording_digest"]


def wording_digest(instrument: "Instrument") -> str:
    """Return the SHA-256 of all that a person reads of the instrument itself: instruction, stem, items, answers."""
    asked = [*instrument.items, *([instrument.functional] if instrument.functional else [])]
    wording: dict[str, Any] = {
        "instruction": instrument.instruction,
        "stem": instrument.stem,
        "items": [
            {
                "lead": item.lead,
                "text": item.text,
                "options": [[option.value, option.label] for option in instrument.options_of(item)],
            }
            for item in asked
        ],
    }
    return sha256_hex(json.dumps(wording, ensure_ascii=False, sort_keys=True).encode())
