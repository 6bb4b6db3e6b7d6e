"""A picture of an embedding is the same each time and shows what PCA keeps."""

import numpy as np
import pytest

from holdfast.metric.benchmark.projection import draw_projection, project
from holdfast.metric.error import MetricError


def embeddings(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    labels = np.arange(n) % 3
    return (generator.normal(size=(n, 6)) + 5 * labels[:, None]).astype(np.float32), labels


def test_the_first_two_components_are_those_of_the_singular_values():
    x, _ = embeddings()
    centred = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    singular = np.linalg.svd(centred, compute_uv=False)
    projection = project(x)
    assert np.linalg.norm(projection.points, axis=0) == pytest.approx(singular[:2])
    share = singular[0] ** 2 / (singular**2).sum()
    assert projection.axes[0] == f"component 1: {share:.0%} of variance"


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_projection_repeats(method):
    x, _ = embeddings()
    first, again = project(x, method=method), project(x, method=method)
    assert first.points.shape == (60, 2)
    assert np.array_equal(first.points, again.points)


def test_a_picture_is_the_same_bytes_each_time_and_names_its_classes(tmp_path):
    x, labels = embeddings()
    for name in ("a.svg", "b.svg"):
        draw_projection(
            project(x), labels, classes=("cat", "dog", "owl"), title="a title", path=tmp_path / "new" / name
        )
    text = (tmp_path / "new" / "a.svg").read_text()
    assert text == (tmp_path / "new" / "b.svg").read_text()
    assert all(said in text for said in ("cat", "dog", "owl", "a title", "of variance"))


def test_many_classes_get_colours_and_no_legend(tmp_path):
    x, _ = embeddings()
    classes = tuple(f"class{i}" for i in range(30))
    draw_projection(project(x), np.arange(60) % 30, classes=classes, title="t", path=tmp_path / "a.svg")
    assert "class7" not in (tmp_path / "a.svg").read_text()


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(MetricError, match="3 or more, 2 or more"):
        project(np.zeros((2, 5), dtype=np.float32))
    with pytest.raises(MetricError, match="method must be pca or tsne"):
        project(embeddings()[0], method="umap")


def test_an_embedding_collapsed_to_one_point_is_drawn_as_such():
    assert project(np.ones((5, 3), dtype=np.float32)).axes[0] == "component 1: 0% of variance"
