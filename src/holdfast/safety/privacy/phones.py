"""Telephone numbers, with and without a country, judged by the numbering plans that ``phonenumbers`` carries."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.national_ids import is_said_to_be_an_id
from holdfast.safety.privacy.span import Span

__all__ = ["PhoneFinder"]

_CANDIDATE = re.compile(r"(?<![\w.,/+-])(?:\+|00|\()?\(?\d(?:[\s().\-/–]{0,3}\d){5,16}(?!\w|[.,/-]\d)")
_DATES = re.compile(
    r"(?:19|20)\d\d\s?[-–/.]\s?(?:(?:19|20)\d\d|\d{1,2}\s?[-–/.]\s?\d{1,2})|\d{1,2}\s?[-–/.]\s?\d{1,2}\s?[-–/.]\s?(?:\d{4}|\d{2})"
)
_WORDS = re.compile(
    r"(?:phone|telephone|tel|cell|mobile|mob|number|call|ring|text|txt|sms|whatsapp|signal|reach|contact|dial|fax|landline|"
    r"tel[eé]fono|m[oó]vil|celular|ll[aá]m[ae]\w*|n[uú]mero|telefone|telem[oó]vel|liga\w*|portable|appel\w*|num[eé]ro|t[eé]l|joindre|"
    r"handy|telefon\w*|nummer|anrufen|ruf\w*|erreich\w*|cellulare|telefono|chiam\w*|numero)\b[^\d\n]{0,28}$",
    re.IGNORECASE,
)
_OTHER_WORDS = re.compile(
    r"(?:account|iban|card|record|mrn|nhs|policy|case|reference|ref|id|ssn|sin|tfn|nino|passport|licen[cs]e|patient|member|bsn|nif|dni|nie|nir|cpf|rg|"
    r"pesel|aadhaar|medicare|steuer\w*|fiscale|fiscal|identity|security|utente|insurance|claim|student|prescription|order|tracking|cartella|tessera|dossier|prontu[aá]rio|expediente|aktenzeichen|patientennummer|versichertennummer|kontonummer)\b[^\d\n]{0,24}$",
    re.IGNORECASE,
)
_SHAPES = (
    re.compile(r"\(?[2-9]\d\d\)?[\s.-]{1,2}[2-9]\d\d[\s.-]\d{4}"),  # North America
    re.compile(r"\(?0\d[\d\s().\-/–]{6,15}"),  # a trunk zero
    re.compile(r"\(?\d{2}\)?\s?9?\d{4}[\s-]\d{4}"),  # Brazil
    re.compile(r"[679]\d{2}[\s.-]?\d{2}[\s.-]?\d{2}[\s.-]?\d{2}|[679]\d{2}[\s.-]\d{3}[\s.-]\d{3}"),  # Spain
    re.compile(r"9[1236]\d\s\d{3}\s\d{3}"),  # Portugal
    re.compile(r"3\d{2}[\s.-]\d{3}[\s.-]?\d{4}"),  # Italy
    re.compile(r"[6-9]\d{4}[\s-]\d{5}"),  # India
)
_REGIONS = ("GB", "US", "IE", "AU", "NZ", "ZA", "IN", "ES", "PT", "FR", "DE", "IT", "NL", "BR", "MX", "NG", "SG")
_FEWEST, _MOST = 7, 15


@dataclass(frozen=True, kw_only=True)
class PhoneFinder:
    """Finds telephone numbers.

    With a country code, a number must be possible under that country's plan. Without one, it must look like a number
    as it is written somewhere, or stand after a word such as *call*, and be possible in one of the regions.

    Attributes:
        plans: The ``phonenumbers`` module.
    """

    plans: Any = field(repr=False)
    regions: tuple[str, ...] = _REGIONS

    def __call__(self, text: str) -> Iterator[Span]:
        """Return the numbers in ``text``."""
        for match in _CANDIDATE.finditer(text):
            found, before = match[0], text[max(0, match.start() - 48) : match.start()]
            figures = sum(c.isdigit() for c in found)
            if figures > _MOST + 2 or _DATES.fullmatch(found.strip("() ")):
                continue
            if is_said_to_be_an_id(before) or _OTHER_WORDS.search(before):
                continue
            is_said = _WORDS.search(before) is not None
            if self._counts(found, figures, is_said=is_said):
                yield Span(
                    start=match.start(),
                    end=match.end(),
                    kind=Kind.PHONE,
                    rule="phone",
                    is_sure=is_said or found[0] == "+",
                )

    def _counts(self, found: str, figures: int, *, is_said: bool) -> bool:
        if found.startswith(("+", "00")):
            return figures >= _FEWEST and self._is_possible(found, None)
        if is_said:
            return figures >= _FEWEST - 1
        looks = any(shape.fullmatch(found) for shape in _SHAPES)
        return looks and figures >= _FEWEST and any(self._is_possible(found, region) for region in self.regions)

    def _is_possible(self, found: str, region: str | None) -> bool:
        written = "+" + found[2:] if found.startswith("00") else found
        parse: Callable[..., Any] = self.plans.parse
        try:
            return bool(self.plans.is_possible_number(parse(written, region)))
        except self.plans.NumberParseException:
            return found.startswith("+")
