"""What holds of every representation: rows apart, seeds, folders, and nothing changed for others."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from holdfast.metric.representations import Representation
from holdfast.metric.representations.layers import CHUNK_ROWS
from holdfast.metric.representations.registry import REPRESENTATIONS, load_representation, make_representation

Named = tuple[str, dict[str, Any]]


def made(named: Named, *, seed: int = 0, **more: Any) -> Representation:
    name, settings = named
    return make_representation(name, dimensions=3, seed=seed, settings=settings, **more)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_name_is_tried_here(quick: dict[str, Any]) -> None:
    assert list(quick) == list(REPRESENTATIONS)


def test_a_representation_knows_its_name_and_whether_it_needs_classes(named: Named) -> None:
    assert made(named).name == named[0]
    assert made(named).uses_classes == (named[0] in ("triplet", "nplb"))


def test_embeddings_are_float32_with_the_dimensions_asked_for(named: Named, people: Any) -> None:
    found = made(named).fit(people.rows, people.classes).transform(people.rows)
    assert found.dtype == np.float32
    assert found.shape == (400, 10 if named[0] == "raw" else 3)
    assert np.isfinite(found).all()
    assert (found.std(axis=0) > 0).all()


def test_an_embedding_does_not_depend_on_the_rows_beside_it(named: Named, people: Any) -> None:
    fitted = made(named).fit(people.rows, people.classes)
    whole = fitted.transform(people.rows)
    alone = np.concatenate([fitted.transform(people.rows[place : place + 1]) for place in range(60)])
    np.testing.assert_array_equal(alone, whole[:60])
    many = np.tile(people.rows, (CHUNK_ROWS // 400 + 2, 1))[: CHUNK_ROWS + 7]
    np.testing.assert_array_equal(fitted.transform(many[::-1])[::-1], fitted.transform(many))


def test_no_rows_give_no_embeddings(named: Named, people: Any) -> None:
    fitted = made(named).fit(people.rows, people.classes)
    assert fitted.transform(people.rows[:0]).shape == (0, 10 if named[0] == "raw" else 3)


def test_a_loaded_representation_embeds_exactly_as_the_saved_one(named: Named, people: Any, tmp_path: Path) -> None:
    fitted = made(named, seed=4).fit(people.rows, people.classes)
    fitted.save(tmp_path / "new" / "kept")
    loaded = load_representation(tmp_path / "new" / "kept")
    np.testing.assert_array_equal(loaded.transform(people.rows), fitted.transform(people.rows))
    loaded.save(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "new" / "kept")


def test_a_folder_holds_json_and_safetensors_only(named: Named, people: Any, tmp_path: Path) -> None:
    made(named).fit(people.rows, people.classes).save(tmp_path / "kept")
    for name, content in contents(tmp_path / "kept").items():
        if name.endswith(".json"):
            json.loads(content)
        else:
            assert name.endswith(".safetensors")
            assert json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]) is not None


def test_the_same_seed_gives_the_same_bytes(named: Named, people: Any, tmp_path: Path) -> None:
    for name in ("one", "other"):
        made(named, seed=7).fit(people.rows, people.classes).save(tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


@pytest.mark.parametrize("name", ["ica", "dae", "vae", "scarf", "triplet", "nplb"])
def test_another_seed_gives_another_embedding(name: str, people: Any, quick: dict[str, Any]) -> None:
    one, other = (
        made((name, quick[name]), seed=seed).fit(people.rows, people.classes).transform(people.rows) for seed in (0, 1)
    )
    assert np.abs(one - other).max() > 0.01


def test_learning_leaves_random_numbers_threads_and_rows_as_they_were(named: Named, people: Any) -> None:
    torch.manual_seed(3)
    np.random.seed(3)
    torch_before, numpy_before, rows_before = torch.get_rng_state(), np.random.get_state()[1].copy(), people.rows.copy()
    made(named, threads=2).fit(people.rows, people.classes)
    assert torch.equal(torch.get_rng_state(), torch_before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_before)
    np.testing.assert_array_equal(people.rows, rows_before)
    assert torch.get_num_threads() == 1


def test_what_torch_drew_before_changes_nothing(named: Named, people: Any) -> None:
    torch.manual_seed(1)
    one = made(named).fit(people.rows, people.classes).transform(people.rows)
    torch.rand(100)
    np.testing.assert_array_equal(made(named).fit(people.rows, people.classes).transform(people.rows), one)


@pytest.mark.parametrize("name", ["raw", "pca", "ica", "dae", "vae", "scarf"])
def test_classes_change_nothing_for_what_does_not_use_them(name: str, people: Any, quick: dict[str, Any]) -> None:
    named = (name, quick[name])
    one, other = (made(named).fit(people.rows, given).transform(people.rows) for given in (None, people.classes))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ["triplet", "nplb"])
def test_rows_without_a_class_are_not_learnt_from(name: str, people: Any, quick: dict[str, Any]) -> None:
    changed = people.rows.copy()
    changed[np.setdiff1d(np.arange(400), people.classes.rows)] += 9.0
    one, other = (
        made((name, quick[name])).fit(rows, people.classes).transform(people.rows) for rows in (people.rows, changed)
    )
    np.testing.assert_array_equal(one, other)


def test_raw_pca_and_ica_are_loaded_without_torch(people: Any, tmp_path: Path) -> None:
    for name in ("raw", "pca", "ica"):
        make_representation(name, dimensions=3).fit(people.rows).save(tmp_path / name)
    code = (
        "import sys, pathlib\n"
        "from holdfast.metric.representations.registry import load_representation\n"
        f"for name in ('raw', 'pca', 'ica'): load_representation(pathlib.Path({str(tmp_path)!r}) / name)\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
