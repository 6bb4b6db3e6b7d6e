"""The sinks that the settings ask for."""

from collections.abc import Callable
from datetime import datetime

from holdfast.service.crisis.mail import MailServer, MailSink
from holdfast.service.crisis.sink import Sink
from holdfast.service.crisis.webhook import WebhookSink, signing_key
from holdfast.settings import Settings

__all__ = ["console_link", "sinks_of"]


def sinks_of(settings: Settings, *, clock: Callable[[], datetime]) -> tuple[Sink, ...]:
    """Return what carries alerts out of the service; nothing where no fallback is set.

    Raises:
        SettingsError: The webhook's secret cannot be read.
    """
    sinks: list[Sink] = []
    if settings.alert_webhook_url and settings.alert_webhook_secret is not None:
        key = signing_key(settings.alert_webhook_secret.get_secret_value())
        sinks.append(WebhookSink(url=settings.alert_webhook_url, key=key, clock=clock))
    if settings.alert_email_to:
        password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
        server = MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=password,
        )
        sinks.append(
            MailSink(
                sender=settings.alert_email_from,
                first_to=settings.alert_email_to,
                second_to=settings.alert_email_second_to,
                deliver=server.deliver,
            )
        )
    return tuple(sinks)


def console_link(settings: Settings) -> str:
    """Return the address of the stewards' console, or nothing where the service does not know its own."""
    return f"{settings.public_url}/steward" if settings.public_url else ""
