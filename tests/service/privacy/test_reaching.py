"""Claims about which language model may be reached: refused at start, with the remedy, or asked through a redaction."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from holdfast.cli.main import main
from holdfast.errors import MissingExtraError, SettingsError
from holdfast.language.specification import parse_model_spec
from holdfast.service.privacy.reaching import check_reach, reach_model
from holdfast.settings import Settings, load_settings

NEAR, REMOTE = "http://127.0.0.1:9/v1#tiny", "openai:gpt-x"


def settings(**overrides: object) -> Settings:
    return load_settings(config=None, environ={}, overrides={"model_api_key": "k" * 20, **overrides})


@pytest.mark.parametrize("model", [REMOTE, "anthropic:m", "https://models.example.org/v1#m", "http://10.0.0.7/v1#m"])
def test_local_only_refuses_any_model_that_is_not_on_this_machine(make_app: Callable[..., FastAPI], model: str) -> None:
    app = make_app(local_only=True, model=model, model_api_key="k" * 20)
    with pytest.raises(SettingsError, match=r"local_only: the language model must be on this machine, got .*loopback"):
        TestClient(app).__enter__()


@pytest.mark.parametrize("model", ["none", NEAR, "http://localhost:9/v1#tiny"])
def test_local_only_allows_none_and_one_on_this_machine(model: str) -> None:
    check_reach(settings(local_only=True), parse_model_spec(model))


async def test_a_model_on_this_machine_needs_no_redaction_and_loads_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("presidio_analyzer", "spacy", "phonenumbers"):
        monkeypatch.setitem(sys.modules, module, None)
    async with reach_model(settings(local_only=True), parse_model_spec(NEAR)) as model:
        assert model.redaction is None


def test_a_remote_model_without_the_extra_is_refused_at_start_with_the_pip_line(
    make_app: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    app = make_app(model=REMOTE, model_api_key="k" * 20)
    with pytest.raises(MissingExtraError, match=r"holdfast\[privacy\]"):
        TestClient(app).__enter__()


def test_serve_says_so_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOLDFAST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOLDFAST_LOCAL_ONLY", "true")
    with pytest.raises(SystemExit) as stopped:
        main(["serve", "--model", REMOTE])
    assert stopped.value.code == 2
    assert "local_only: the language model must be on this machine" in capsys.readouterr().err


async def test_a_remote_model_is_reached_through_a_redaction_of_its_own_for_each_question() -> None:
    pytest.importorskip("presidio_analyzer", reason="the privacy extra is not installed")
    async with reach_model(settings(), parse_model_spec(REMOTE)) as model:
        assert model.redaction is not None
        one, other = model.redaction(), model.redaction()
        shown = one.redact("My name is Xylophonius and you can call 116 123.")
        assert shown == "My name is [PERSON_1] and you can call 116 123."
        assert one.restore(shown).startswith("My name is Xylophonius")
        assert other.restore(shown) == shown
