"""What people did for a release: signed, took part, reviewed, studied. Only people count, never software.

Nothing here can tell whether an entry is true: whoever adds one says so in their own name. How an operator keeps the
ledgers honest stands in ``docs/decisions/0009-gate.md``.
"""

from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from holdfast.content import ContentModel
from holdfast.proof.measurement import RecordedMeasurement

__all__ = ["HumanReview", "Participation", "Person", "Role", "SignOff", "Study", "StudyLevel"]

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-._/][a-z0-9]+)*$", max_length=120)]
Sentence = Annotated[str, StringConstraints(min_length=3, max_length=2_000)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Role(StrEnum):
    """In what capacity somebody takes part."""

    CLINICIAN = "clinician"
    LIVED_EXPERIENCE = "lived_experience"
    ETHICS_LEAD = "ethics_lead"
    COMMUNITY = "community"
    OPERATOR = "operator"


class Person(ContentModel):
    """Who: a name or a pseudonym that can be asked, a role, and whether a human being at all.

    ``kind`` is ``simulated`` for personas and ``model`` for language models; neither ever counts.
    """

    name: Annotated[str, StringConstraints(min_length=2, max_length=200)]
    role: Role
    kind: Literal["human", "simulated", "model"]

    @property
    def is_human(self) -> bool:
        """Whether this is a human being."""
        return self.kind == "human"


class SignOff(ContentModel):
    """A person stands behind a text, exactly as it was: ``sha256`` is the hash of what they read."""

    text: Identifier
    sha256: Sha256
    signer: Person
    at: AwareDatetime
    statement: Sentence


class Participation(ContentModel):
    """What somebody brought to a stage of the work, what was decided and what they were told back (J1)."""

    stage: Identifier
    person: Person
    at: AwareDatetime
    brought: Sentence
    decided: Sentence
    answered: Sentence


class HumanReview(ContentModel):
    """A review of replies by people. ``agreement`` is chance-corrected, 0 to 1; higher is better.

    ``acceptable`` is the share of replies that they judged acceptable; higher is better. The interval's lower end
    is what counts, in both.
    """

    review: Identifier
    release_sha256: Sha256
    reviewers: tuple[Person, ...]
    is_blinded: bool
    replies: int = Field(ge=0)
    agreement: RecordedMeasurement
    acceptable: RecordedMeasurement
    at: AwareDatetime


class StudyLevel(IntEnum):
    """How strong a study is; higher is stronger."""

    EXPERT_OPINION = 1
    OBSERVATIONAL = 2
    UNCONTROLLED_TRIAL = 3
    RANDOMISED_TRIAL = 4
    RANDOMISED_TRIAL_ACTIVE_COMPARATOR = 5


class Study(ContentModel):
    """A published study that supports a claim about this service (J6)."""

    claim: Identifier
    level: StudyLevel
    reference: Sentence
    at: AwareDatetime
