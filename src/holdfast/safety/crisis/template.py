"""A fixed text with an id, and how its slots are filled."""

import re
from collections.abc import Mapping

from pydantic import Field

from holdfast.content import ContentModel
from holdfast.errors import ContentError

__all__ = ["Template", "fill", "slots"]

_SLOT = re.compile(r"\{([a-z_]+)\}")
_MAX_DEPTH = 3


class Template(ContentModel):
    """A text people wrote ahead of time, in Markdown. ``{slots}`` name passages, or what the region fills in."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    text: str = Field(min_length=1)


def slots(text: str) -> frozenset[str]:
    """Return the names of the slots in ``text``."""
    return frozenset(_SLOT.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return ``text`` with every slot filled from ``values``, whose texts may hold slots themselves.

    Raises:
        ContentError: A slot has no value, or passages contain one another.
    """
    for _ in range(_MAX_DEPTH):
        missing = slots(text) - values.keys()
        if missing:
            raise ContentError(f"Template slots must be known, got {sorted(missing)!r}; add a passage of that name.")
        text = _SLOT.sub(lambda match: values[match[1]], text)
        if not slots(text):
            return text.strip()
    raise ContentError("Template passages must not contain one another; untangle them.")
