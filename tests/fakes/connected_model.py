"""A language model behind the connection that is used in service, whose answers a test writes."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

from holdfast.language.connection import ConnectedModel, parse_model_spec


def connected(answer: Callable[[str], str]) -> ConnectedModel:
    """Return a connection to a model on this machine that answers a prompt with ``answer(prompt)``. Close it."""
    import httpx2
    from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
    from pydantic_ai.models.function import AgentInfo, FunctionModel

    def said(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart(answer(_asked(messages)))])

    async def spoken(messages: list[ModelMessage], info: AgentInfo) -> AsyncGenerator[str]:
        yield answer(_asked(messages))

    return ConnectedModel(
        spec=parse_model_spec("http://127.0.0.1:9/v1#scripted"),
        model=FunctionModel(said, stream_function=spoken),
        client=httpx2.AsyncClient(),
        timeout_s=5.0,
        retries=0,
        sleep=_no_pause,
    )


def _asked(messages: Sequence[Any]) -> str:
    return str(messages[-1].parts[-1].content)


async def _no_pause(seconds: float) -> None:
    del seconds
