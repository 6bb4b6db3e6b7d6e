"""What is looked for in a text: the ways in which words point to one person."""

from enum import StrEnum

__all__ = ["Kind"]


class Kind(StrEnum):
    """What a stretch of text is. The value is what stands in its place: ``[PERSON_1]``.

    Earlier kinds win where two claim the same stretch. ``MARK`` is text that looks like one of our own placeholders.
    """

    MARK = "TEXT"
    EMAIL = "EMAIL"
    URL = "URL"
    IP = "IP"
    IBAN = "IBAN"
    CARD = "CARD"
    BIRTH_DATE = "BIRTH_DATE"
    PHONE = "PHONE"
    NATIONAL_ID = "ID"
    RECORD = "RECORD"
    ADDRESS = "ADDRESS"
    POSTCODE = "POSTCODE"
    HANDLE = "HANDLE"
    PERSON = "PERSON"
