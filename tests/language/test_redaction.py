"""Claims about what a remote model is sent: nothing that points to a person, and nothing at all where that fails."""

import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from holdfast.errors import InputError, PrivacyError
from holdfast.language.connection import ConnectedModel, connect, parse_model_spec
from holdfast.language.drafting import Drafter, DraftOutcome
from holdfast.language.redaction import restored

SYSTEM = "Answer from the passages."
SECRET = "Xylophonius"
REMOTE, HERE = "openai:gpt-x", "http://127.0.0.1:9/v1#tiny"


@dataclass
class HidesOneName:
    """Hides one name, or fails as a search that broke would."""

    error: Exception | None = None

    def redact(self, text: str) -> str:
        if self.error:
            raise self.error
        return text.replace(SECRET, "[PERSON_1]")

    def restore(self, text: str) -> str:
        return text.replace("[PERSON_1]", SECRET)


@dataclass
class Wire:
    """A provider that answers ``text``, in pieces of ``size`` characters, and remembers all it was sent."""

    text: str = "Dear [PERSON_1], rest helps."
    size: int = 7
    sent: list[str] = field(default_factory=list)

    def model(self) -> Any:
        from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
        from pydantic_ai.models.function import AgentInfo, FunctionModel

        def said(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            self.sent.append(str(messages))
            return ModelResponse(parts=[TextPart(self.text)])

        async def spoken(messages: list[ModelMessage], info: AgentInfo) -> AsyncGenerator[str]:
            self.sent.append(str(messages))
            for start in range(0, len(self.text), self.size):
                yield self.text[start : start + self.size]

        return FunctionModel(said, stream_function=spoken)

    def connected(self, spec: str, redaction: HidesOneName | None) -> ConnectedModel:
        import httpx2

        return ConnectedModel(
            spec=parse_model_spec(spec),
            model=self.model(),
            client=httpx2.AsyncClient(),
            timeout_s=5.0,
            retries=0,
            sleep=_no_pause,
            redaction=None if redaction is None else lambda: redaction,
        )


async def _no_pause(seconds: float) -> None:
    del seconds


async def _spoken(model: ConnectedModel, user: str) -> str:
    return "".join([piece async for piece in model.stream(SYSTEM, user)])


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_remote_model_is_sent_placeholders_and_its_answer_comes_back_with_the_name(streamed: bool) -> None:
    wire = Wire()
    async with wire.connected(REMOTE, HidesOneName()) as model:
        asked = f"I am {SECRET}."
        answer = await _spoken(model, asked) if streamed else (await model.complete(SYSTEM, asked)).text
    assert answer == f"Dear {SECRET}, rest helps."
    assert SECRET not in wire.sent[0]
    assert "I am [PERSON_1]." in wire.sent[0]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("redaction", [None, HidesOneName(error=PrivacyError("Text must be searched, and was not."))])
async def test_where_redaction_fails_or_is_missing_a_remote_model_is_sent_nothing(
    streamed: bool, redaction: HidesOneName | None
) -> None:
    wire = Wire()
    async with wire.connected(REMOTE, redaction) as model:
        with pytest.raises(PrivacyError, match="must be") as refused:
            await (_spoken(model, SECRET) if streamed else model.complete(SYSTEM, SECRET))
    assert wire.sent == []
    assert SECRET not in str(refused.value)


async def test_a_model_on_this_machine_is_sent_the_words_as_they_are() -> None:
    wire = Wire(text="Yes.")
    async with wire.connected(HERE, HidesOneName(error=AssertionError("nothing needs to be hidden"))) as model:
        assert (await model.complete(SYSTEM, SECRET)).text == "Yes."
        assert await _spoken(model, SECRET) == "Yes."
    assert all(SECRET in sent for sent in wire.sent)


def test_no_connection_to_a_remote_model_is_made_without_a_redaction() -> None:
    with pytest.raises(InputError, match=r"openai:gpt-x is remote and must come with a redaction"):
        connect(parse_model_spec(REMOTE), api_key="k")


async def test_a_draft_of_a_remote_model_is_restored_before_it_is_reviewed() -> None:
    """What stands in brackets would read as a citation; a name that no passage has is dropped like any other."""

    @dataclass(frozen=True)
    class Passage:
        citation: str = "rest#why"
        heading: str = "Why rest"
        text: str = "Rest helps the body. Sleep helps the mind."

    wire = Wire(text="Rest helps the body. [rest#why] Sleep helps the mind. [rest#why] Dear [PERSON_1]. [rest#why]")
    async with wire.connected(REMOTE, HidesOneName()) as model:
        draft = await Drafter(model).draft(f"I am {SECRET}, why rest?", [Passage()])
    assert draft.outcome is DraftOutcome.DRAFTED
    assert [sentence.text for sentence in draft.sentences] == ["Rest helps the body.", "Sleep helps the mind."]
    assert draft.dropped == {"unsupported": 1}
    assert SECRET not in wire.sent[0]


async def test_a_draft_that_could_not_be_redacted_is_a_failed_one_and_nothing_was_sent() -> None:
    wire = Wire()
    async with wire.connected(REMOTE, HidesOneName(error=PrivacyError("Text must be searched."))) as model:
        draft = await Drafter(model).draft(SECRET, [])
    assert (draft.outcome, draft.error, wire.sent) == (DraftOutcome.FAILED, "PrivacyError", [])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 11, 100])
async def test_a_placeholder_cut_in_pieces_is_held_until_it_is_whole(size: int) -> None:
    text = "Dear [PERSON_1], [not a mark] [PERSON_1][PERSON_1] [PERSON_12] [PERSON"

    async def pieces() -> AsyncGenerator[str]:
        for start in range(0, len(text), size):
            yield text[start : start + size]

    got = [piece async for piece in restored(pieces(), HidesOneName())]
    assert "".join(got) == HidesOneName().restore(text)
    assert not any(re.search(r"\[PERSON_1\]", piece) for piece in got)


async def test_closing_what_is_restored_closes_where_it_comes_from() -> None:
    closed: list[bool] = []

    async def pieces() -> AsyncGenerator[str]:
        try:
            for word in _words():
                yield word
        finally:
            closed.append(True)

    stream = restored(pieces(), HidesOneName())
    assert await anext(stream) == "one "
    await stream.aclose()
    assert closed == [True]


def _words() -> Iterator[str]:
    yield from ("one ", "two ", "three ")
