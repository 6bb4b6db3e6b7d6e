"""``holdfast ask`` quotes the library with its sources, leads with safety and fails in one line."""

import json
from pathlib import Path
from typing import Any, Self

import pytest

from holdfast.care.education.library import load_library
from holdfast.cli import ask as command
from holdfast.cli.main import main
from holdfast.errors import ContentError, ModelError
from holdfast.language.model import Completion
from holdfast.language.specification import ModelSpec

LIBRARY = load_library()
LOCAL = "http://127.0.0.1:9/v1#tiny"


class ScriptedConnection:
    """A connection whose model quotes the first passage it is shown, or raises what it was given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked, self.closed = error, 0, False

    def reach(self, settings: Any, spec: ModelSpec) -> Self:
        del settings, spec
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *details: object) -> None:
        self.closed = True

    async def complete(self, system: str, user: str) -> Completion:
        del system
        self.asked += 1
        if self.error:
            raise self.error
        passage = next(p for p in LIBRARY.passages if f"[{p.citation}]" in user)
        sentences = passage.text.split("\n")[0].split(". ")[:2]
        return Completion(text=" ".join(f"{s.rstrip('.')}. [{passage.citation}]" for s in sentences), model_id="tiny")


@pytest.fixture(autouse=True)
def _quiet_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOLDFAST_MODEL", "HOLDFAST_REGION", "HOLDFAST_MODEL_API_KEY", "HOLDFAST_CONFIG"):
        monkeypatch.delenv(name, raising=False)


class Run:
    """What a run of the command printed, and its exit code."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(["ask", *args])
        out, err = self._capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    def json(self, *args: str) -> dict[str, Any]:
        code, out, err = self(*args, "--json")
        assert code == 0, err
        said: dict[str, Any] = json.loads(out)
        return said


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def test_an_answer_as_json_is_the_librarys_passages_word_for_word_with_sources(run: Run) -> None:
    said = run.json("What is a panic attack?")
    assert said["status"] == "answered"
    assert said["author"] == "library"
    assert said["safety"] is None
    assert said["next_step"]
    assert said["referral"]
    for passage in said["passages"]:
        assert passage["text"] == LIBRARY.passage(passage["citation"]).text
        assert passage["heading"] in said["text"]
        assert all({"publisher", "title", "year"} <= source.keys() for source in passage["sources"])
        assert passage["sources"]


def test_an_answer_in_the_terminal_has_the_text_a_next_step_and_sources(run: Run) -> None:
    code, out, err = run("What is a panic attack?")
    assert (code, err) == (0, "")
    passage = LIBRARY.passage("panic-what-a-panic-attack-is#what-is-a-panic-attack")
    assert passage.text in out
    assert f"[{passage.citation}]" in out
    assert "A next step:" in out
    assert "**" not in out


def test_where_nothing_fits_it_abstains_and_refers(run: Run) -> None:
    said = run.json("how do I change a bicycle tyre")
    assert (said["status"], said["reason"], said["passages"]) == ("abstained", "nothing_fits", [])
    assert said["referral"]
    code, out, _ = run("how do I change a bicycle tyre")
    assert code == 0
    assert "will not guess" in out


def test_a_question_for_a_dose_is_declined_with_an_article_to_read(run: Run) -> None:
    said = run.json("how many mg of zoloft should I take")
    assert (said["status"], said["reason"], said["author"]) == ("abstained", "dosing", "template")
    assert set(said["see_also"]) <= LIBRARY.by_id.keys()


def test_the_audience_decides_what_may_be_quoted(run: Run) -> None:
    question = "what is cultural humility and how does it differ from cultural competence"
    helper = run.json(question, "--audience", "helper")
    assert {p["citation"].split("#")[0] for p in helper["passages"]} == {"helper-cultural-humility"}
    public = run.json(question)
    assert not any(p["citation"].startswith("helper-cultural") for p in public["passages"])


def test_the_question_is_not_repeated(run: Run) -> None:
    said = json.dumps(run.json("what is a panic attack Xylophonius Quibble"))
    assert "Xylophonius" not in said
    assert "Quibble" not in said


def test_a_question_that_signals_risk_is_met_with_help_before_anything_else(run: Run) -> None:
    code, out, _ = run("I want to end my life. what is depression", "--region", "gb")
    assert code == 0
    assert "999" in out.split("---")[0]
    assert run.json("I want to end my life. what is depression", "--region", "gb")["safety"]


def test_if_the_protocol_cannot_be_read_people_are_pointed_to_all_the_same(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **options: object) -> str:
        raise ContentError("protocol.yaml must be valid YAML; it breaks.")

    monkeypatch.setattr("holdfast.cli.lead.default_detector", broken)
    assert "emergency number" in run.json("what is depression")["safety"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((" \n ",), "must have some words"),
        (("x" * 1_000_000,), "at most 4,000 characters, got 1,000,000"),
        (("sleep", "--model", "gpt"), "Model must be none, openai:NAME"),
        (("sleep", "--model", "http://example.org/v1#x"), "must use https:// beyond this machine"),
        (("sleep", "--model", "openai:gpt-x"), "must be given an API key"),
        (("sleep", "--audience", "nobody"), "'nobody' is not one of 'public', 'caregiver', 'helper'"),
        (("sleep", "--region", "nowhere"), "region"),
        (("sleep", "--config", "missing.toml"), r"missing.toml"),
    ],
)
def test_what_cannot_be_used_exits_2_with_a_clear_line(run: Run, args: tuple[str, ...], message: str) -> None:
    code, out, err = run(*args)
    assert code == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err
    assert len(err) < 600


@pytest.mark.parametrize("text", ["\x00\x07what is \x1b[31mdepression", "😀 what is depression 😀", "מה זה depression"])
def test_control_characters_emoji_and_right_to_left_text_are_taken(run: Run, text: str) -> None:
    code, out, _ = run(text)
    assert code == 0
    assert "\x1b" not in out
    assert "\x00" not in out


def test_with_a_model_its_draft_is_shown_with_citations_and_the_connection_is_closed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = ScriptedConnection()
    monkeypatch.setattr(command, "reach_model", connection.reach)
    said = run.json("What is a panic attack?", "--model", LOCAL)
    assert (said["author"], said["model"], said["model_outcome"]) == ("model", "tiny", "drafted")
    assert said["passages"][0]["citation"] in said["text"]
    assert connection.closed


def test_a_model_that_breaks_is_said_plainly_and_the_library_answers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = ScriptedConnection(ModelError("it stalled"))
    monkeypatch.setattr(command, "reach_model", connection.reach)
    said = run.json("What is a panic attack?", "--model", LOCAL)
    assert (said["status"], said["author"], said["model_outcome"]) == ("answered", "library", "failed: ModelError")
    assert said["text"].startswith("The writing assistant did not answer")


def test_no_model_is_asked_where_the_question_signals_risk(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = ScriptedConnection()
    monkeypatch.setattr(command, "reach_model", connection.reach)
    said = run.json("I want to end my life. what is depression", "--model", LOCAL)
    assert said["safety"]
    assert connection.asked == 0


def test_before_a_question_leaves_the_machine_the_host_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "reach_model", ScriptedConnection().reach)
    _, _, err = run("What is a panic attack?", "--model", "https://models.example.org/v1#tiny")
    assert err == "Your question will be sent to models.example.org.\n"
    _, _, err = run("What is a panic attack?", "--model", LOCAL)
    assert err == ""
