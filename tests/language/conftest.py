"""A real OpenAI-compatible server on loopback, scripted by the test."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(kw_only=True)
class Turn:
    """What the server does with one request: wait, then answer ``body`` with ``status``."""

    text: str | None = None
    status: int = 200
    body: bytes | None = None
    wait_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        if self.body is not None:
            return self.body
        message = {"role": "assistant", "content": self.text}
        return json.dumps(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_700_000_000,
                "model": "tiny",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            }
        ).encode()


@dataclass(kw_only=True)
class ScriptedServer:
    """Speaks /v1/chat/completions. Each request takes the next turn; the last one repeats."""

    port: int = 0
    turns: list[Turn] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def spec(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1#tiny"

    def complete(self, request: Request, body: bytes) -> Turn:
        self.requests.append(json.loads(body))
        self.headers.append(dict(request.headers))
        return self.turns[min(len(self.requests), len(self.turns)) - 1]


def _app(server: ScriptedServer) -> Starlette:
    import asyncio

    async def completions(request: Request) -> Response:
        turn = server.complete(request, await request.body())
        await asyncio.sleep(turn.wait_s)
        return Response(turn.content(), turn.status, turn.headers, media_type="application/json")

    return Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Start the server on a free port and stop it afterwards."""
    scripted = ScriptedServer()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    scripted.port = listener.getsockname()[1]
    config = uvicorn.Config(_app(scripted), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield scripted
    running.should_exit = True
    thread.join(timeout=10)
    listener.close()


@pytest.fixture
def turn() -> type[Turn]:
    """The kind of turn that the server is scripted with."""
    return Turn
