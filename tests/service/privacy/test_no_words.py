"""Claims about words: through whole conversations, none is found in a trace, a log or a database file."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_visitor import Visitor

SECRET = "quillfeather"
TALK = (
    f"My name is {SECRET}. What is a panic attack?",
    f"phq-4 please, says {SECRET}",
    "1",
    f"stop, {SECRET}",
    f"breathing exercise for {SECRET}",
    f"{SECRET} feels better",
    "stop",
    f"my sister {SECRET} hit me",
    f"I want to end my life, {SECRET}",
    f"{SECRET} again",
    "help",
)


def _raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("consents", [(), ("conversation",), ("conversation", "check_ins", "exercises")])
def test_no_word_of_a_whole_conversation_is_in_a_trace_a_log_or_the_raw_files(
    make_app: Callable[..., FastAPI], tmp_path: Path, caplog: pytest.LogCaptureFixture, consents: tuple[str, ...]
) -> None:
    caplog.set_level(logging.DEBUG)
    app = make_app()
    with TestClient(app, follow_redirects=True) as client:
        visitor = Visitor(client)
        if consents:
            visitor.agree(*consents)
        shown = [visitor.say(words).status_code for words in TALK]
        exported = visitor.post("/privacy/export", page="/privacy").json() if consents else {"why_records": []}
        raw = _raw(tmp_path / "data")
    assert set(shown) == {200}
    assert SECRET.encode() not in raw
    assert SECRET not in caplog.text
    assert not any(SECRET in str(record) for record in exported["why_records"])
    if consents:
        assert len(exported["why_records"]) >= len(TALK)
        assert SECRET in str(exported["chats"])  # the words are there, sealed, and only under consent
    raw = _raw(tmp_path / "data")
    assert SECRET.encode() not in raw
