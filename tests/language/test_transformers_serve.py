"""A real OpenAI-compatible server, ``transformers serve``, with a tiny random model built here: it connects, answers
nonsense, and none of the nonsense is shown.

Needs the [evaluate] extra; run by ``make test-all``.
"""

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

from holdfast.care.conversation.parts import Routing
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.state import ConversationState, Purpose
from holdfast.care.education.engine import build_education
from holdfast.errors import ModelError
from holdfast.language.connection import connect, parse_model_spec
from holdfast.language.drafting import Drafter

COMMAND = Path(sys.executable).parent / "transformers"
MISSING = [name for name in ("torch", "transformers", "accelerate") if importlib.util.find_spec(name) is None]

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        bool(MISSING) or not COMMAND.exists(),
        reason=f"needs pip install 'holdfast[evaluate]': {', '.join(MISSING) or 'the transformers command'} is missing",
    ),
]

STARTS_WITHIN_S = 180.0
SENTENCE = "a calm slow breath can help when fear rises and then it fades you are not alone with this"
WORDS = SENTENCE.split()
TEMPLATE = "{% for message in messages %}{{ message['role'] }} {{ message['content'] }} {% endfor %}assistant"


def build_tiny_model(folder: Path) -> None:
    """Write a random Llama of a few thousand weights and a tokenizer of a few words."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    tokenizers = pytest.importorskip("tokenizers")
    special = ["<unk>", "<s>", "</s>", "<pad>"]
    vocabulary = {word: number for number, word in enumerate([*special, *dict.fromkeys(WORDS)])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )
    fast.chat_template = TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(7)
    config = transformers.LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=8_192,
        bos_token_id=vocabulary["<s>"],
        eos_token_id=vocabulary["</s>"],
        pad_token_id=vocabulary["<pad>"],
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the server with the tiny model, offline and on loopback only; yields the model's specification."""
    folder = tmp_path_factory.mktemp("models") / "tiny-random-llama"
    build_tiny_model(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder.parent / "server.log").open("wb")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HOME": str(folder.parent)}
    server = subprocess.Popen(
        [COMMAND, "serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_until_healthy(server, f"http://127.0.0.1:{port}/health", folder.parent / "server.log")
        yield f"http://127.0.0.1:{port}/v1#{folder}"
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _wait_until_healthy(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    open_url = build_opener(ProxyHandler({})).open
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"transformers serve stopped: {log.read_text(errors='replace')[-2_000:]}")
        try:
            with open_url(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"transformers serve was not healthy in time: {log.read_text(errors='replace')[-2_000:]}")


async def test_one_call_is_answered_with_the_models_words(address: str) -> None:
    async with connect(parse_model_spec(address), timeout_s=120) as model:
        completion = await model.complete("You are calm.", "what can help when fear rises")
    assert completion.model_id == address
    assert completion.text.split()
    assert set(completion.text.replace("<unk>", " ").split()) <= {*WORDS, "<s>", "</s>", "<pad>"}


async def test_a_random_models_words_are_not_shown_and_the_library_answers(address: str) -> None:
    async with connect(parse_model_spec(address), timeout_s=120) as model:
        engine = build_education(drafter=Drafter(model, timeout_s=120))
        state = ConversationState(consents=frozenset({Purpose.LANGUAGE_MODEL}))
        reply = await engine.reply("What is a panic attack?", Routing(route=Route.EDUCATION, reason="test"), state)
    assert reply.author is Author.LIBRARY
    assert (reply.model, reply.model_outcome) in {(address, "unsupported"), (address, "failed: AnswerTooLong")}
    assert engine.library.passage("panic-what-a-panic-attack-is#what-is-a-panic-attack").text in reply.text


async def test_a_model_the_server_does_not_have_is_one_clear_error(address: str) -> None:
    base = address.partition("#")[0]
    async with connect(parse_model_spec(f"{base}#no-such-model"), timeout_s=60) as model:
        with pytest.raises(ModelError, match=r"#no-such-model refused the request with HTTP status 4\d\d"):
            await model.complete("system", "user")
