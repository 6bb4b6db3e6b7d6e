"""Rows, classes and settings that cannot be used, each with what is said."""

import re
from typing import Any

import numpy as np
import pytest

from holdfast.errors import UnknownNameError
from holdfast.metric.error import MetricError
from holdfast.metric.representations import Classes
from holdfast.metric.representations.registry import make_representation

Named = tuple[str, dict[str, Any]]


def refused(message: str) -> Any:
    return pytest.raises(MetricError, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(named: Named, people: Any, bad: float) -> None:
    name, settings = named
    rows = people.rows.copy()
    rows[[3, 8], 2] = bad
    message = "Rows must be finite, got NaN or infinity in 2 of 400; fill in what is missing first."
    with refused(message):
        make_representation(name, dimensions=3, settings=settings).fit(rows, people.classes)
    fitted = make_representation(name, dimensions=3, settings=settings).fit(people.rows, people.classes)
    with refused(message):
        fitted.transform(rows)


def test_float64_that_overflows_float32_is_refused() -> None:
    with refused("Rows must be finite, got NaN or infinity in 1 of 3; fill in what is missing first."):
        make_representation("raw").fit(np.array([[1.0], [1e300], [2.0]]))


def test_rows_of_another_width_are_refused(named: Named, people: Any) -> None:
    name, settings = named
    fitted = make_representation(name, dimensions=3, settings=settings).fit(people.rows, people.classes)
    with refused("Rows must have 10 inputs, got `9`; prepare them as those learnt from."):
        fitted.transform(people.rows[:, :9])


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        ([[1.0, 2.0]], "list"),
        (np.zeros(4, dtype=np.float32), "float32 of shape (4,)"),
        (np.zeros((4, 2), dtype=np.int64), "int64 of shape (4, 2)"),
        (np.zeros((4, 2), dtype=object), "object of shape (4, 2)"),
    ],
)
def test_what_is_no_table_of_floats_is_refused(rows: Any, given: str) -> None:
    with refused(f"Rows must be floats of shape (people, inputs), got `{given}`; encode them first."):
        make_representation("pca", dimensions=1).fit(rows)


def test_rows_without_inputs_are_refused() -> None:
    with refused("Rows must have some inputs, got `0`; prepare them as those learnt from."):
        make_representation("raw").fit(np.zeros((4, 0), dtype=np.float32))


@pytest.mark.parametrize(
    ("name", "least"),
    [("raw", 1), ("pca", 2), ("ica", 2), ("dae", 10), ("vae", 10), ("scarf", 10), ("triplet", 2), ("nplb", 2)],
)
def test_too_few_rows_are_refused(name: str, least: int, people: Any) -> None:
    with refused(f"Rows must be {least} or more to learn from, got `{least - 1}`; bring more people."):
        make_representation(name, dimensions=1).fit(people.rows[: least - 1])


def test_embedding_before_learning_is_refused(named: Named, people: Any, tmp_path: Any) -> None:
    name, settings = named
    message = f"{name} must have learnt something first, got nothing yet; call fit or load it."
    with refused(message):
        make_representation(name, settings=settings).transform(people.rows)
    with refused(message):
        make_representation(name, settings=settings).save(tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["pca", "ica"])
def test_more_dimensions_than_inputs_or_rows_are_refused(name: str, people: Any) -> None:
    message = f"{name} dimensions must be at most 10 for 400 rows of 10 inputs, got `11`; ask for fewer."
    with refused(message):
        make_representation(name, dimensions=11).fit(people.rows)
    message = f"{name} dimensions must be at most 4 for 5 rows of 10 inputs, got `5`; ask for fewer."
    with refused(message):
        make_representation(name, dimensions=5).fit(people.rows[:5])


def test_ica_refuses_directions_in_which_nothing_varies(people: Any) -> None:
    rows = np.column_stack([people.rows[:, :3], people.rows[:, :3].sum(axis=1), np.ones(400)]).astype(np.float32)
    with refused(
        "ica dimensions must be at most the 3 directions in which the rows vary, got `4`; ask for fewer, or leave out "
        "inputs that follow from others."
    ):
        make_representation("ica", dimensions=4).fit(rows)


