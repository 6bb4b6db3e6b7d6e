"""Build the conversation pipeline from its real parts, without storage: the one place that knows them all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from holdfast.care.assessment.catalogue import Catalogue as Instruments
from holdfast.care.assessment.catalogue import instruments
from holdfast.care.assessment.engine import AssessmentEngine
from holdfast.care.conversation.asking import load_asking
from holdfast.care.conversation.crisis_path import ProtocolCrisisPath
from holdfast.care.conversation.identity import IdentityEngine, load_identity
from holdfast.care.conversation.language_guess import LanguageGuess
from holdfast.care.conversation.language_limits import LanguageLimits
from holdfast.care.conversation.languages import Languages, load_languages
from holdfast.care.conversation.limits import PolicyLimits
from holdfast.care.conversation.notice import PolicyNotice
from holdfast.care.conversation.pipeline import Conversation
from holdfast.care.conversation.reaching import Reaching, load_reaching
from holdfast.care.conversation.release import Releaser
from holdfast.care.conversation.reply import Route
from holdfast.care.conversation.router import load_router
from holdfast.care.conversation.templates import TemplateEngine, Templates, load_templates
from holdfast.care.education.engine import EducationEngine, build_education
from holdfast.care.intervention.catalogue import Catalogue as Exercises
from holdfast.care.intervention.catalogue import exercises
from holdfast.care.intervention.engine import InterventionEngine
from holdfast.content import Loaded
from holdfast.language.drafting import Drafter
from holdfast.language.model import LanguageModel
from holdfast.safety.crisis.helplines import Helplines, load_helplines
from holdfast.safety.crisis.protocol import CrisisProtocol, load_protocol
from holdfast.safety.detection.default import SemanticLayer, default_detector
from holdfast.safety.detection.default import artefacts as detection_artefacts
from holdfast.safety.jurisdiction.coverage import check_coverage
from holdfast.safety.jurisdiction.policy import JurisdictionPolicies, load_policies_or_strictest
from holdfast.safety.review.default import default_review
from holdfast.safety.review.language import load_lexicon
from holdfast.safety.review.verdict import OutputReview

__all__ = ["Parts", "assemble", "load_parts"]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The content every part works from, loaded and validated once. ``review`` judges a language model's words."""

    education: EducationEngine
    drafter: Drafter | None
    instruments: Instruments
    exercises: Exercises
    protocol: Loaded[CrisisProtocol]
    helplines: Helplines
    templates: Templates
    policies: Loaded[JurisdictionPolicies]
    languages: Loaded[Languages]
    review: OutputReview


def load_parts(language_model: LanguageModel | None = None) -> Parts:
    """Load and validate all content. The library and the rules of review are read on first use, then shared.

    Args:
        language_model: Words education answers from retrieved passages. None: the library's own text.

    Raises:
        ContentError: A content file is missing or malformed, or the policies promise more than the protocol covers.
    """
    protocol, policies = load_protocol(), load_policies_or_strictest()
    check_coverage(policies.value, protocol.value)
    drafter = None if language_model is None else Drafter(language_model)
    return Parts(
        education=_library().drafting_with(drafter),
        drafter=drafter,
        instruments=instruments(),
        exercises=exercises(),
        protocol=protocol,
        helplines=load_helplines(),
        templates=load_templates(),
        policies=policies,
        languages=load_languages(),
        review=_review(),
    )


@cache
def _library() -> EducationEngine:
    return build_education()


@cache
def _review() -> OutputReview:
    return default_review(load_helplines(), (f"{p.heading}\n{p.text}" for p in _library().library.passages))


def assemble(
    *,
    tier: str,
    clock: Callable[[], datetime],
    language_model: LanguageModel | None = None,
    parts: Parts | None = None,
    is_staffed: Callable[[datetime], bool] = lambda _: False,
    semantic: SemanticLayer = SemanticLayer.AUTO,
) -> Conversation:
    """Return the pipeline as it is served.

    Args:
        tier: The release tier the gate grants.
        clock: Returns the current time, with time zone.
        language_model: As ``load_parts``; plays no part where ``parts`` is given.
        parts: Content loaded before; loaded now when None.
        is_staffed: Whether somebody is on duty at a time; by default nobody ever is, and people are told so.
        semantic: Whether the semantic layer of detection runs.

    Raises:
        ContentError: A content file is missing or malformed.
        MissingExtraError: The semantic layer must run and its runtime is not installed.
    """
    parts = parts or load_parts(language_model)
    identity, asking = load_identity(), load_asking()

    def asks_identity(message: str) -> bool:
        return identity.value.asked(message) is not None or asking.value.answer(message) is not None

    router = load_router(asks_identity=asks_identity)
    notice_policy = PolicyNotice(policies=parts.policies, is_asked=asks_identity, answer_in=asking.value.answer)
    crisis_path = ProtocolCrisisPath(protocol=parts.protocol, helplines=parts.helplines, is_staffed=is_staffed)
    reaching = Reaching(words=load_reaching(), helplines=parts.helplines)
    fixed = TemplateEngine(parts.templates, "menu")
    return Conversation(
        detector=default_detector(semantic=semantic, interrupt=True),
        crisis_path=crisis_path,
        notice_policy=notice_policy,
        router=router,
        engines={
            Route.EDUCATION: parts.education,
            Route.ASSESSMENT: AssessmentEngine(catalogue=parts.instruments, clock=clock),
            Route.INTERVENTION: InterventionEngine(catalogue=parts.exercises, clock=clock, helplines=parts.helplines),
            Route.IDENTITY: IdentityEngine(identity=identity),
            Route.SUPPORT: fixed,
            Route.SMALL_TALK: fixed,
            Route.OUT_OF_SCOPE: TemplateEngine(parts.templates, "out_of_scope"),
        },
        releaser=Releaser(
            review=parts.review,
            templates=parts.templates,
            helpline_numbers=parts.helplines.numbers(),
            private=parts.drafter.private_lines if parts.drafter else (),
        ),
        templates=parts.templates,
        tier=tier,
        clock=clock,
        limit=PolicyLimits(policies=parts.policies).within,
        reach=reaching.due,
        note_language=_language_limits(parts).due,
        artefacts={
            **detection_artefacts(semantic, interrupt=True),
            **dict(crisis_path.artefacts),
            **dict([router.artefact, parts.templates.artefact, reaching.artefact]),
            "education-library": parts.education.library.sha256,
            f"{parts.languages.value.id}@{parts.languages.value.version}": parts.languages.sha256,
        },
    )


def _language_limits(parts: Parts) -> LanguageLimits:
    lexicon, _ = load_lexicon()
    guess = LanguageGuess(languages=parts.languages.value, english=lexicon.known)
    return LanguageLimits(languages=parts.languages.value, guess=guess, policies=parts.policies)
