"""``holdfast release`` prints the gate's decision with every reason, and what people would sign."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from holdfast.cli.main import main
from holdfast.cli.release import release
from holdfast.proof.manifest import Manifest
from holdfast.proof.policy import load_policy
from holdfast.proof.tier import RESEARCH


def test_today_it_refuses_and_prints_every_reason() -> None:
    done = CliRunner().invoke(release, ["check"])
    assert done.exit_code == 1
    assert RESEARCH in done.output
    payload = json.loads(CliRunner().invoke(release, ["check", "--json"]).output)
    assert (payload["granted"], payload["tier"]) == (False, RESEARCH)
    assert len(payload["reasons"]) > 30
    assert all(f"  - {reason['words']}\n" in done.output for reason in payload["reasons"])
    for wanted in ("text crisis-protocol, clinician", "stage design, lived experience", "review reply-quality"):
        assert f"{wanted}: " in done.output


def test_a_folder_without_a_run_is_a_mistake_not_a_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["release", "check", "--evidence", str(tmp_path)])
    assert stopped.value.code == 2
    assert "Run folder must hold results.json" in capsys.readouterr().err


def test_evidence_of_another_release_is_named_as_such(tmp_path: Path) -> None:
    bound = load_policy().value.bounds[0]
    metric = {
        "metric": bound.metric,
        "measurement": {"outcome": "scored", "value": 1.0, "n": 500, "interval": [0.99, 1.0, 0.95]},
        "suite": "crisis",
        "suite_sha256": Manifest.of_package().artefacts[bound.suite_file],
    }
    results = {"started": "2026-11-22T09:00:00+00:00", "release_sha256": "0" * 64, "metrics": [metric]}
    (tmp_path / "results.json").write_text(json.dumps(results))
    payload = json.loads(CliRunner().invoke(release, ["check", "--json", "--evidence", str(tmp_path)]).output)
    defects = {reason["defect"] for reason in payload["reasons"] if reason["subject"] == bound.metric}
    assert "other_release" in defects
    assert "missing" not in defects


def test_an_unusable_model_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["release", "check", "--model", "nonsense"])
    assert stopped.value.code == 2
    assert "Model must be" in capsys.readouterr().err


def test_the_manifest_prints_what_people_sign_and_every_content_file() -> None:
    done = CliRunner().invoke(release, ["manifest"])
    assert done.exit_code == 0
    manifest = Manifest.of_package()
    assert f"{manifest.sha256}  release" in done.output
    for text in load_policy().value.signed_texts:
        assert f"{manifest.text_sha256(text.paths)}  {text.id}" in done.output
    for name, sha256 in manifest.artefacts.items():
        assert f"{sha256}  {name}" in done.output


def test_the_manifest_as_json_can_be_read_back() -> None:
    payload = json.loads(CliRunner().invoke(release, ["manifest", "--json"]).output)
    texts = payload.pop("texts")
    assert Manifest.from_dict(payload) == Manifest.of_package()
    assert set(texts) == {text.id for text in load_policy().value.signed_texts}
