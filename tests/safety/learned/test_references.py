"""Claims about references: relative distance is what a plain loop gives, 0 at a harmless point and 1 at a danger."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from holdfast.errors import ContentError
from holdfast.safety.detection.verdict import Category, Subject
from holdfast.safety.learned import BENIGN, NOTICE, Kind, References

SUICIDE = Kind.risk(Category.SUICIDE, Subject.SELF)
HARM = Kind.risk(Category.HARM_TO_OTHERS, Subject.OTHER)
KINDS = (SUICIDE, BENIGN, HARM, NOTICE)
OWNERS = np.array([0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 3])


def plain_distance(text: np.ndarray, points: np.ndarray, kind: int) -> float:
    away = sorted(
        sum((float(a) - float(b)) ** 2 for a, b in zip(text, point, strict=True)) ** 0.5
        for point, owner in zip(points, OWNERS, strict=True)
        if owner == kind
    )
    nearest = away[:3]
    return sum(nearest) / len(nearest)


def test_distances_and_relative_distances_are_those_of_a_plain_loop() -> None:
    draw = np.random.default_rng(4)
    points = draw.normal(size=(12, 6)).astype(np.float32)
    texts = draw.normal(size=(30, 6)).astype(np.float32)
    references = References(KINDS, points, OWNERS)
    away, relative = references.distances(texts), references.relative_distance(texts)
    assert references.risks == (SUICIDE, HARM)
    for number, text in enumerate(texts):
        plain = [plain_distance(text, points, kind) for kind in range(4)]
        assert away[number] == pytest.approx(plain, rel=1e-4)
        harmless = min(plain[1], plain[3])
        expected = [harmless / (harmless + plain[0]), harmless / (harmless + plain[2])]
        assert relative[number] == pytest.approx(expected, rel=1e-4)


def test_a_few_texts_at_a_time_lie_where_all_at_once_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(6)
    references = References(KINDS, draw.normal(size=(12, 6)).astype(np.float32), OWNERS)
    texts = draw.normal(size=(31, 6)).astype(np.float32)
    at_once = references.distances(texts)
    for products in (1, 500):
        monkeypatch.setattr("holdfast.safety.learned.references._MOST_PRODUCTS", products)
        assert references.distances(texts) == pytest.approx(at_once, rel=1e-5)
    assert references.distances(texts[:0]).shape == (0, len(KINDS))


def test_it_is_nought_at_a_harmless_point_one_at_a_danger_and_a_half_between() -> None:
    points = np.array([[1, 0], [0, 1]], dtype=np.float32)
    references = References((SUICIDE, BENIGN), points, np.array([0, 1]))
    texts = np.array([[0, 1], [1, 0], [0.5, 0.5]], dtype=np.float32)
    assert references.relative_distance(texts)[:, 0].tolist() == pytest.approx([0.0, 1.0, 0.5], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float32, (4, 3), elements=st.floats(-1, 1, width=16)))
def test_it_lies_between_nought_and_one_even_where_all_points_coincide(texts: np.ndarray) -> None:
    points = np.zeros((12, 3), dtype=np.float32)
    points[7:] = 0.5
    found = References(KINDS, points, OWNERS).relative_distance(texts)
    assert ((found >= 0) & (found <= 1)).all()


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1))
def test_the_nearer_to_the_danger_on_the_way_from_harmless_the_worse(one: float, other: float) -> None:
    references = References((SUICIDE, BENIGN), np.eye(2, dtype=np.float32), np.array([0, 1]))
    near, far = max(one, other), min(one, other)
    texts = np.array([[near, 1 - near], [far, 1 - far]], dtype=np.float32)
    worse, better = references.relative_distance(texts)[:, 0]
    assert worse >= better - 1e-3


@pytest.mark.parametrize(
    ("kinds", "owners", "message"),
    [
        ((SUICIDE, BENIGN), [0, 0], "must give every kind its points"),
        ((SUICIDE, BENIGN), [0], "must give every kind its points"),
        ((SUICIDE, BENIGN), [0, 2], "must give every kind its points"),
        ((BENIGN, NOTICE), [0, 1], "must hold harmless kinds and kinds of danger"),
        ((SUICIDE, HARM), [0, 1], "must hold harmless kinds and kinds of danger"),
    ],
)
def test_references_that_do_not_fit_are_refused(kinds: tuple[Kind, ...], owners: list[int], message: str) -> None:
    with pytest.raises(ContentError, match=message):
        References(kinds, np.eye(2, dtype=np.float32), np.array(owners))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_reads_back_what_it_wrote(kind: Kind) -> None:
    assert Kind.from_dict(kind.to_dict()) == kind
