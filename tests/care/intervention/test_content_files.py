"""Claims about loading: a file with any flaw is refused with a word on what to mend."""

import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from holdfast.care.intervention.catalogue import Catalogue, exercises
from holdfast.care.intervention.exercise import Exercise
from holdfast.errors import ContentError, UnknownNameError

SOUND: dict[str, Any] = {
    "id": "small",
    "title": "Small",
    "version": "1.0",
    "language": "en",
    "summary": "A small exercise.",
    "minutes": 2,
    "review": "not yet reviewed by a clinician or a person with lived experience",
    "evidence_note": "None: made for tests.",
    "evidence": [{"authors": "A", "title": "T", "publisher": "P", "year": 2000}],
    "contraindications": [{"when": "You are in danger.", "instead": "Open Help now.", "offer": "help_now"}],
    "stop_rules": [
        {"id": "rose", "rise": {"before": "first", "after": "last", "by": 1}, "text": "Stop.", "offers": ["help_now"]}
    ],
    "start": "first",
    "steps": [
        {
            "id": "first",
            "label": "First",
            "prompt": "How much?",
            "input": {"type": "number", "low": 0, "high": 10, "low_label": "none", "high_label": "most"},
            "next": [{"when": {"step": "first", "below": 5}, "go": "words"}, {"go": "last"}],
        },
        {
            "id": "words",
            "label": "Words",
            "prompt": "Why?",
            "input": {"type": "text"},
            "skippable": True,
            "next": "last",
        },
        {
            "id": "last",
            "label": "Last",
            "prompt": "How much now?",
            "input": {"type": "number", "low": 0, "high": 10, "low_label": "none", "high_label": "most"},
            "next": "end",
        },
    ],
    "ending": {
        "opening": "Done.",
        "sections": [{"title": "Words", "steps": ["words"]}],
        "comparisons": [
            {"label": "Much", "before": "first", "after": "last", "lower": "Down.", "same": "Same.", "higher": "Up."}
        ],
        "closing": "Bye.",
    },
}


def load(folder: Path, raw: dict[str, Any]) -> Exercise:
    (folder / "small.yaml").write_text(yaml.safe_dump(raw), "utf-8")
    return exercises(folder).get("small")


def test_the_file_that_the_flawed_ones_are_made_from_is_sound(tmp_path: Path) -> None:
    assert load(tmp_path, SOUND).start == "first"


def sometimes_options(raw: dict[str, Any]) -> None:
    """As ``own_options``, but the text is needed where it is asked, and not always asked."""
    own_options(raw)
    step(raw, 1, skippable=False)


def step(raw: dict[str, Any], place: int, **changes: Any) -> None:
    raw["steps"][place].update(changes)


def own_options(raw: dict[str, Any]) -> None:
    step(raw, 2, input={"type": "choice", "options_from": ["words"]})
    raw["stop_rules"] = [{"id": "low", "when": {"step": "first", "below": 1}, "text": "Stop.", "offers": ["help_now"]}]
    raw["ending"]["comparisons"] = []
    raw["ending"]["sections"][0]["steps"] = ["first", "words", "last"]


