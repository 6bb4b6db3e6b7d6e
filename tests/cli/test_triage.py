"""Claims about ``holdfast triage``."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from holdfast.cli.main import main
from holdfast.cli.triage import triage
from holdfast.cli.triage_lines import BUILT_IN, Batch, batches, chosen_detector, judge_batch
from holdfast.errors import UnknownNameError
from holdfast.safety.detection import Category, Detection, Evidence, LayeredDetector, Level, default_detector
from holdfast.safety.detection.default import SemanticLayer
from holdfast.safety.utterances import Split, load_utterances
from holdfast.turn import Role, Turn

SECRET = "zebra-lampshade"


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(triage, args, input=stdin, catch_exceptions=False)


def write(path: Path, *rows: dict[str, Any] | str) -> str:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_one_text_is_answered_in_plain_words() -> None:
    result = run("I want to die")
    assert result.exit_code == 0
    assert result.output.startswith("Level: crisis\nKinds: suicide\nAbout: self, present\n")
    assert "not a diagnosis" in result.output


def test_one_text_as_json_carries_level_categories_evidence_subject_and_tense() -> None:
    verdict = json.loads(run("my friend says she wants to die", "--json").output)
    assert verdict["level"] == "crisis"
    assert verdict["categories"] == ["suicide"]
    assert (verdict["subject"], verdict["tense"]) == ("other", "present")
    assert set(verdict["evidence"][0]) == {"turn", "start", "end", "category", "level", "rule"}


def test_a_file_of_texts_and_conversations_is_judged_line_by_line(tmp_path: Path) -> None:
    asked = [{"role": "assistant", "text": "Are you thinking of suicide?"}, {"role": "user", "text": "yeah sometimes"}]
    source = write(tmp_path / "in.jsonl", {"id": 1, "text": "hello"}, {"id": "b", "turns": asked}, "")
    out = tmp_path / "out.jsonl"
    assert run("--jsonl", source, "--out", str(out)).exit_code == 0
    first, second = read(out)
    assert first == {
        "id": 1,
        "level": "none",
        "categories": [],
        "evidence": [],
        "subject": "unknown",
        "tense": "unknown",
    }
    assert (second["id"], second["level"], second["evidence"][0]["turn"]) == ("b", "crisis", 1)


@pytest.mark.parametrize(
    ("bad", "identity"),
    [
        (f"{{{SECRET}", None),
        ("[1, 2]", None),
        ("[" * 100_000, None),
        (json.dumps({"id": "x"}), "x"),
        (json.dumps({"text": SECRET}), None),
        (json.dumps({"id": True, "text": SECRET}), None),
        (json.dumps({"id": "x", "text": 7}), "x"),
        (json.dumps({"id": "x", "text": SECRET, "turns": []}), "x"),
        (json.dumps({"id": "x", "turns": SECRET}), "x"),
        (json.dumps({"id": "x", "turns": [{"role": "king", "text": SECRET}]}), "x"),
        (json.dumps({"id": "x", "turns": [{"role": "user"}]}), "x"),
    ],
)
def test_a_bad_line_is_an_error_of_its_own_and_quotes_nothing(tmp_path: Path, bad: str, identity: str | None) -> None:
    good = {"id": "good", "text": "I want to die"}
    source, out = write(tmp_path / "in.jsonl", bad, good), tmp_path / "out.jsonl"
    result = run("--jsonl", source, "--out", str(out))
    assert result.exit_code == 1
    assert "2 lines read, 1 could not be used" in result.stderr
    first, second = read(out)
    assert (first["id"], first["line"]) == (identity, 1)
    assert first["error"]
    assert "level" not in first
    assert second["level"] == "crisis"
    assert SECRET not in out.read_text() + result.output


def test_a_line_beyond_the_limit_is_an_error_and_the_next_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("holdfast.cli.triage.MAX_LINE", 60)
    source = write(tmp_path / "in.jsonl", {"id": 1, "text": "a" * 500}, {"id": 2, "text": "I want to die"})
    out = tmp_path / "out.jsonl"
    assert run("--jsonl", source, "--out", str(out)).exit_code == 1
    assert [row.get("level") for row in read(out)] == [None, "crisis"]


def test_dashes_stand_for_standard_input_and_output() -> None:
    result = run("--jsonl", "-", "--out", "-", stdin='{"id": 1, "text": "caf\u00e9 \u2014 i want to die"}\n')
    assert json.loads(result.stdout)["level"] == "crisis"


def test_an_empty_file_yields_an_empty_file(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run("--jsonl", write(tmp_path / "in.jsonl", ""), "--out", str(out)).exit_code == 0
    assert out.read_text() == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "Input must be one TEXT or --jsonl FILE, got both or neither"),
        (["hello", "--jsonl", "x"], "Input must be one TEXT or --jsonl FILE, got both or neither"),
        (["--jsonl", "no/such/file"], "Input must be a readable file, got 'no/such/file'"),
    ],
)
def test_unusable_input_exits_2_and_says_what_is_needed(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["triage", *args])
    assert message in capsys.readouterr().err


def test_an_unwritable_place_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "in.jsonl", {"id": 1, "text": "hello"})
    with pytest.raises(SystemExit, match="2"):
        main(["triage", "--jsonl", source, "--out", str(tmp_path / "no" / "out.jsonl")])
    assert "Output must be in a writable folder" in capsys.readouterr().err


def test_the_input_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "in.jsonl", {"id": 1, "text": "hello"})
    with pytest.raises(SystemExit, match="2"):
        main(["triage", "--jsonl", source, "--out", source])
    assert "Output must be another file than the input" in capsys.readouterr().err
    assert read(tmp_path / "in.jsonl") == [{"id": 1, "text": "hello"}]


def test_an_interrupted_run_leaves_the_old_output_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "in.jsonl", {"id": 1, "text": "hello"})
    out = tmp_path / "out.jsonl"
    out.write_text("old")

    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("holdfast.cli.triage.judge_all", interrupt)
    with pytest.raises(click.Abort):
        triage.main(["--jsonl", source, "--out", str(out)], standalone_mode=False)
    assert out.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["in.jsonl", "out.jsonl"]


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Return every fortieth held-out utterance as a line: messages, windows and all languages."""
    some = load_utterances().of(Split.TEST)[::40]
    turns = [[{"role": turn.role.value, "text": turn.text} for turn in one.turns] for one in some]
    return [json.dumps({"id": one.id, "turns": said}) for one, said in zip(some, turns, strict=True)]


