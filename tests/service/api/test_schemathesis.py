"""Claim: whatever is sent to the API, within its description or outside it, the server does not break.

Schemathesis makes the requests from the description itself, some that fit it and some that do not, always the same
ones. Half carry the ids of things that exist. Every answer must be one that the description documents.
"""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from holdfast.care.conversation.state import Purpose
from holdfast.service.api.application import make_api
from served import Served

API = "/api/v1"
EXAMPLES = 12
"""Requests for each endpoint and mode."""

CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
SCHEMA = schemathesis.openapi.from_dict(make_api().openapi())
OPERATIONS = {operation.label: operation for operation in (result.ok() for result in SCHEMA.get_all_operations())}


class World:
    """A person who agrees to everything, and the ids of what they have begun."""

    def __init__(self, served: Served) -> None:
        self._client = served.client
        self.headers: dict[str, str] = {}
        token = self.send("POST", "/people").json()["token"]
        self.headers = {"authorization": f"Bearer {token}"}
        purposes = [Purpose.CONVERSATION, Purpose.CHECK_INS, Purpose.EXERCISES]
        self.send("PUT", "/consents", json={"purposes": purposes})
        self.ids = {
            "instrument_id": "phq-9",
            "exercise_id": "thought-record",
            "check_in_id": self.send("POST", "/check-ins", json={"instrument": "gad-7"}).json()["id"],
            "session_id": self.send("POST", "/exercises/thought-record/sessions").json()["id"],
            "message_id": self.send("POST", "/messages", json={"text": "what helps with sleep?"}).json()["id"],
        }

    def send(self, method: str, path: str, **parts: Any) -> Any:
        headers = {**self.headers, **parts.pop("headers", {})}
        response = self._client.request(method, f"{API}{path}", headers=headers, **parts)
        self._client.cookies.clear()
        return response

    def answer(self, case: Any, *, is_real: bool, is_known: bool) -> Any:
        """Send what Schemathesis made, some of it about things that exist and some of it from somebody known."""
        known = {name: value for name, value in self.ids.items() if name in (case.path_parameters or {})}
        if is_real and known:
            case.path_parameters = {**case.path_parameters, **known}
        sent = case.as_transport_kwargs(base_url=f"http://testserver.local{API}")
        headers = {name: value for name, value in dict(sent["headers"]).items() if name.lower() != "authorization"}
        parts = {name: sent[name] for name in ("params", "json") if sent.get(name) is not None}
        if sent.get("data") is not None:
            parts["content"] = sent["data"]
        return self._client.request(
            sent["method"], sent["url"], headers={**headers, **(self.headers if is_known else {})}, **parts
        )


@pytest.fixture
def world(served: Served) -> Iterator[World]:
    """A world of its own for each endpoint."""
    yield World(served)
    served.client.cookies.clear()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfit"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_nothing_that_is_sent_breaks_the_server(world: World, label: str, mode: GenerationMode) -> None:
    made = OPERATIONS[label].as_strategy(generation_mode=mode)

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=made, is_real=strategies.booleans(), is_known=strategies.booleans())
    def holds(case: Any, *, is_real: bool, is_known: bool) -> None:
        response = world.answer(case, is_real=is_real, is_known=is_known)
        assert response.status_code < 500, response.text
        case.validate_response(response, checks=CHECKS)

    try:
        holds()
    except hypothesis.errors.Unsatisfiable:
        pytest.skip("nothing can be sent here that does not fit")


def test_every_endpoint_is_tried() -> None:
    assert len(OPERATIONS) >= 27