@pytest.mark.parametrize("name", ["triplet", "nplb"])
@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (None, "Classes must be given to learn from triplets, got None; say which rows have which class."),
        (
            Classes(rows=np.arange(30), codes=np.zeros(30, dtype=np.int64)),
            "Classes must be two or more, got 1 in 30 rows; a triplet needs another.",
        ),
        (
            Classes(rows=np.arange(0), codes=np.arange(0)),
            "Classes must be two or more, got 0 in 0 rows; a triplet needs another.",
        ),
        (
            Classes(rows=np.arange(5), codes=np.arange(5)),
            "Classes must have two rows or more, got 5 classes of one each; triplets need a pair.",
        ),
        (
            Classes(rows=np.array([0, 400]), codes=np.array([0, 1])),
            "Classes must name places among 400 rows, got `400`; count from 0.",
        ),
    ],
)
def test_classes_without_triplets_are_refused(name: str, classes: Classes | None, message: str, people: Any) -> None:
    with refused(message):
        make_representation(name).fit(people.rows, classes)


def test_classes_that_contradict_themselves_are_refused() -> None:
    places = np.arange(3)
    with pytest.raises(MetricError, match=r"^Classes must name one class a row, got shapes `\(3,\)` and `\(2,\)`"):
        Classes(rows=places, codes=np.arange(2))
    with pytest.raises(MetricError, match=r"^Classes must name a row at most once, got repeats"):
        Classes(rows=np.array([1, 1]), codes=np.arange(2))
    with pytest.raises(MetricError, match=r"^Classes must hold places and codes of 0 or more, got negatives"):
        Classes(rows=places, codes=places - 1)


def test_an_unknown_name_suggests_the_closest() -> None:
    with pytest.raises(UnknownNameError, match=r"^Representation must be a known id, got 'vea'; did you mean vae"):
        make_representation("vea")


def test_an_unknown_setting_names_those_there_are() -> None:
    with refused(
        "vae must be given settings it has, got `gamma`; it has batch_size, beta, epochs, held_out, hidden, "
        "learning_rate, patience, weight_decay.".replace("`gamma`", "`'gamma'`")
    ):
        make_representation("vae", settings={"gamma": 1})
    with refused("raw must be given settings it has, got `'beta'`; it has none."):
        make_representation("raw", settings={"beta": 1})


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("dae", {"masking": 1.0}, "masking must be a number 0 or more and below 1, got `1.0`; give one."),
        ("dae", {"hidden": "128"}, "hidden must be a sequence of widths, got `'128'`; give (128, 64) or ()."),
        ("dae", {"hidden": (0,)}, "hidden must be a whole number of 1 to 65536, got `0`; give one."),
        ("vae", {"beta": -1.0}, "beta must be a number 0 or more and finite, got `-1.0`; give one."),
        ("vae", {"beta": float("nan")}, "beta must be a number 0 or more and finite, got `nan`; give one."),
        ("vae", {"held_out": 1}, "held_out must be a number 0 or more and below 1, got `1`; give one."),
        ("vae", {"learning_rate": 0}, "learning_rate must be a number above 0 and finite, got `0`; give one."),
        ("vae", {"batch_size": 1}, "batch_size must be a whole number of 2 or more, got `1`; give one."),
        ("vae", {"epochs": 1.5}, "epochs must be a whole number of 1 or more, got `1.5`; give one."),
        ("vae", {"patience": True}, "patience must be a whole number of 1 or more, got `True`; give one."),
        ("scarf", {"corruption": 0}, "corruption must be a number above 0 and below 1, got `0`; give one."),
        ("scarf", {"temperature": 0.0}, "temperature must be a number above 0 and finite, got `0.0`; give one."),
        ("ica", {"tolerance": 0}, "tolerance must be a number above 0 and finite, got `0`; give one."),
    ],
)
def test_settings_out_of_range_are_refused(name: str, settings: dict[str, Any], message: str) -> None:
    with refused(message):
        make_representation(name, settings=settings)


@pytest.mark.parametrize("name", ["pca", "vae", "nplb"])
def test_dimensions_seeds_and_threads_out_of_range_are_refused(name: str) -> None:
    with pytest.raises(MetricError, match=r"^dimensions must be a whole number of 1 .*, got `0`"):
        make_representation(name, dimensions=0)
    with pytest.raises(MetricError, match=r"^seed must be a whole number of 0 .*, got `-1`"):
        make_representation(name, seed=-1)
    if name != "pca":
        with pytest.raises(MetricError, match=r"^threads must be a whole number of 1 or more, got `0`"):
            make_representation(name, threads=0)


def test_rows_too_large_to_be_embedded_are_refused(people: Any) -> None:
    fitted = make_representation("pca", dimensions=2).fit(people.rows * np.float32(1e-3))
    with refused("Embeddings must be finite, got too large ones in 1 of 2 rows; standardise the rows."):
        fitted.transform(
            np.vstack(
                [np.full(10, 3e38) * np.sign(fitted._learnt["encoder"].layers[0].weight[0]), np.zeros(10)]
            ).astype(np.float32)
        )