FLAWS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "an unknown key": (lambda r: r.update(extra=1), "extra: Extra inputs are not permitted"),
    "no title": (lambda r: r.pop("title"), "title: Field required"),
    "an empty prompt": (lambda r: step(r, 0, prompt="  "), "prompt: String should have at least 1 character"),
    "no source": (lambda r: r.update(evidence=[]), "evidence: Tuple should have at least 1 item"),
    "no contraindication": (lambda r: r.update(contraindications=[]), "contraindications: Tuple should have"),
    "no way to help": (lambda r: r["contraindications"][0].pop("offer"), "must say when to go to help_now"),
    "no stop rule": (lambda r: r.update(stop_rules=[]), "stop_rules: Tuple should have at least 1 item"),
    "a stop rule that offers nothing": (lambda r: r["stop_rules"][0].update(offers=[]), "offers: Tuple should have"),
    "a stop rule with no test": (lambda r: r["stop_rules"][0].pop("rise"), "either rise or when"),
    "a stop rule named person": (lambda r: r["stop_rules"][0].update(id="person"), "id must not be 'person'"),
    "a stop rule over words": (
        lambda r: r["stop_rules"][0]["rise"].update(before="words"),
        "must compare two number steps with one range",
    ),
    "a stop rule back in time": (
        lambda r: r["stop_rules"][0].update(rise={"before": "last", "after": "first", "by": 1}),
        "compares 'last' with 'first', which does not come later",
    ),
    "two stop rules alike": (lambda r: r["stop_rules"].append(r["stop_rules"][0]), "stop rules must have distinct ids"),
    "an unknown start": (lambda r: r.update(start="nope"), "start must be a step's id, got 'nope'"),
    "two steps alike": (lambda r: r["steps"].append(r["steps"][0]), "step ids must be distinct"),
    "a step called end": (lambda r: step(r, 1, id="end"), "step ids must be distinct and none of them 'end'"),
    "a lead to nowhere": (lambda r: step(r, 1, next="nope"), "step 'words' leads to 'nope', which is not a step"),
    "a dead end": (lambda r: r["steps"][2].pop("next"), r"steps\.2\.next: Field required"),
    "a step out of reach": (lambda r: step(r, 0, next="last"), "step 'words' cannot be reached"),
    "a loop": (lambda r: step(r, 1, next="first"), "step 'words' leads back to itself"),
    "a step that never ends": (lambda r: step(r, 2, next="first"), "step 'last' never leads to the end"),
    "branches with no last resort": (
        lambda r: step(r, 0, next=[{"when": {"step": "first", "below": 5}, "go": "words"}]),
        "one branch without a condition, and it must be the last",
    ),
    "a branch that hides others": (
        lambda r: step(r, 0, next=[{"go": "words"}, {"go": "last"}]),
        "one branch without a condition, and it must be the last",
    ),
    "no branches": (lambda r: step(r, 0, next=[]), "should have at least 1 item"),
    "a condition on nothing": (
        lambda r: r["steps"][0]["next"][0]["when"].update(step="nope"),
        "reads 'nope', which is not a step",
    ),
    "a condition on the future": (
        lambda r: r["steps"][0]["next"][0].update(when={"step": "last", "below": 5}),
        "reads 'last', which only comes later",
    ),
    "a condition of another type": (
        lambda r: r["steps"][0]["next"][0].update(when={"step": "first", "equals": "yes"}),
        r"does not fit the input of 'first' \(type number\)",
    ),
    "a condition that always holds": (
        lambda r: r["steps"][0]["next"][0].update(when={"step": "first", "at_least": 0}),
        r"does not fit the input of 'first' \(type number\)",
    ),
    "a condition on a skip that cannot be": (
        lambda r: r["steps"][0]["next"][0].update(when={"step": "first", "skipped": True}),
        "does not fit the input of 'first'",
    ),
    "two tests in one condition": (
        lambda r: r["steps"][0]["next"][0]["when"].update(at_least=3),
        "exactly one of below, at_least, equals, includes, skipped",
    ),
    "an unknown input": (lambda r: step(r, 1, input={"type": "drawing"}), "does not match any of the expected tags"),
    "a range upside down": (lambda r: r["steps"][0]["input"].update(low=10), "low must be under high=10"),
    "a choice of nothing": (lambda r: step(r, 1, input={"type": "choice"}), "either options or options_from"),
    "options that may be skipped": (own_options, "step 'last' could be left without options"),
    "options that may not be asked for": (sometimes_options, "step 'last' could be left without options"),
    "an entry left out of the ending": (
        lambda r: r["ending"].update(sections=[{"title": "None", "steps": ["first"]}]),
        "must show every entry, and leaves out words",
    ),
    "an ending over no step": (
        lambda r: r["ending"]["sections"][0]["steps"].append("nope"),
        "the ending shows nope, which is not a step",
    ),
    "a version that is no version": (lambda r: r.update(version="new"), "version: String should match pattern"),
}


@pytest.mark.parametrize(("damage", "problem"), FLAWS.values(), ids=FLAWS.keys())
def test_a_flawed_file_is_refused_with_what_is_wrong(
    tmp_path: Path, damage: Callable[[dict[str, Any]], Any], problem: str
) -> None:
    raw = copy.deepcopy(SOUND)
    damage(raw)
    with pytest.raises(ContentError, match=problem) as caught:
        load(tmp_path, raw)
    assert str(caught.value).startswith("small.yaml")


def test_a_file_that_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text("id: small\nsteps: [", "utf-8")
    with pytest.raises(ContentError, match=r"small\.yaml must be valid YAML; it breaks at line"):
        exercises(tmp_path)


@pytest.mark.parametrize("content", ["", "- a list", "just words"])
def test_a_file_that_holds_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "small.yaml").write_text(content, "utf-8")
    with pytest.raises(ContentError, match=r"small\.yaml does not fit Exercise"):
        exercises(tmp_path)


def test_a_file_cut_short_is_refused(tmp_path: Path, catalogue: Catalogue) -> None:
    whole = catalogue.loaded["thought-record"].path.read_text("utf-8")
    (tmp_path / "thought-record.yaml").write_text(whole[: len(whole) // 2], "utf-8")
    with pytest.raises(ContentError, match=r"thought-record\.yaml"):
        exercises(tmp_path)


def test_a_file_must_be_named_after_its_id(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(SOUND), "utf-8")
    with pytest.raises(ContentError, match=r"other\.yaml must be named after its id, got 'small'"):
        exercises(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="must hold at least one"):
        exercises(tmp_path)


def test_the_catalogue_lists_exercises_by_id_with_the_hash_of_their_bytes(catalogue: Catalogue) -> None:
    ids = ["activity-plan", "grounding-and-breathing", "safety-plan", "thought-record"]
    assert [one.id for one in catalogue] == ids
    for one in catalogue:
        raw = catalogue.loaded[one.id].path.read_bytes()
        assert catalogue.sha256(one.id) == hashlib.sha256(raw).hexdigest()


def test_an_unknown_exercise_suggests_the_closest(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownNameError, match="got 'thought-recrod'; did you mean thought-record"):
        catalogue.get("thought-recrod")
