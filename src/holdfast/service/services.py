"""What the application was started with: settings, database, pipeline and content, built once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from holdfast.care.conversation.assembly import Parts, assemble, load_parts
from holdfast.care.conversation.consent import ConsentText, load_consent
from holdfast.care.conversation.pipeline import Conversation
from holdfast.language.connection import ConnectedModel
from holdfast.language.model import LanguageModel
from holdfast.language.specification import ModelSpec, parse_model_spec
from holdfast.proof.gate import Decision
from holdfast.proof.tier import current_decision
from holdfast.safety.detection.default import SemanticLayer
from holdfast.service.accounts.attempts import Attempts
from holdfast.service.accounts.passphrase import Passphrases
from holdfast.service.accounts.sign_in import SignIn
from holdfast.service.accounts.token import PersonTokens
from holdfast.service.conversation.recent_words import RecentWords
from holdfast.service.crisis.carried_risk import RiskCarrier
from holdfast.service.crisis.escalating import Escalator
from holdfast.service.crisis.sinks import console_link, sinks_of
from holdfast.service.privacy.reaching import reach_model
from holdfast.service.security.rates import RateLimits
from holdfast.service.stewards.duty import DutyBoard
from holdfast.service.stewards.rota import Rota, load_rota
from holdfast.service.storage.database import Database
from holdfast.settings import Settings

__all__ = ["Services", "build_services"]

_ATTEMPT_MINUTES = 15
"""The window that ``Settings.sign_in_attempts`` counts in."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything a request may use. ``release`` is the gate's decision that sets the tier shown on every page."""

    settings: Settings
    database: Database
    parts: Parts
    consent: ConsentText
    conversation: Conversation
    model: ModelSpec
    release: Decision
    tokens: PersonTokens
    carrier: RiskCarrier
    sign_in: SignIn
    limits: RateLimits
    recent: RecentWords
    escalator: Escalator
    rota: Rota | None
    clock: Callable[[], datetime]
    connection: ConnectedModel | None = None

    async def close(self) -> None:
        """Close the connection to the language model, where there is one."""
        if self.connection is not None:
            await self.connection.aclose()


def build_services(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime],
    language_model: LanguageModel | None = None,
) -> Services:
    """Load all content and build the pipeline.

    Args:
        settings: The settings, read once.
        database: An open, migrated database.
        clock: Returns the current time, with time zone.
        language_model: Replaces the one that ``settings.model`` names, for tests.

    Raises:
        ContentError: A content file is missing or malformed.
        InputError: ``settings.model`` names no model.
        SettingsError: The webhook's secret cannot be read, or the model is remote while ``local_only`` is set.
        MissingExtraError: The model is remote and the ``privacy`` extra is not installed, or the semantic layer is on
            and the ``semantic`` extra is not.
    """
    model = parse_model_spec(settings.model)
    connection = None
    if language_model is None and not model.is_none:
        connection = reach_model(settings, model)
    parts = load_parts(language_model or connection)
    release = current_decision(now=clock())
    board = DutyBoard()
    return Services(
        settings=settings,
        database=database,
        parts=parts,
        consent=load_consent(),
        conversation=assemble(
            tier=release.tier,
            clock=clock,
            parts=parts,
            is_staffed=board.is_staffed,
            semantic=SemanticLayer(settings.semantic_layer),
        ),
        model=model,
        release=release,
        tokens=PersonTokens(database.keyring),
        carrier=RiskCarrier(database.keyring),
        sign_in=SignIn(
            database=database,
            passphrases=Passphrases(),
            attempts=Attempts(settings.sign_in_attempts, minutes=_ATTEMPT_MINUTES),
        ),
        limits=RateLimits({"messages": settings.messages_per_minute, "requests": settings.requests_per_minute}),
        recent=RecentWords(clock),
        escalator=Escalator(
            database=database,
            clock=clock,
            sinks=sinks_of(settings, clock=clock),
            board=board,
            ack=timedelta(minutes=settings.alert_ack_minutes),
            link=console_link(settings),
        ),
        rota=load_rota(settings.rota_file),
        clock=clock,
        connection=connection,
    )
