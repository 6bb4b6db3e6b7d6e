"""Reach the language model that the settings name, and nothing beyond what they allow."""

from collections.abc import Callable

from holdfast.errors import SettingsError
from holdfast.language.connection import ConnectedModel, connect
from holdfast.language.redaction import Redaction
from holdfast.language.specification import ModelSpec
from holdfast.safety.privacy import load_redactor, require_privacy
from holdfast.settings import Settings

__all__ = ["check_reach", "reach_model"]


def check_reach(settings: Settings, spec: ModelSpec) -> None:
    """Return if ``spec`` may be asked: it is on this machine, or it may be remote and words can be redacted first.

    Raises:
        SettingsError: ``local_only`` is set and the model is remote.
        MissingExtraError: The model is remote and the ``privacy`` extra is not installed.
    """
    if not spec.is_remote:
        return
    if settings.local_only:
        raise SettingsError(
            f"local_only: the language model must be on this machine, got {str(spec)!r}; name one on loopback "
            "such as http://127.0.0.1:11434/v1#NAME, use none, or set local_only = false."
        )
    require_privacy()


def reach_model(settings: Settings, spec: ModelSpec) -> ConnectedModel:
    """Prepare a connection to the model ``spec`` names, through a redaction where it is remote.

    Raises:
        InputError: ``spec`` names no model, or its key is missing.
        SettingsError: As ``check_reach``.
        MissingExtraError: As ``check_reach``, or the provider's library is not installed.
        ContentError: What redaction works from is malformed.
    """
    check_reach(settings, spec)
    redaction: Callable[[], Redaction] | None = load_redactor().session if spec.is_remote else None
    key = settings.model_api_key.get_secret_value() if settings.model_api_key else None
    return connect(spec, api_key=key, timeout_s=settings.model_timeout_s, redaction=redaction)
