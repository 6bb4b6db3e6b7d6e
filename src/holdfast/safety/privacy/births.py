"""Dates of birth: a date beside a word that says it is one. Other dates stay."""

import re

from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.patterns import Patterns, Wanted

__all__ = ["BIRTHS"]

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|set|out|dic|dez|fev|fév|mai|juin|juil|ao[uû]|déc|"
    r"märz|mär|okt|gen|mag|giu|lug|ott)[a-zà-ÿ]{0,8}\.?"
)
_YEAR = r"(?:1[89]\d\d|20[0-2]\d|['’]?\d\d)"
DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|er|º|°)?\.?\s*(?:of\s+|de\s+|di\s+)?{_MONTH},?(?:\s*(?:de[l]?\s+|of\s+)?{_YEAR}\b)?"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s*{_YEAR}\b)?"
    rf"|\d{{1,2}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?(?:\d{{4}}|\d{{2}})\b|(?:19|"
    rf"20)\d\d\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{1,2}}\b)"
)
_BEFORE = (
    r"(?:\bd\.?o\.?b\.?|date of birth|birth ?date|birth ?day|\bb-?day|\bborn(?: on| in)?|"
    r"fecha de nacimiento|nac[ií](?:da|do)?(?: el)?|"
    r"naci[oó](?: el)?|cumplea[nñ]os|data de nascimento|nasci(?:da|do|mento)?(?: (?:em|a|no dia))?|"
    r"nasceu(?: em)?|anivers[aá]rio|"
    r"date de naissance|\bn[ée]e?s? le|\bn[ée]e? en|anniversaire|geburtsdatum|geburtstag|"
    r"geboren(?: am)?|\bgeb\.?|data di nascita|"
    r"\bnat[oa](?: il| l')?|compleanno|turn(?:ed|s|ing)? \d{1,3} on)"
)
_BETWEEN = r"(?:\s|[:=(,#-]|is|was|are|on|the|it's|es|el|é|e|em|no|dia|est|le|ist|am|der|il|my|mi|mon|mein){0,6}?\s*"

BIRTHS = Patterns(
    (
        Wanted(
            rule="birth word and date",
            kind=Kind.BIRTH_DATE,
            pattern=re.compile(rf"{_BEFORE}{_BETWEEN}\b(?P<it>{DATE})", re.IGNORECASE),
        ),
        Wanted(
            rule="date and birth word",
            kind=Kind.BIRTH_DATE,
            pattern=re.compile(
                rf"\b(?P<it>{DATE})\s*[,(]?\s*(?:is|was|es|é|est|ist|è)\s+(?:my|his|her|their|mi|su|o meu|meu|mon|"
                rf"son|mein|sein|ihr|il mio)\s+"
                rf"(?:birthday|date of birth|dob|cumplea[nñ]os|anivers[aá]rio|anniversaire|geburtstag|compleanno)",
                re.IGNORECASE,
            ),
        ),
        Wanted(
            rule="date and born",
            kind=Kind.BIRTH_DATE,
            pattern=re.compile(rf"\b(?P<it>{DATE})\s+(?:geboren|born|nacid[oa]|nascid[oa]|nat[oa])\b", re.IGNORECASE),
        ),
        Wanted(
            rule="born, in figures",
            kind=Kind.BIRTH_DATE,
            pattern=re.compile(
                r"\b(?:born in|nac[ií] en|nasci em|n[ée]e? en|geboren(?: im jahr)?|"
                r"nat[oa] nel)\s+(?P<it>1[89]\d\d|200\d|201\d)\b",
                re.IGNORECASE,
            ),
        ),
    )
)
