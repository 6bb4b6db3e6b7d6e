"""Claims about the protocol's texts: none is missing, each asks, names people to reach and abandons nobody."""

from itertools import product
from pathlib import Path

import pytest
import yaml

from holdfast.content import load_yaml
from holdfast.errors import ContentError
from holdfast.safety.crisis.protocol import CrisisProtocol, Slots, load_protocol
from holdfast.safety.crisis.template import Template, fill
from holdfast.safety.detection.verdict import Category, Level, Subject

LOADED = load_protocol()
PROTOCOL = LOADED.value
REGION = Slots(emergency="<emergency>", helplines="<helplines>")
EVERY = list(product([*Category, None], [Level.CONCERN, Level.CRISIS], list(Subject)))


@pytest.mark.parametrize(("category", "level", "subject"), EVERY)
def test_every_signal_of_risk_has_a_text_with_people_to_reach(
    category: Category | None, level: Level, subject: Subject
) -> None:
    text = PROTOCOL.render(PROTOCOL.template(category, level, subject), REGION)
    assert "<helplines>" in text
    assert "<emergency>" in text
    assert "{" not in text


@pytest.mark.parametrize("category", list(Category))
def test_the_person_is_asked_directly_and_told_the_channel_stays_open(category: Category) -> None:
    for level in (Level.CONCERN, Level.CRISIS):
        text = PROTOCOL.render(PROTOCOL.template(category, level, Subject.SELF), REGION)
        assert "?" in text or category is Category.MEDICAL_EMERGENCY
        assert "You can keep writing here" in text


def test_suicide_is_named_plainly_and_distance_is_asked_for() -> None:
    text = PROTOCOL.render(PROTOCOL.template(Category.SUICIDE, Level.CRISIS, Subject.SELF), REGION)
    assert "Are you thinking about killing yourself right now" in text
    assert "put distance between you and it" in text
    assert "do not stay alone" in text


def test_abuse_texts_speak_of_the_device_being_watched() -> None:
    for level, subject in product((Level.CONCERN, Level.CRISIS), (Subject.SELF, Subject.OTHER)):
        text = PROTOCOL.render(PROTOCOL.template(Category.ABUSE_OR_NEGLECT, level, subject), REGION)
        assert "private browsing window" in text


@pytest.mark.parametrize("level", [Level.CONCERN, Level.CRISIS])
def test_several_follow_ups_wait_so_that_no_one_hears_one_sentence_for_ever(level: Level) -> None:
    assert len(PROTOCOL.follow_ups_for(level, Subject.SELF)) >= 4
    assert len(PROTOCOL.follow_ups_for(level, Subject.OTHER)) >= 3


def test_no_text_shouts_or_shuts_the_door() -> None:
    for template in PROTOCOL.all_templates():
        text = template.text.lower()
        assert "!" not in text
        assert not any(phrase in text for phrase in ("i cannot talk about", "i can't talk about", "this chat will end"))


def test_nobody_has_signed_yet_and_the_file_says_so() -> None:
    assert PROTOCOL.signatures == ()
    assert PROTOCOL.status == "not yet signed by a clinician or a person with lived experience"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        (("templates", "suicide", "crisis", "self"), "templates.suicide.crisis.self is missing"),
        (("notices", "general", "other"), "notices.general.other is missing"),
        (("follow_ups", "crisis", "other"), "follow_ups.crisis.other is missing"),
        (("passages", "reach"), "Template slots must be known, got \\['reach'\\]"),
    ],
)
def test_a_gap_in_the_protocol_is_refused_at_load(tmp_path: Path, path: tuple[str, ...], problem: str) -> None:
    data = yaml.safe_load(LOADED.path.read_text(encoding="utf-8"))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    broken = tmp_path / "protocol.yaml"
    broken.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ContentError, match=problem):
        load_yaml(broken, CrisisProtocol)


def test_passages_within_passages_are_filled_and_circles_are_refused() -> None:
    assert fill("{a}", {"a": "one {b}", "b": "two"}) == "one two"
    with pytest.raises(ContentError, match="must not contain one another"):
        fill("{a}", {"a": "{b}", "b": "{a}"})


def test_template_ids_are_plain() -> None:
    with pytest.raises(ValueError, match="id"):
        Template(id="Not Plain", text="x")
