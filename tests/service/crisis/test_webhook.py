"""Claims about the webhook: signed so that anybody's library can check it, and taken only when it was."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from uuid import UUID

import httpx2
import pytest

from holdfast.errors import SettingsError
from holdfast.safety.detection.verdict import Category, Level
from holdfast.service.crisis.sink import Page, UndeliveredError
from holdfast.service.crisis.webhook import WebhookSink, signature, signing_key

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = Page(
    id=UUID(int=7),
    alert_id=UUID(int=8),
    stage=1,
    level=Level.CRISIS,
    categories=(Category.SUICIDE,),
    is_drill=False,
    link="https://help.example/steward",
)


def sink(answer: int | Exception, seen: list[httpx2.Request]) -> WebhookSink:
    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer, headers={"location": "https://elsewhere.example/"})

    return WebhookSink(
        url="https://page.example/hook", key=b"k" * 32, clock=lambda: NOW, transport=httpx2.MockTransport(handle)
    )


def test_the_signature_is_the_one_the_standard_publishes() -> None:
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    said = signature(key, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}')
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_message_is_posted_once_with_the_three_headers_over_its_very_bytes() -> None:
    seen: list[httpx2.Request] = []
    await sink(204, seen).send(PAGE)
    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", "https://page.example/hook")
    assert request.headers["webhook-id"] == str(PAGE.id)
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"{PAGE.id}.{int(NOW.timestamp())}.".encode() + request.content
    expected = b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(request.content) == PAGE.to_dict()


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 429, 500, 503])
async def test_any_answer_but_success_is_a_message_not_taken_and_redirects_are_not_followed(status: int) -> None:
    seen: list[httpx2.Request] = []
    with pytest.raises(UndeliveredError, match=f"got status {status}; it is tried again"):
        await sink(status, seen).send(PAGE)
    assert len(seen) == 1


@pytest.mark.parametrize("error", [httpx2.ConnectError("secret words"), httpx2.ReadTimeout("secret words")])
async def test_a_network_failure_is_named_by_its_kind_alone(error: Exception) -> None:
    with pytest.raises(UndeliveredError, match=type(error).__name__) as caught:
        await sink(error, []).send(PAGE)
    assert "secret words" not in str(caught.value)


def test_a_secret_is_base64_after_its_prefix_or_else_itself() -> None:
    assert signing_key("whsec_" + b64encode(b"0" * 32).decode()) == b"0" * 32
    assert signing_key("a plain secret of some length or other") == b"a plain secret of some length or other"
    assert b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") == signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    with pytest.raises(SettingsError, match="must be base64 after whsec_"):
        signing_key("whsec_this is no base64 at all, is it not")


def test_neither_address_nor_key_is_shown() -> None:
    assert "page.example" not in repr(sink(200, []))
    assert "kkkk" not in repr(sink(200, []))
