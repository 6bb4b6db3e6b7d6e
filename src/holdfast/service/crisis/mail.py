"""Send a message by e-mail, through Python's own smtplib: a thread's work of a few seconds needs no dependency."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage

from holdfast.service.crisis.escalation import Channel
from holdfast.service.crisis.sink import Page, UndeliveredError

__all__ = ["MailServer", "MailSink", "compose"]

_TIMEOUT_S = 10.0
_WORDS = """{opening}

Level: {level}
Kinds: {kinds}
Alert: {alert} (message {stage} of at most 2)
{where}

This message holds no words of anyone's and no name. It says nothing about who is at risk. Please do not reply to it.
Until somebody has pressed "I have seen it", it counts as not seen by anyone.
"""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where to hand in e-mail, and how the connection is protected: starttls, tls or none."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)

    def deliver(self, message: EmailMessage) -> None:
        """Hand ``message`` in for every receiver it names; blocks for as long as the server takes.

        Raises:
            UndeliveredError: The server could not be reached or did not take it for every receiver.
        """
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                refused = server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise UndeliveredError(type(error).__name__) from None
        if refused:
            raise UndeliveredError("a receiver was refused")

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_S, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_S)
        if self.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server


@dataclass(frozen=True, kw_only=True)
class MailSink:
    """Writes to ``first_to``, and to ``second_to`` at the second stage.

    Attributes:
        deliver: Hands a message in; it may block.
    """

    sender: str
    first_to: tuple[str, ...] = field(repr=False)
    second_to: tuple[str, ...] = field(repr=False)
    deliver: Callable[[EmailMessage], None]

    @property
    def channel(self) -> Channel:
        """E-mail."""
        return Channel.EMAIL

    async def send(self, page: Page) -> None:
        """Write ``page`` to whom its stage is for; raises as ``MailServer.deliver``."""
        receivers = self.second_to if page.stage > 1 and self.second_to else self.first_to
        await asyncio.to_thread(self.deliver, compose(page, sender=self.sender, receivers=receivers))


def compose(page: Page, *, sender: str, receivers: tuple[str, ...]) -> EmailMessage:
    """Return ``page`` as an e-mail. Sent again, it has the same Message-ID."""
    message = EmailMessage()
    message["From"], message["To"] = sender, ", ".join(receivers)
    message["Message-ID"] = f"<{page.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    again = " again" if page.stage > 1 else ""
    subject = f"an alert waits{again}: {page.level.label}"
    message["Subject"] = f"Holdfast drill: {subject}" if page.is_drill else f"Holdfast: {subject}"
    opening = "This is a drill. Nobody is at risk." if page.is_drill else "An alert waits that nobody has seen yet."
    message.set_content(
        _WORDS.format(
            opening=opening,
            level=page.level.label,
            kinds=", ".join(category.value.replace("_", " ") for category in page.categories) or "not clear",
            alert=page.alert_id,
            stage=page.stage,
            where=f"Look at it: {page.link}" if page.link else "Open the stewards' console of the service.",
        )
    )
    return message
