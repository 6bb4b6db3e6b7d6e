"""Claims about ``holdfast safety report``."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from holdfast.cli.main import cli, main

SECRET = "zebra-lampshade"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["safety", "report", *args], catch_exceptions=False)


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    rows: list[dict[str, Any]] = [
        {"id": "a", "text": "I want to die", "risk": True, "site": "x"},
        {"id": "b", "text": f"we had a {SECRET} for dinner", "risk": True, "site": "y"},
        {"id": "c", "text": "this exam is killing me", "risk": False, "site": "y"},
    ]
    path = tmp_path / "labelled.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return str(path)


def test_a_labelled_file_of_others_is_judged_and_grouped_by_its_columns(labelled: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("--labelled", labelled, "--no-swaps", "--out", str(out))
    assert result.exit_code == 0
    assert "labelled.jsonl, all lines: 3 cases." in result.output
    said = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert said["layers"]["together"]["recall"]["value"] == 0.5
    assert [one["id"] for one in said["wrong"]["missed"]] == ["b"]
    sites = {one["group"]: one["recall"].get("value") for one in said["groups"] if one["dimension"] == "site"}
    assert sites == {"x": 1.0, "y": 0.0}
    assert said["layers"]["together"]["crisis_recall"] == {"outcome": "unscored", "reason": "no cases"}
    assert SECRET not in (out / "report.html").read_text(encoding="utf-8") + (out / "report.json").read_text()


def test_words_are_in_the_files_only_when_asked_and_never_on_the_screen(labelled: str, tmp_path: Path) -> None:
    result = run("--labelled", labelled, "--no-swaps", "--with-text", "--out", str(tmp_path))
    assert SECRET in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert SECRET not in result.output


def test_layers_can_be_judged_alone_and_comments_beside_them(labelled: str, tmp_path: Path) -> None:
    comments = tmp_path / "comments.jsonl"
    comments.write_text('{"text": "nice weather"}\n{"text": "I want to die"}\n', encoding="utf-8")
    result = run("--labelled", labelled, "--no-swaps", "--layers", "rules", "--comments", str(comments))
    assert "2 everyday messages: in 1,000, crisis 500.0" in result.output
    assert "rules " in result.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--layers", "nothing"], "Layer must be a known id, got 'nothing'"),
        (["--labelled", "no/such.jsonl"], "Labelled file must be readable"),
        (["--with-text"], "--with-text must come with --out"),
    ],
)
def test_unusable_input_exits_2_and_says_what_is_needed(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["safety", "report", *args])
    assert message in capsys.readouterr().err


def test_an_interrupted_run_writes_nothing(labelled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("holdfast.cli.safety_report._judge", interrupt)
    result = run("--labelled", labelled, "--out", str(tmp_path / "out"))
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert not (tmp_path / "out").exists()
