"""What a law can ask to be left switched off."""

from enum import StrEnum

__all__ = ["Feature"]


class Feature(StrEnum):
    """Things software like this may do. Most are off everywhere: docs/explanation/where-it-is-used.md lists them."""

    AFFECT_INFERENCE = "affect_inference"
    MEMORY_ACROSS_SESSIONS = "memory_across_sessions"
    UNPROMPTED_EMOTION_QUESTIONS = "unprompted_emotion_questions"
    PERSONAL_DIALOGUE = "personal_dialogue"
    THERAPY = "therapy"
    TREATMENT_PLANS = "treatment_plans"
    CLAIMS_TO_BE_HUMAN = "claims_to_be_human"
    CLAIMS_TO_BE_LICENSED = "claims_to_be_licensed"
    ADVERTISING = "advertising"
    SELLING_OR_SHARING = "selling_or_sharing"
    SEXUAL_CONTENT = "sexual_content"
    ROMANTIC_CONTENT = "romantic_content"
    ENGINEERED_DEPENDENCY = "engineered_dependency"
    LANGUAGE_MODEL = "language_model"
    UNTESTED_QUESTIONNAIRES = "untested_questionnaires"

    @property
    def words(self) -> str:
        """The feature in words."""
        return self.value.replace("_", " ")
