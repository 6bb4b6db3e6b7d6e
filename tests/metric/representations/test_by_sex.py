"""One representation a stratum: learnt, embedded and kept apart."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from holdfast.metric.error import MetricError
from holdfast.metric.representations import Classes, Representation
from holdfast.metric.representations.by_sex import Strata, Stratified
from holdfast.metric.representations.registry import load_representation, make_representation

NAMES = ("female", "male")


def strata(n: int = 400) -> Strata:
    return Strata(codes=(np.arange(n) % 5 < 2).astype(np.int64), names=NAMES)


def pca() -> Representation:
    return make_representation("pca", dimensions=2)


def test_each_stratum_is_embedded_by_what_its_own_people_taught(people: Any) -> None:
    given = strata()
    found = Stratified(pca).fit(people.rows, given).transform(people.rows, given)
    for code in (0, 1):
        own = people.rows[given.codes == code]
        np.testing.assert_array_equal(found[given.codes == code], pca().fit(own).transform(own))


def test_other_strata_change_nothing(people: Any) -> None:
    given = strata()
    changed = np.where((given.codes == 1)[:, None], people.rows * 3 + 1, people.rows).astype(np.float32)
    one, other = (Stratified(pca).fit(rows, given).transform(people.rows, given) for rows in (people.rows, changed))
    np.testing.assert_array_equal(one[given.codes == 0], other[given.codes == 0])
    assert np.abs(one - other)[given.codes == 1].max() > 0.1


def test_classes_go_with_their_people(people: Any) -> None:
    def nplb() -> Representation:
        return make_representation("nplb", dimensions=2, settings={"hidden": (8,), "epochs": 2})

    given = strata()
    found = Stratified(nplb).fit(people.rows, given, people.classes).transform(people.rows, given)
    places = np.flatnonzero(given.codes == 1)
    kept = [(i, c) for i, c in zip(people.classes.rows, people.classes.codes, strict=True) if i in set(places)]
    own = Classes(rows=np.array([list(places).index(i) for i, _ in kept]), codes=np.array([c for _, c in kept]))
    np.testing.assert_array_equal(found[places], nplb().fit(people.rows[places], own).transform(people.rows[places]))


def test_a_loaded_one_embeds_exactly_as_the_saved_one(people: Any, tmp_path: Path) -> None:
    given = strata()
    fitted = Stratified(pca).fit(people.rows, given)
    fitted.save(tmp_path / "kept")
    loaded = Stratified.load(tmp_path / "kept")
    assert loaded.strata == NAMES
    np.testing.assert_array_equal(loaded.transform(people.rows, given), fitted.transform(people.rows, given))
    assert loaded.transform(people.rows[:0], strata(0)).shape == (0, 2)
    with pytest.raises(MetricError, match=r"A loaded representation must not be fitted again"):
        loaded.fit(people.rows, given)


def test_a_changed_stratum_and_a_mixed_up_loader_are_noticed(people: Any, tmp_path: Path) -> None:
    Stratified(pca).fit(people.rows, strata()).save(tmp_path / "kept")
    with pytest.raises(MetricError, match=r"got one a stratum in .*; use Stratified\.load\.$"):
        load_representation(tmp_path / "kept")
    with pytest.raises(MetricError, match=r"^Representation must be one a stratum, got `pca`; use load_representation"):
        Stratified.load(tmp_path / "kept" / "stratum-0")
    with pytest.raises(MetricError, match=r"^Representation must be saved to a new folder"):
        Stratified(pca).fit(people.rows, strata()).save(tmp_path / "kept")
    weights = tmp_path / "kept" / "stratum-1" / "layers.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(MetricError, match=r"^Representation files must be as they were saved, got \['stratum-1/layers"):
        Stratified.load(tmp_path / "kept")


def test_a_stratum_that_cannot_be_learnt_from_is_named(people: Any) -> None:
    given = Strata(codes=(np.arange(400) == 0).astype(np.int64), names=NAMES)
    with pytest.raises(MetricError, match=r"^In stratum 'male': Rows must be 2 or more to learn from, got `1`"):
        Stratified(pca).fit(people.rows, given)


def test_a_stratum_that_was_not_learnt_is_refused(people: Any) -> None:
    women = Strata(codes=np.zeros(400, dtype=np.int64), names=NAMES)
    fitted = Stratified(pca).fit(people.rows, women)
    with pytest.raises(MetricError, match=r"^Stratum must be one that was learnt, got 'male'; learnt: female"):
        fitted.transform(people.rows, strata())


def test_strata_that_do_not_fit_the_rows_are_refused(people: Any) -> None:
    with pytest.raises(MetricError, match=r"^Strata must be one a row, got 3 for 400 rows"):
        Stratified(pca).fit(people.rows, strata(3))
    with pytest.raises(MetricError, match=r"^Strata must have people to learn from, got none"):
        Stratified(pca).fit(people.rows[:0], strata(0))
    with pytest.raises(MetricError, match=r"^Strata must have learnt something first"):
        Stratified(pca).save(Path("nowhere"))
    with pytest.raises(MetricError, match=r"^Strata codes must lie in 0 to 1, got others"):
        Strata(codes=np.array([0, 2]), names=NAMES)
    with pytest.raises(MetricError, match=r"^Strata must have names, each once, got `\('a', 'a'\)`"):
        Strata(codes=np.array([0]), names=("a", "a"))
    with pytest.raises(MetricError, match=r"^Strata must be one whole number a person, got float64 of shape `\(1,\)`"):
        Strata(codes=np.array([0.0]), names=NAMES)  # type: ignore[arg-type]


def test_strata_of_different_widths_are_refused(people: Any) -> None:
    widths = iter([2, 3])
    fitted = Stratified(lambda: make_representation("pca", dimensions=next(widths))).fit(people.rows, strata())
    with pytest.raises(MetricError, match=r"^Strata must have embeddings of one width, got \[2, 3\]"):
        fitted.transform(people.rows, strata())
