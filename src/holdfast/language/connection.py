"""Reach a language model: one request at a time, in bounded time, with bounded retries, telling nobody else.

The provider libraries are imported only here and only when a model is connected. Their own retries, tracing and
redirects are switched off; nothing is read from the environment but, for a remote model, the proxy settings.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from holdfast.errors import InputError, ModelError, PrivacyError
from holdfast.language.model import Completion
from holdfast.language.redaction import Redaction, restored
from holdfast.language.specification import ModelKind, ModelSpec, parse_model_spec
from holdfast.optional import require

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model

__all__ = ["ConnectedModel", "ModelKind", "ModelSpec", "connect", "parse_model_spec"]

_MOST_TOKENS = 2_048
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 4.0
_CHATTY_LOGGERS = ("openai", "anthropic")

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class _Trouble:
    """Why an attempt failed, in our words, and whether another may fare better. It holds no exception on purpose:
    a provider's error can quote the request."""

    reason: str
    is_passing: bool
    retry_after_s: float | None = None


@dataclass(kw_only=True)
class ConnectedModel:
    """A model behind a connection that is opened once and must be closed: use ``async with``, or ``aclose``.

    Attributes:
        timeout_s: Longest wait for an answer in seconds, retries and pauses included; above 0.
        retries: How many more attempts follow one that failed in passing (no connection, 408, 409, 429, 5xx).
        sleep: Waits between attempts.
        redaction: Begins a redaction for each question to a remote model; None where the model is on this machine.
    """

    spec: ModelSpec
    model: "Model" = field(repr=False)
    client: "httpx2.AsyncClient" = field(repr=False)
    timeout_s: float
    retries: int
    sleep: Sleep = field(repr=False)
    redaction: Callable[[], Redaction] | None = field(default=None, repr=False)

    async def complete(self, system: str, user: str) -> Completion:
        """Answer ``user`` under ``system``, which are Holdfast's own instructions and hold nobody's words.

        Before ``user`` goes to a remote model, what points to a person in it is replaced; in the answer it is put
        back. Nothing of it outlives the call.

        Raises:
            ModelError: No answer in time, no connection, a refusal by the server, or an empty or malformed answer.
            PrivacyError: ``user`` could not be redacted; nothing was sent.
        """
        redaction = self._redaction()
        if redaction is None:
            return await self._answer(system, user)
        answer = await self._answer(system, await asyncio.to_thread(redaction.redact, user))
        return replace(answer, text=redaction.restore(answer.text))

    async def _answer(self, system: str, user: str) -> Completion:
        try:
            async with asyncio.timeout(self.timeout_s):
                outcome = await self._complete_with_retries(system, user)
        except TimeoutError:
            outcome = _Trouble(reason=f"did not answer within {self.timeout_s:g} s", is_passing=True)
        if isinstance(outcome, Completion):
            return outcome
        raise self._gave_up(outcome)

    @property
    def model_id(self) -> str:
        """The specification, which names the model."""
        return str(self.spec)

    async def stream(self, system: str, user: str) -> AsyncGenerator[str]:
        """Yield the answer to ``user`` under ``system`` as it comes. It is asked for once: words may be out already.

        A remote model is asked as in ``complete``; a placeholder is held back until it is whole.

        Raises:
            ModelError: No connection, a refusal by the server, or a malformed or empty answer. How long to wait is up
                to whoever reads; closing the stream ends the request.
            PrivacyError: ``user`` could not be redacted; nothing was sent.
        """
        redaction = self._redaction()
        if redaction is None:
            pieces = self._spoken(system, user)
        else:
            hidden = await asyncio.to_thread(redaction.redact, user)
            pieces = restored(self._spoken(system, hidden), redaction)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    def _redaction(self) -> Redaction | None:
        """Return a redaction for one question, or None where nothing leaves this machine."""
        if not self.spec.is_remote:
            return None
        if self.redaction is None:
            raise PrivacyError(f"Language model {self.spec} must be asked through a redaction, and has none; give one.")
        return self.redaction()

    async def _spoken(self, system: str, user: str) -> AsyncGenerator[str]:
        answered = False
        try:
            async with aclosing(self._pieces(system, user)) as pieces:
                async for piece in pieces:
                    answered = answered or not piece.isspace()
                    yield piece
        except Exception as error:  # noqa: BLE001 - a provider library may raise anything; it becomes a ModelError
            raise self._gave_up(_diagnose(error)) from None
        if not answered:
            raise self._gave_up(_Trouble(reason="answered nothing", is_passing=False))

    async def _pieces(self, system: str, user: str) -> AsyncGenerator[str]:
        from pydantic_ai import direct, messages

        async with direct.model_request_stream(
            self.model,
            [messages.ModelRequest(parts=[messages.SystemPromptPart(system), messages.UserPromptPart(user)])],
            model_settings={"max_retries": 0, "timeout": self.timeout_s, "max_tokens": _MOST_TOKENS},
            instrument=False,
        ) as events:
            async for event in events:
                if isinstance(event, messages.PartStartEvent) and isinstance(event.part, messages.TextPart):
                    yield event.part.content
                elif isinstance(event, messages.PartDeltaEvent) and isinstance(event.delta, messages.TextPartDelta):
                    yield event.delta.content_delta

    def _gave_up(self, trouble: _Trouble) -> ModelError:
        return ModelError(f"Language model {self.spec} {trouble.reason}; check the server, or use --model none.")

    async def aclose(self) -> None:
        """Close the connection. Closing twice does nothing."""
        await self.client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _complete_with_retries(self, system: str, user: str) -> Completion | _Trouble:
        for attempt in range(self.retries):
            outcome = await self._attempt(system, user)
            if isinstance(outcome, Completion) or not outcome.is_passing:
                return outcome
            pause_s = outcome.retry_after_s if outcome.retry_after_s is not None else _FIRST_PAUSE_S * 2**attempt
            await self.sleep(min(pause_s, _LONGEST_PAUSE_S))
        return await self._attempt(system, user)

    async def _attempt(self, system: str, user: str) -> Completion | _Trouble:
        from pydantic_ai import direct, exceptions, messages

        try:
            response = await direct.model_request(
                self.model,
                [messages.ModelRequest(parts=[messages.SystemPromptPart(system), messages.UserPromptPart(user)])],
                model_settings={"max_retries": 0, "timeout": self.timeout_s, "max_tokens": _MOST_TOKENS},
                instrument=False,
            )
        except (exceptions.ModelAPIError, exceptions.UnexpectedModelBehavior) as error:
            return _diagnose(error)
        except Exception as error:  # noqa: BLE001 - a provider library may raise anything; it becomes a ModelError
            return _Trouble(reason=f"broke ({type(error).__name__})", is_passing=False)
        if not response.text or not response.text.strip():
            return _Trouble(reason="answered nothing", is_passing=False)
        return Completion(text=response.text, model_id=str(self.spec))


