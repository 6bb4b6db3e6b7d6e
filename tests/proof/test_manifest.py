"""A manifest names exactly one release: any byte of content or code makes another, and the ledgers do not."""

from pathlib import Path

import pytest

from holdfast.content import sha256_hex
from holdfast.errors import EvidenceError
from holdfast.proof.manifest import PACKAGE, Manifest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "care/a.md": "alpha",
        "care/b.yaml": "beta",
        "care/engine.py": "code",
        "proof/ledger/sign-offs.yaml": "entries: []",
        "care/__pycache__/engine.pyc": "junk",
        "care/__pycache__/notes.md": "junk",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_content_is_hashed_file_by_file(root: Path) -> None:
    expected = {"care/a.md": sha256_hex(b"alpha"), "care/b.yaml": sha256_hex(b"beta")}
    assert Manifest.of_package(root=root).artefacts == expected


@pytest.mark.parametrize("name", ["care/a.md", "care/b.yaml", "care/engine.py", "care/new.yaml", "care/new.py"])
def test_any_change_of_content_or_code_makes_another_release(name: str, root: Path) -> None:
    before = Manifest.of_package(root=root)
    (root / name).write_text("changed")
    assert Manifest.of_package(root=root).sha256 != before.sha256


@pytest.mark.parametrize("name", ["proof/ledger/sign-offs.yaml", "care/__pycache__/engine.pyc"])
def test_a_signature_or_a_cache_does_not(name: str, root: Path) -> None:
    before = Manifest.of_package(root=root)
    (root / name).write_text("changed")
    assert Manifest.of_package(root=root) == before


def test_another_language_model_makes_another_release(root: Path) -> None:
    assert Manifest.of_package(root=root).sha256 != Manifest.of_package(root=root, model="openai:x").sha256


def test_a_manifest_survives_a_round_trip_and_not_a_change(root: Path) -> None:
    manifest = Manifest.of_package(root=root)
    assert Manifest.from_dict(manifest.to_dict()) == manifest
    with pytest.raises(EvidenceError, match="hash of its own contents"):
        Manifest.from_dict(manifest.to_dict() | {"version": "9.9.9"})


@pytest.mark.parametrize("data", [None, [], {}, {"artefacts": {}, "version": "1"}])
def test_what_is_no_manifest_is_refused(data: object) -> None:
    with pytest.raises(EvidenceError, match="Manifest must"):
        Manifest.from_dict(data)


def test_a_text_is_every_file_that_its_patterns_name(root: Path) -> None:
    manifest = Manifest.of_package(root=root)
    assert manifest.text_sha256(["care/*"]) == manifest.text_sha256(["care/a.md", "care/b.yaml"])
    assert manifest.text_sha256(["care/a.md"]) != manifest.text_sha256(["care/b.yaml"])
    assert manifest.text_sha256(["nowhere/*"]) is None


def test_every_content_file_of_the_package_is_in_it(manifest: Manifest) -> None:
    """Whatever is neither code nor a ledger must be part of the release; a new kind of file may not slip by."""
    present = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in (".py", ".pyc")
    }
    left_out = {name for name in present - set(manifest.artefacts) if not name.startswith("proof/ledger/")}
    assert left_out <= {"py.typed"}