def one_by_one(lines: list[str]) -> list[dict[str, Any]]:
    detector = default_detector()
    return [json.loads(judge_batch(detector, Batch(1, (line,))).lines[0]) for line in lines]


def test_a_file_gets_the_verdicts_its_lines_get_one_by_one(tmp_path: Path, lines: list[str]) -> None:
    source, out = write(tmp_path / "in.jsonl", *lines), tmp_path / "out.jsonl"
    assert run("--jsonl", source, "--out", str(out)).exit_code == 0
    assert len(lines) > 100
    assert read(out) == one_by_one(lines)


def test_two_processes_write_what_one_writes_in_the_same_order(tmp_path: Path, lines: list[str]) -> None:
    source = write(tmp_path / "in.jsonl", *(lines * 5), "{")
    for workers in ("1", "2"):
        assert run("--jsonl", source, "--out", str(tmp_path / workers), "--workers", workers).exit_code == 1
    assert (tmp_path / "2").read_bytes() == (tmp_path / "1").read_bytes()


def test_batches_keep_order_and_hold_fewer_where_lines_are_long() -> None:
    some: list[str | None] = ["a" * 600_000, "b" * 600_000, None, "c", "d", "e"]
    cut = list(batches(some, size=3))
    assert [batch.first for batch in cut] == [1, 3, 6]
    assert [line for batch in cut for line in batch.lines] == some


