"""A model's specification is read exactly, or refused with the forms that would do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import InputError
from holdfast.language.specification import ModelKind, parse_model_spec


@pytest.mark.parametrize(
    ("text", "kind", "name", "base_url", "is_remote"),
    [
        ("none", ModelKind.NONE, "", "", False),
        ("  NONE ", ModelKind.NONE, "", "", False),
        ("openai:gpt-x", ModelKind.OPENAI, "gpt-x", "https://api.openai.com/v1", True),
        ("anthropic:claude-x", ModelKind.ANTHROPIC, "claude-x", "https://api.anthropic.com", True),
        ("http://127.0.0.1:11434/v1#llama3:8b", ModelKind.COMPATIBLE, "llama3:8b", "http://127.0.0.1:11434/v1", False),
        ("http://localhost:8080/v1/#a/b", ModelKind.COMPATIBLE, "a/b", "http://localhost:8080/v1", False),
        ("http://[::1]:8080/v1#m", ModelKind.COMPATIBLE, "m", "http://[::1]:8080/v1", False),
        ("http://192.168.1.5:8000/v1#m", ModelKind.COMPATIBLE, "m", "http://192.168.1.5:8000/v1", True),
        ("http://ollama:11434/v1#m", ModelKind.COMPATIBLE, "m", "http://ollama:11434/v1", True),
        ("https://models.example.org/v1#m", ModelKind.COMPATIBLE, "m", "https://models.example.org/v1", True),
        ("https://127.0.0.1.example.org/v1#m", ModelKind.COMPATIBLE, "m", "https://127.0.0.1.example.org/v1", True),
    ],
)
def test_each_form_is_read(text: str, kind: ModelKind, name: str, base_url: str, is_remote: bool) -> None:
    spec = parse_model_spec(text)
    assert (spec.kind, spec.name, spec.base_url) == (kind, name, base_url)
    assert spec.is_remote is is_remote
    assert spec.is_none is (kind is ModelKind.NONE)


@pytest.mark.parametrize(
    "text", ["none", "openai:gpt-x", "anthropic:claude-x", "http://127.0.0.1:1/v1#m", "https://a.example/v1#x/y:z"]
)
def test_what_was_read_is_written_the_same_and_read_again(text: str) -> None:
    spec = parse_model_spec(text)
    assert str(spec) == text
    assert parse_model_spec(str(spec)) == spec


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"Model must be none, openai:NAME"),
        ("gpt-4", r"got 'gpt-4'"),
        ("mistral:large", r"got 'mistral:large'"),
        ("openai:", r"Model name must be 1 to 200"),
        ("openai:two words", r"got 'two words'"),
        ("http://127.0.0.1:11434/v1", r"Model name must be 1 to 200"),
        ("http://example.org/v1#m", r"must use https://.*got host 'example.org'"),
        ("http://127.0.0.1.example.org/v1#m", r"must use https://"),
        ("http://8.8.8.8/v1#m", r"must use https://"),
        ("http://134744072/v1#m", r"must use https://"),
        ("http://0x8.8.8.8/v1#m", r"must use https://"),
        ("ftp://localhost/v1#m", r"must start with http:// or https://"),
        ("file:///etc/passwd#m", r"must start with http:// or https://"),
        ("http://#m", r"must start with http:// or https://"),
        ("http://localhost:99999/v1#m", r"must be a valid URL"),
        ("http://[::1/v1#m", r"must be a valid URL"),
        ("https://host.example/v1?key=x#m", r"must carry no user, password or query"),
    ],
)
def test_anything_else_is_refused_with_the_forms_that_would_do(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_model_spec(text)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError, match="must carry no user, password or query") as caught:
        parse_model_spec("https://me:hunter2@models.example.org/v1#m")
    assert "hunter2" not in str(caught.value)


@given(st.text(max_size=80))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        parse_model_spec(text)
    except InputError as error:
        assert len(str(error)) < 600  # noqa: PT017 - either outcome is fine; an endless message is not
