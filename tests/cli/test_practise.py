"""Claims about ``holdfast practise``: by hand, from a file, and with the crisis protocol listening."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from holdfast.care.intervention.catalogue import exercises
from holdfast.cli.main import main
from holdfast.cli.practise import SAFETY_LEAD, practise
from holdfast.errors import HoldfastError, InputError, SettingsError, UnknownNameError

LEAD = "Are you safe right now? You can reach people."
THOUGHT = ["The meeting", "sad", 70, "I failed", 80, None, "She smiled", "One meeting", 60, 40, 30, None]


def lead(text: str) -> str | None:
    return LEAD if "RISK" in text else None


def invoke(*args: str, typed: str | None = None, wired: bool = True) -> Result:
    """Run the command inside a group that hands it the crisis protocol, as the ``holdfast`` command does."""

    @click.group()
    @click.pass_context
    def group(ctx: click.Context) -> None:
        if wired:
            ctx.meta[SAFETY_LEAD] = lead

    group.add_command(practise)
    return CliRunner().invoke(group, ["practise", *args], input=typed)


@pytest.fixture
def from_file(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Return a function that runs an exercise from inputs and returns the JSON printed."""

    def _run(exercise_id: str, inputs: Any) -> dict[str, Any]:
        result = invoke(exercise_id, "--inputs", str(written(tmp_path, inputs)), "--json")
        if isinstance(result.exception, HoldfastError):
            raise result.exception
        assert result.exit_code == 0, result.output
        payload: dict[str, Any] = json.loads(result.output)
        return payload

    return _run


def written(folder: Path, inputs: Any) -> Path:
    path = folder / "inputs.json"
    path.write_text(json.dumps(inputs), "utf-8")
    return path


@pytest.mark.parametrize("args", [(), ("list",)])
def test_every_exercise_is_listed(args: tuple[str, ...]) -> None:
    result = invoke(*args)
    assert result.exit_code == 0
    assert all(one.id in result.output and one.title in result.output for one in exercises())


def test_the_list_as_json_carries_hashes() -> None:
    rows = json.loads(invoke("list", "--json").output)
    assert {row["id"]: row["sha256"] for row in rows} == {one.id: exercises().sha256(one.id) for one in exercises()}


def test_an_unknown_exercise_exits_2_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["practise", "groundng-and-breathing"])
    assert "did you mean grounding-and-breathing?" in capsys.readouterr().err


def test_a_list_of_inputs_runs_an_exercise_to_its_end(from_file: Callable[..., dict[str, Any]]) -> None:
    payload = from_file("thought-record", THOUGHT)
    assert payload["done"] is True
    assert payload["stopped"] is None
    assert payload["next"] is None
    assert payload["sha256"] == exercises().sha256("thought-record")
    assert payload["entries"][0] == {"step": "situation", "label": "What happened", "value": "The meeting"}
    assert "70 before, 30 after" in payload["summary"]


def test_inputs_by_step_id_do_the_same(from_file: Callable[..., dict[str, Any]]) -> None:
    rows = from_file("thought-record", THOUGHT)["session"]["answers"]
    by_id = from_file("thought-record", {row["step"]: row["value"] for row in rows})
    assert by_id["session"]["answers"] == rows


def test_too_few_inputs_say_what_comes_next(from_file: Callable[..., dict[str, Any]]) -> None:
    payload = from_file("thought-record", THOUGHT[:2])
    assert payload["done"] is False
    assert payload["next"]["step"] == "feeling-strength"


def test_steps_that_only_ask_to_read_or_breathe_need_no_input(from_file: Callable[..., dict[str, Any]]) -> None:
    payload = from_file("grounding-and-breathing", [6, "breathing", "fine", 3, None, None])
    assert payload["done"] is True


def test_a_stop_rule_is_reported_with_its_words(from_file: Callable[..., dict[str, Any]]) -> None:
    payload = from_file("grounding-and-breathing", [4, "breathing", "fine", 8, "unused"])
    assert payload["stopped"] == "distress-rose"
    assert "Help now" in payload["stop_text"]


def test_risk_in_an_input_leads_and_ends_the_exercise(from_file: Callable[..., dict[str, Any]]) -> None:
    payload = from_file("thought-record", ["The meeting", "RISK", 70])
    assert payload["safety"] == LEAD
    assert payload["stopped"] == "safety"
    assert len(payload["entries"]) == 1


@pytest.mark.parametrize(
    ("inputs", "error", "problem"),
    [
        (["a", "b", 700], InputError, "Step 'feeling-strength': Answer must be a whole number from 0 to 100"),
        (["a", None], InputError, "Step 'feelings': Step must be one that can be skipped"),
        ([*THOUGHT, "more"], InputError, "got 1 left when the exercise was over"),
        ({"feelings": "sad"}, InputError, "got 1 left when step 'situation' had no input"),
        ({"feeling": "sad"}, UnknownNameError, "Step must be a known id, got 'feeling'; did you mean feelings"),
        ("text", InputError, "Inputs must be a JSON list or object, got a str"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(
    from_file: Callable[..., dict[str, Any]], inputs: Any, error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem):
        from_file("thought-record", inputs)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_not_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "inputs.json"
    path.write_bytes(content)
    result = invoke("thought-record", "--inputs", str(path))
    assert isinstance(result.exception, InputError)
    assert "Inputs must be JSON" in str(result.exception)


def test_json_needs_inputs() -> None:
    result = invoke("thought-record", "--json")
    assert isinstance(result.exception, InputError)
    assert "--json must come with --inputs" in str(result.exception)


def test_without_safety_detection_no_exercise_runs() -> None:
    result = invoke("thought-record", typed="y\n", wired=False)
    assert isinstance(result.exception, SettingsError)
    assert "must run with safety detection" in str(result.exception)


def test_by_hand_the_cautions_come_before_the_first_step_and_sources_are_named() -> None:
    result = invoke("thought-record", typed="y\nThe *meeting*\nback\nskip\nThe *meeting*\nstop\n")
    assert result.exit_code == 0, result.output
    assert result.output.index("This may not be for you right now if") < result.output.index("Step 1 of")
    assert "Beck AT" in result.output
    assert "Sorry, that does not fit here." in result.output
    assert "You stopped before the end" in result.output
    assert "The *meeting*" in result.output
    assert "**" not in result.output


def test_by_hand_nothing_starts_without_a_yes() -> None:
    assert "Step 1" not in invoke("thought-record", typed="\n").output


def test_by_hand_risk_leads_and_ends_the_exercise() -> None:
    result = invoke("thought-record", typed="y\nRISK\nmore\n")
    assert LEAD in result.output
    assert "Step 2" not in result.output


def test_by_hand_closing_the_input_is_a_stop_and_shows_what_was_written() -> None:
    result = invoke("thought-record", typed="y\nThe meeting\n")
    assert result.exit_code == 0
    assert result.output.rstrip().endswith("The meeting")


def test_by_hand_a_stop_rule_says_how_to_reach_help_from_a_terminal() -> None:
    result = invoke("grounding-and-breathing", typed="y\n9\n2\n")
    assert "Please open Help now before anything else" in result.output
    assert result.output.count("call your local emergency number") == 2
