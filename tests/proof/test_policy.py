"""The policy cannot be watered down unnoticed, and its bounds are about suites and metrics that exist."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from holdfast.errors import ContentError
from holdfast.proof.ledger import load_ledger
from holdfast.proof.policy import POLICY, ReleasePolicy, load_policy
from holdfast.proof.suites.catalogue import suites_named


def rewritten(tmp_path: Path, **parts: Any) -> Path:
    data = yaml.safe_load(POLICY.read_text(encoding="utf-8")) | parts
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def test_every_bound_is_on_a_metric_of_the_suite_it_names(policy: ReleasePolicy) -> None:
    suites = suites_named("core")
    metrics = {(metric.id, suite.file): metric for suite in suites for metric in (*suite.metrics, *suite.gaps)}
    for bound in policy.bounds:
        metric = metrics[bound.metric, bound.suite_file]
        assert bound.direction == ("at_least" if metric.better == "higher" else "at_most")
        assert metric.unit == "share", "bounds are shares"


def test_every_signed_text_is_part_of_the_release(policy: ReleasePolicy, manifest: Any) -> None:
    assert [text.id for text in policy.signed_texts if manifest.text_sha256(text.paths) is None] == []


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"bounds": []}, "bounds"),
        ({"reviews": []}, "reviews"),
        ({"signed_texts": []}, "signed_texts"),
        ({"stages": []}, "stages"),
        ({"stages": [{"id": "design", "roles": ["clinician"]}]}, "lived_experience"),
        (
            {"signed_texts": [{"id": "all", "paths": ["*"], "roles": ["clinician"], "max_age_days": 9}]},
            "ethics_lead, lived_experience",
        ),
        ({"interval_level": 0.5}, "interval_level"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_policy_that_asks_for_too_little_is_refused(parts: dict[str, Any], problem: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=problem):
        load_policy(rewritten(tmp_path, **parts))


def test_a_bound_stands_once(policy: ReleasePolicy, tmp_path: Path) -> None:
    bounds = [bound.model_dump(mode="json") for bound in policy.bounds]
    with pytest.raises(ContentError, match="bounds must each be there once"):
        load_policy(rewritten(tmp_path, bounds=[*bounds, bounds[0]]))


def test_the_ledgers_ship_empty() -> None:
    ledger = load_ledger()
    assert (ledger.sign_offs, ledger.participation, ledger.reviews, ledger.studies) == ((), (), (), ())


def test_a_missing_ledger_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"sign-offs\.yaml"):
        load_ledger(tmp_path)


def test_a_ledger_entry_is_read_as_a_person_wrote_it(tmp_path: Path) -> None:
    for name in ("sign-offs", "participation", "reviews", "studies"):
        (tmp_path / f"{name}.yaml").write_text(f"id: {name}\nentries: []\n")
    (tmp_path / "sign-offs.yaml").write_text(
        "id: sign-offs\nentries:\n"
        f"  - text: crisis-protocol\n    sha256: '{'a' * 64}'\n"
        "    signer: {name: Made Up, role: clinician, kind: human}\n"
        "    at: 2027-01-31T10:00:00+00:00\n    statement: Read for a test.\n"
    )
    (entry,) = load_ledger(tmp_path).sign_offs
    assert (entry.text, entry.signer.name, entry.signer.is_human) == ("crisis-protocol", "Made Up", True)
