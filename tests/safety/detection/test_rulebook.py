"""Claims about the rule files."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.errors import ContentError
from holdfast.safety.detection import Category, artefacts, default, default_detector
from holdfast.safety.detection import rulebook as module
from holdfast.safety.detection.default import SemanticLayer
from holdfast.safety.detection.matching import TemplateIndex
from holdfast.safety.detection.rulebook import Pattern, Rule, RuleFile, load_rulebook
from holdfast.safety.detection.template import TemplateParser

FOLDER = Path(module.__file__).parent / "rules"
BY_CATEGORY = {category.value: FOLDER / f"{category.value}.yaml" for category in Category}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "rules"))


@pytest.mark.parametrize("category", sorted(BY_CATEGORY))
def test_every_category_has_its_own_file(category: str) -> None:
    file = module.load_yaml(BY_CATEGORY[category], RuleFile).value
    assert file.category == category
    assert file.rules


def test_artefacts_are_the_hashes_of_every_rule_file() -> None:
    expected = {
        f"detection/{path.relative_to(FOLDER).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.rglob("*.yaml")
    }
    named = artefacts(SemanticLayer.OFF)
    assert len(named.pop("detection-learned")) == 64
    assert named == expected


def test_a_missing_file_is_refused_by_name(copy: Path) -> None:
    (copy / "context.yaml").unlink()
    with pytest.raises(ContentError, match=r"context\.yaml must be a readable file"):
        load_rulebook(copy)


def test_a_rule_with_an_unknown_key_is_refused(copy: Path) -> None:
    path = copy / "suicide.yaml"
    path.write_text(path.read_text().replace("    level: crisis", "    levle: crisis", 1))
    with pytest.raises(ContentError, match=r"suicide\.yaml does not fit RuleFile: .*level"):
        load_rulebook(copy)


def test_two_rules_with_one_id_are_refused(copy: Path) -> None:
    path = copy / "suicide.yaml"
    path.write_text(path.read_text().replace("id: sui-want-die", "id: sui-act", 1))
    with pytest.raises(ContentError, match="Rule ids must differ, got 'sui-act' twice"):
        load_rulebook(copy)


def test_an_unknown_cue_is_refused(copy: Path) -> None:
    path = copy / "context.yaml"
    path.write_text(path.read_text().replace("  laugh: |", "  laughs: |", 1))
    with pytest.raises(ContentError, match="Cue must be one of"):
        load_rulebook(copy)


def test_every_template_of_english_compiles() -> None:
    load_rulebook().ready()


@pytest.mark.parametrize("people_wait", [True, False])
def test_rules_are_compiled_before_the_first_message_only_where_people_wait(
    monkeypatch: pytest.MonkeyPatch, people_wait: bool
) -> None:
    template = TemplateParser({}, ()).compile("i want (to rest|sleep) & home & !game")
    rule = Rule(id="x", level="notice", kind="explicit", theme="x", patterns=())
    book = replace(load_rulebook(), rules=TemplateIndex([(template, Pattern(rule, template.words))]))
    monkeypatch.setattr(default, "_rulebook", lambda: book)
    default_detector(semantic=SemanticLayer.OFF, interrupt=people_wait)
    assert ({"regex", "beside", "absent"} <= vars(template).keys()) is people_wait
