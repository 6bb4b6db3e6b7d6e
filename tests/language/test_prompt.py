"""Prompts are files with an id, a version and a hash; what is filled in cannot change them."""

from pathlib import Path

import pytest

from holdfast.content import sha256_hex
from holdfast.errors import ContentError
from holdfast.language.prompt import PROMPTS, load_draft_prompt

FILE = PROMPTS / "education-draft.yaml"


def test_the_packaged_prompt_carries_its_id_version_and_the_hash_of_its_file() -> None:
    loaded = load_draft_prompt()
    assert (loaded.value.id, loaded.value.version) == ("education-draft", 1)
    assert loaded.sha256 == sha256_hex(FILE.read_bytes())


def test_filling_in_is_plain_substitution_in_one_pass() -> None:
    filled = load_draft_prompt().value.fill(passages="[a#b] $question {x}", question="$passages ${passages} 100%")
    assert "[a#b] $question {x}" in filled
    assert "<question>\n$passages ${passages} 100%\n</question>" in filled


def test_every_line_of_the_instructions_is_private() -> None:
    prompt = load_draft_prompt().value
    assert "They are all you know." in " ".join(prompt.private_lines())
    assert all(line in prompt.system for line in prompt.private_lines())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("$question\n", "the question\n", r"user must have the places \$passages and \$question"),
        ("Passages:\n", "Passages for $name:\n", r"user must have the places \$passages and \$question"),
        ("overlap: 0.8", "overlap: 1.8", "support.overlap: Input should be less than or equal to 1"),
        ("min_sentences: 2", "min_sentences: 0", "support.min_sentences"),
        ("system: |", "sistem: |", "system: Field required"),
    ],
)
def test_a_prompt_that_does_not_hold_together_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "prompt.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=message):
        load_draft_prompt(path)
