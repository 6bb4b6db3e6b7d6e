"""What a person can agree to: purposes as data, each with plain words and a version (requirement H1)."""

from dataclasses import dataclass
from pathlib import Path

from holdfast.care.conversation.state import Purpose
from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError

__all__ = ["CONSENT", "ConsentText", "PurposeText", "load_consent"]

CONSENT = Path(__file__).with_name("consent.yaml")


class PurposeText(ContentModel):
    """One purpose in plain words: a title, the question asked and what a yes means."""

    purpose: Purpose
    title: str
    asks: str
    means: str


class ConsentFile(ContentModel):
    """The consent content file."""

    id: str
    version: str
    written: str
    status: str
    purposes: tuple[PurposeText, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentText:
    """Every purpose, the version a yes is recorded against, and the file's hash."""

    purposes: tuple[PurposeText, ...]
    version: str
    artefact: tuple[str, str]


def load_consent(path: Path = CONSENT) -> ConsentText:
    """Load the consent texts.

    Raises:
        ContentError: The file is malformed, or a purpose is missing or stands twice.
    """
    loaded = load_yaml(path, ConsentFile)
    named = [text.purpose for text in loaded.value.purposes]
    if sorted(named) != sorted(Purpose):
        raise ContentError(f"{path.name} must describe each of {', '.join(sorted(Purpose))} once; mend it.")
    return ConsentText(
        purposes=loaded.value.purposes, version=loaded.value.version, artefact=(loaded.value.id, loaded.sha256)
    )
