"""Numbers that point to one person's papers: health records, insurance, passports, licences, accounts, cases.

They have no common form, so a word before them says what they are. Any other run of nine figures or more is taken for
such a number as well: nothing a person says about how they feel needs one.
"""

import re

from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.patterns import Patterns, Wanted

__all__ = ["RECORDS", "is_plain_long_number"]

_WORDS = (
    r"m\.?r\.?n\.?|medical record|patient|hospital|health record|health card|nhs|chart|case|file|"
    r"record|reference|ref|claim|policy|member(?:ship)?|"
    r"insurance|medicare|medicaid|account|acct|customer|client|student|employee|staff|badge|passport|"
    r"driv(?:er|ing)(?:['’]?s)? licen[cs]e|licen[cs]e|"
    r"permit|visa|prescription|rx|appointment|booking|confirmation|tracking|registration|reg|license plate|plate|"
    r"historia cl[ií]nica|expediente|pasaporte|p[oó]liza|n[uú]mero de (?:paciente|afiliado|cuenta|"
    r"expediente|historia)|seguridad social|carnet|"
    r"prontu[aá]rio|processo|passaporte|ap[oó]lice|utente|cart[aã]o|n[uú]mero de (?:utente|processo|conta)|"
    r"dossier|passeport|carte vitale|num[eé]ro de (?:dossier|patient|compte)|mutuelle|police|"
    r"aktenzeichen|patientennummer|versichertennummer|krankenversicherung|reisepass|ausweis|"
    r"ausweisnummer|personalausweis|f[uü]hrerschein|kundennummer|kontonummer|matrikelnummer|"
    r"aktennummer|"
    r"cartella(?: clinica)?|pratica|tessera(?: sanitaria)?|passaporto|patente|polizza|"
    r"numero di (?:pratica|conto|cartella)"
)
_NUMBER = r"(?:number|num|no|nr|n[uú]mero|num[eé]ro|nummer|numero|id|code|c[oó]digo|n[º°])\.?"
_LINKS = (
    r"(?:\s*(?:[:=#(]|is|was|es|é|est|ist|lautet|è|of|de|del|do|da|du|di|my|der|le|la|il|el|o)\b\s*|"
    r"\s*[:=#(]\s*|\s+){0,4}"
)
_VALUE = r"(?=[A-Z\d/.-]*\d[A-Z\d/.-]*\d[A-Z\d/.-]*\d)[A-Z\d]+(?:[ /.-]?[A-Z\d]*\d[A-Z\d]*){0,5}"
_LONG = re.compile(r"(?<![\w.,+-])\d(?:[ .-]?\d){8,21}(?![\w-]|[.,]\d)")
_IN_GROUPS_OF_YEARS = re.compile(r"(?:(?:19|20)\d\d[ .-]?){2,}")

RECORDS = Patterns(
    (
        Wanted(
            rule="record word and number",
            kind=Kind.RECORD,
            pattern=re.compile(
                rf"\b(?:{_WORDS})\b[ -]?(?:card|file)?\s?(?:{_NUMBER})?{_LINKS}(?P<it>{_VALUE})(?![\w])", re.IGNORECASE
            ),
            check=lambda found: _is_number_of_a_record(found),
        ),
        Wanted(
            rule="car plate",
            kind=Kind.RECORD,
            pattern=re.compile(
                r"\b(?:plate|number plate|licen[cs]e plate|registration|reg|matr[ií]cula|placa|plaque|"
                r"kennzeichen|targa)\s?(?:number|no\.?)?\s?(?:is|was|es|é|est|ist|è|"
                r":)?\s?(?P<it>[A-Z\d]{1,4}[ -]?[A-Z\d]{1,4}(?:[ -]?[A-Z\d]{1,4})?)\b"
            ),
            check=lambda found: any(c.isdigit() for c in found) and any(c.isupper() for c in found),
        ),
        Wanted(
            rule="long number",
            kind=Kind.RECORD,
            pattern=_LONG,
            check=lambda found: is_plain_long_number(found),
            is_sure=False,
        ),
        Wanted(
            rule="crypto-currency account",
            kind=Kind.RECORD,
            pattern=re.compile(r"\b(?:bc1[a-z0-9]{25,60}|[13][a-km-zA-HJ-NP-Z1-9]{25,34}|0x[a-fA-F0-9]{40})\b"),
        ),
        Wanted(
            rule="unique id",
            kind=Kind.RECORD,
            pattern=re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE),
        ),
    )
)


def is_plain_long_number(found: str) -> bool:
    """Whether a run of nine figures or more is a number of somebody's, rather than years or an amount."""
    if _IN_GROUPS_OF_YEARS.fullmatch(found):
        return False
    return not re.fullmatch(r"\d{1,3}(?:[.,]000){2,}", found)


def _is_number_of_a_record(found: str) -> bool:
    figures = sum(c.isdigit() for c in found)
    is_year = re.fullmatch(r"(?:19|20)\d\d", found) is not None
    is_date = re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}", found) is not None
    is_text = re.search(r"[a-z]{2}", found) is not None
    return not is_year and not is_date and not is_text and (figures >= 4 or (figures >= 3 and len(found) > figures))
