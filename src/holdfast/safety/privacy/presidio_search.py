"""Search with presidio: its recognisers for cards, accounts and national numbers, and ours for the countries it lacks.

It runs on a blank spaCy pipeline, which only cuts a text into words: presidio's own default downloads a model. Its
recognisers are all asked whatever language a text is in. Those that ask the network (e-mail, by way of the list of
public suffixes) are not used. This module needs the ``privacy`` extra, and takes seconds to import.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer import predefined_recognizers as ready
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from holdfast.errors import PrivacyError
from holdfast.safety.privacy.kind import Kind
from holdfast.safety.privacy.national_ids import NATIONAL_IDS, NationalId, is_said_to_be_an_id
from holdfast.safety.privacy.span import Span

__all__ = ["PresidioSearch"]

_LANGUAGE = "en"
"""What every recogniser is registered under, so that all of them read every text."""

_THRESHOLD = 0.4
_LONGEST_S = 10.0
"""Presidio skips a pattern that takes too long, and says so in a log only; a search this long is refused instead."""

_BY_FORM = 0.45

_READY: tuple[Callable[..., PatternRecognizer], ...] = (
    ready.AuMedicareRecognizer,
    ready.AuTfnRecognizer,
    ready.CaSinRecognizer,
    ready.DeHealthInsuranceRecognizer,
    ready.DeSocialSecurityRecognizer,
    ready.DeTaxIdRecognizer,
    ready.EsNieRecognizer,
    ready.EsNifRecognizer,
    ready.FiPersonalIdentityCodeRecognizer,
    ready.InAadhaarRecognizer,
    ready.ItFiscalCodeRecognizer,
    ready.KrFrnRecognizer,
    ready.KrRrnRecognizer,
    ready.NgNinRecognizer,
    ready.NhsRecognizer,
    ready.PlPeselRecognizer,
    ready.SePersonnummerRecognizer,
    ready.ThTninRecognizer,
    ready.TrNationalIdRecognizer,
    ready.UkDrivingLicenceRecognizer,
    ready.UkNinoRecognizer,
    ready.UkPassportRecognizer,
    ready.UsItinRecognizer,
    ready.UsMbiRecognizer,
    ready.UsPassportRecognizer,
    ready.UsSsnRecognizer,
    ready.ZaIdNumberRecognizer,
    ready.CreditCardRecognizer,
    ready.IbanRecognizer,
)
_KINDS = {
    "CREDIT_CARD": Kind.CARD,
    "IBAN_CODE": Kind.IBAN,
    "UK_PASSPORT": Kind.RECORD,
    "US_PASSPORT": Kind.RECORD,
    "UK_DRIVING_LICENCE": Kind.RECORD,
    "DE_HEALTH_INSURANCE": Kind.RECORD,
}
_PLAIN = frozenset(
    {"AU_TFN", "CA_SIN", "IN_AADHAAR", "NG_NIN", "UK_NHS", "PL_PESEL", "SE_PERSONNUMMER", "AU_MEDICARE", "US_ITIN"}
)
"""Numbers of mere figures with one check digit: a telephone number may pass by chance, so a word decides."""


class _CheckedRecognizer(PatternRecognizer):
    """Recognises a number by its form, and keeps it only where its check digits hold."""

    def __init__(self, number: NationalId) -> None:
        self._check = number.check
        super().__init__(
            supported_entity=number.name,
            supported_language=_LANGUAGE,
            patterns=[Pattern(name=number.name, regex=number.pattern, score=_BY_FORM)],
        )

    def validate_result(self, pattern_text: str) -> bool:
        """Return whether the check digits hold."""
        return self._check(pattern_text)


class _BlankEngine(NlpEngine):
    """Cuts a text into words and knows nothing else about it."""

    def __init__(self) -> None:
        self._pipeline: Any = None

    def load(self) -> None:
        """Make the blank pipeline; nothing is read or fetched."""
        self._pipeline = spacy.blank("xx")

    def is_loaded(self) -> bool:
        """Return whether ``load`` was called."""
        return self._pipeline is not None

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return the words of ``text`` in lower case, as presidio looks for words around a find."""
        tokens = self._pipeline.make_doc(text)
        words = [token.lower_ for token in tokens]
        starts = [token.idx for token in tokens]
        return NlpArtifacts(
            entities=[], tokens=tokens, tokens_indices=starts, lemmas=words, nlp_engine=self, language=language
        )

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = 1, n_process: int = 1, **kwargs: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Yield each text with its words."""
        del batch_size, n_process, kwargs
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002 - presidio passes both
        """Return False: every word may be the one that says what a number is."""
        return False

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002 - presidio passes both
        """Return whether ``word`` has neither letter nor figure."""
        return not any(map(str.isalnum, word))

    def get_supported_entities(self) -> list[str]:
        """Return none."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return the one language that every recogniser is registered under."""
        return [_LANGUAGE]


class PresidioSearch:
    """Finds national numbers, cards and bank accounts."""

    def __init__(self) -> None:
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        recognizers: list[EntityRecognizer] = [kind(supported_language=_LANGUAGE) for kind in _READY]
        recognizers += map(_CheckedRecognizer, NATIONAL_IDS)
        registry = RecognizerRegistry(recognizers=recognizers, supported_languages=[_LANGUAGE])
        self._engine = AnalyzerEngine(
            registry=registry, nlp_engine=_BlankEngine(), supported_languages=[_LANGUAGE], log_decision_process=False
        )
        self._needs_word = frozenset(number.name for number in NATIONAL_IDS if number.needs_word) | _PLAIN

    def __call__(self, text: str) -> Iterator[Span]:
        """Return what presidio finds in ``text``.

        Raises:
            PrivacyError: The search took so long that presidio may have skipped a pattern.
        """
        if not any(map(str.isdigit, text)):
            return
        begun = time.monotonic()
        results = self._engine.analyze(text, language=_LANGUAGE, score_threshold=_THRESHOLD)
        if time.monotonic() - begun > _LONGEST_S:
            raise PrivacyError(f"Text must be searched within {_LONGEST_S:g} s, and was not; send a shorter one.")
        for result in results:
            name = result.entity_type
            is_said = is_said_to_be_an_id(text[: result.start])
            if name in self._needs_word and not is_said and not _is_set_apart(text[result.start : result.end]):
                continue
            yield Span(
                start=result.start,
                end=result.end,
                kind=_KINDS.get(name, Kind.NATIONAL_ID),
                rule=name,
                is_sure=is_said or name not in self._needs_word,
            )


def _is_set_apart(found: str) -> bool:
    """Whether a number is written in a way that says it is one: with a letter or separators of its own."""
    return any(map(str.isalpha, found))