def connect(
    spec: ModelSpec,
    *,
    api_key: str | None = None,
    timeout_s: float = 20.0,
    retries: int = 2,
    sleep: Sleep = asyncio.sleep,
    redaction: Callable[[], Redaction] | None = None,
) -> ConnectedModel:
    """Prepare a connection to the model ``spec`` names. No request is made until ``complete``.

    Args:
        spec: Where the model is; not ``none``.
        api_key: The provider's key: needed for openai and anthropic, optional for a compatible server.
        timeout_s: Longest wait for one answer in seconds, retries included.
        retries: How many more attempts follow a passing failure.
        sleep: Waits between attempts.
        redaction: Begins a redaction for one question. A remote model needs it; one on this machine does without.

    Raises:
        InputError: ``spec`` names no model, a key is missing, ``timeout_s`` or ``retries`` is out of range, or a remote
            model comes without ``redaction``.
        MissingExtraError: The provider's library is not installed.
    """
    if spec.is_none:
        raise InputError("Model must name one to connect to, got 'none'; do not connect where there is no model.")
    if timeout_s <= 0 or retries < 0:
        raise InputError(f"Model timeout_s must be above 0 and retries at least 0, got {timeout_s!r} and {retries!r}.")
    if not api_key and spec.kind is not ModelKind.COMPATIBLE:
        raise InputError(f"Model {spec} must be given an API key; set it in the settings, or use --model none.")
    if spec.is_remote and redaction is None:
        raise InputError(f"Model {spec} is remote and must come with a redaction, and has none; give one.")
    require("pydantic_ai", extra="all")
    client = _http_client(spec, timeout_s)
    build = _anthropic_model if spec.kind is ModelKind.ANTHROPIC else _openai_model
    model = build(spec, api_key or "no-key-needed", client)
    _hush_request_logs()
    return ConnectedModel(
        spec=spec, model=model, client=client, timeout_s=timeout_s, retries=retries, sleep=sleep, redaction=redaction
    )


def _http_client(spec: ModelSpec, timeout_s: float) -> "httpx2.AsyncClient":
    """Build a client that follows no redirect and, on this machine, passes through no proxy."""
    import httpx2

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout_s, connect=min(5.0, timeout_s)),
        trust_env=spec.is_remote,
        event_hooks={"response": [_stay]},
    )


async def _stay(response: "httpx2.Response") -> None:
    """Refuse a redirect: the provider libraries follow one whatever the client was told, words and all."""
    import httpx2

    if response.is_redirect:
        raise httpx2.TooManyRedirects("redirects are not followed", request=response.request)


def _openai_model(spec: ModelSpec, api_key: str, client: "httpx2.AsyncClient") -> "Model":
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    if spec.kind is ModelKind.OPENAI:
        provider: Any = OpenAIProvider(base_url=spec.base_url, api_key=api_key, http_client=client)
    else:
        provider = OpenAICompatibleProvider("compatible", base_url=spec.base_url, api_key=api_key, http_client=client)
    return OpenAIChatModel(spec.name, provider=provider)


def _anthropic_model(spec: ModelSpec, api_key: str, client: "httpx2.AsyncClient") -> "Model":
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    sdk = AsyncAnthropic(
        api_key=api_key, base_url=spec.base_url, http_client=client, max_retries=0, open_telemetry=False
    )
    return AnthropicModel(spec.name, provider=AnthropicProvider(anthropic_client=sdk))


def _hush_request_logs() -> None:
    """Keep the provider libraries from logging requests, which hold a person's words, at debug level."""
    for name in _CHATTY_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.INFO))


def _diagnose(error: Exception) -> _Trouble:
    """Say in our own words what went wrong. Nothing of the provider's message is kept: it may quote the request."""
    from pydantic_ai import exceptions

    if isinstance(error, exceptions.ModelHTTPError):
        status = error.status_code
        return _Trouble(
            reason=f"refused the request with HTTP status {status}",
            is_passing=status in (408, 409, 429) or status >= 500,
            retry_after_s=error.retry_after,
        )
    if isinstance(error, exceptions.ModelTimeoutError):
        return _Trouble(reason="did not answer in time", is_passing=True)
    if isinstance(error, exceptions.ModelAPIError):
        return _Trouble(reason="could not be reached", is_passing=True)
    return _Trouble(reason=f"answered unusably ({type(error).__name__})", is_passing=False)