def test_the_end_says_how_many_of_each_level_and_how_each_layer_fared(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", {"id": 1, "text": "I want to die"}, {"id": 2, "text": "hello"})
    said = run("--jsonl", source, "--out", str(tmp_path / "out.jsonl")).stderr
    assert "2 lines: 1 crisis, 0 concern, 0 notice, 1 none. Layers: " in said
    assert "rules ok" in said


class BreaksOn:
    """A layer that reads many at once, and breaks on one text."""

    def detect(self, turns: tuple[Turn, ...]) -> Detection:
        if turns[0].text == SECRET:
            raise ValueError(SECRET)
        return Detection(level=Level.NONE)

    def detect_many(self, conversations: list[tuple[Turn, ...]]) -> list[Detection]:
        return [self.detect(turns) for turns in conversations]


def test_a_layer_that_breaks_on_one_line_of_a_batch_degrades_that_line_alone_and_it_counts_as_risk() -> None:
    detector = LayeredDetector({"rules": BreaksOn()})
    said = judge_batch(detector, Batch(1, tuple(json.dumps({"id": n, "text": t}) for n, t in enumerate(["a", SECRET]))))
    assert [json.loads(line)["level"] for line in said.lines] == ["none", "concern"]
    assert said.layers == {("rules", "ok"): 1, ("rules", "failed"): 1}
    assert SECRET not in "".join(said.lines)


class AnswersTooFew(BreaksOn):
    """A layer that forgets a conversation when it reads many."""

    def detect_many(self, conversations: list[tuple[Turn, ...]]) -> list[Detection]:
        return super().detect_many(conversations)[1:]


def test_a_layer_that_answers_too_few_is_asked_one_by_one() -> None:
    found = LayeredDetector({"rules": AnswersTooFew()}).detect_many([[Turn(Role.PERSON, t)] for t in ("a", "b")])
    assert [detection.layers[0].status.value for detection in found] == ["ok", "ok"]


class Hears:
    """A layer that hears words of concern in every turn."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        piece = Evidence(
            turn=0, start=0, end=1, category=Category.SUICIDE, level=Level.CONCERN, rule="r", by_words=True
        )
        return Detection(level=Level.CONCERN, evidence=(piece,))


class Reassures:
    """A layer that finds the first turn clearly harmless."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        return Detection(level=Level.NONE, harmless=(0,))


def test_a_line_says_which_layers_concern_another_outweighed() -> None:
    batch = Batch(1, (json.dumps({"id": 1, "text": "a"}),))
    held = json.loads(judge_batch(LayeredDetector({"rules": Hears(), "semantic": Reassures()}), batch).lines[0])
    assert (held["level"], held["outweighed"]) == ("notice", ["rules"])
    plain = json.loads(judge_batch(LayeredDetector({"rules": Hears()}), batch).lines[0])
    assert plain["level"] == "concern"
    assert "outweighed" not in plain


class Asks:
    """A layer that abstains, and so asks."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        return Detection(level=Level.CONCERN, categories=(Category.SUICIDE,), is_unsure=True)


def test_a_line_names_the_layers_that_are_off_and_those_that_were_not_sure() -> None:
    batch = Batch(1, (json.dumps({"id": 1, "text": "a"}),))
    judged = judge_batch(LayeredDetector({"rules": Hears(), "learned": Asks()}, off=("semantic",)), batch)
    line = json.loads(judged.lines[0])
    assert (line["off"], line["unsure"]) == (["semantic"], ["learned"])
    assert "layers" not in line, "nothing failed"
    plain = json.loads(judge_batch(LayeredDetector({"rules": Hears()}), batch).lines[0])
    assert not {"off", "unsure"} & set(plain)


def test_words_of_a_verdict_say_which_layers_were_not_sure_and_which_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = LayeredDetector({"rules": Hears(), "learned": Asks()}, off=("semantic",))
    monkeypatch.setattr("holdfast.cli.triage.chosen_detector", lambda _: detector)
    shown = run("a").output.splitlines()
    assert "Not sure either way, so a question to ask: learned." in shown
    assert "Off here, switched off or not installed: semantic." in shown
    assert not any("did not work" in line for line in shown)


def test_no_layer_at_all_counts_as_risk_in_a_batch_too() -> None:
    assert [found.level for found in LayeredDetector({}).detect_many([[], []])] == [Level.CONCERN] * 2


def test_without_a_number_there_are_as_many_processes_as_the_file_and_the_processors_warrant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def judged(*args: object, workers: int, **options: object) -> list[object]:
        asked.append(workers)
        return []

    monkeypatch.setattr("holdfast.cli.triage.judge_all", judged)
    monkeypatch.setattr("holdfast.cli.triage._BYTES_A_WORKER", 1_000)
    source, out = tmp_path / "in.jsonl", str(tmp_path / "out.jsonl")
    for processors in (1, 2, 64):
        monkeypatch.setattr("holdfast.cli.triage.usable_processors", lambda processors=processors: processors)
        for size in (0, 1_900, 3_100, 90_000):
            source.write_text("\n" * size)
            run("--jsonl", str(source), "--out", out)
    run("--jsonl", str(source), "--out", out, "--workers", "3")
    run("--jsonl", "-", "--out", out, stdin="\n" * 90_000)
    assert asked == [1, 1, 1, 1, 1, 1, 2, 2, 1, 1, 3, 8, 3, 1]


def test_the_layers_every_installation_has_are_those_of_the_detector_without_the_semantic_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert set(default_detector(semantic=SemanticLayer.OFF).names) == BUILT_IN
    read: list[SemanticLayer] = []

    def reading(*, semantic: SemanticLayer = SemanticLayer.AUTO) -> LayeredDetector:
        read.append(semantic)
        return default_detector(semantic=SemanticLayer.OFF)

    monkeypatch.setattr("holdfast.cli.triage_lines.default_detector", reading)
    assert chosen_detector(()).names == chosen_detector(("rules", "learned")).names
    assert chosen_detector(["learned"]).names == ("learned",)
    with pytest.raises(UnknownNameError, match="Layer must be a known id, got 'guess'"):
        chosen_detector(["rules", "guess"])
    assert read == [SemanticLayer.AUTO, SemanticLayer.OFF, SemanticLayer.OFF, SemanticLayer.AUTO]


def test_a_layer_that_is_none_is_refused_before_a_file_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = write(tmp_path / "in.jsonl", {"id": 1, "text": "hello"}), tmp_path / "out.jsonl"
    with pytest.raises(SystemExit, match="2"):
        main(["triage", "--jsonl", source, "--out", str(out), "--layers", "rules,guess"])
    assert "Layer must be a known id, got 'guess'" in capsys.readouterr().err
    assert not out.exists()
