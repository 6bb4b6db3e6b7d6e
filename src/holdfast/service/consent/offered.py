"""What this service asks people to agree to: nothing that does not exist here."""

from holdfast.care.conversation.consent import PurposeText
from holdfast.care.conversation.state import Purpose
from holdfast.service.services import Services

__all__ = ["offered_texts"]


def offered_texts(services: Services) -> list[PurposeText]:
    """Return the texts of the purposes this service can ask about, for pages and the API alike.

    The language model is asked about only where one is set up. Reading for quality is not: no page lets anybody read
    conversations yet, and nobody should be asked to agree to what does not exist.
    """
    absent = {Purpose.QUALITY_REVIEW} | ({Purpose.LANGUAGE_MODEL} if services.model.is_none else set())
    return [text for text in services.consent.purposes if text.purpose not in absent]
