"""Teachers: what they foretell, of whom, and that nobody is foretold by one that has seen them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from holdfast.measured import Scored
from holdfast.risk.baselines.folds import fold_of_each
from holdfast.risk.baselines.partial_likelihood import partial_log_likelihood
from holdfast.risk.cox import fit_cox
from holdfast.risk.survival.concordance import harrell_concordance
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.risk_model.teachers.boosted_teacher import BoostedTaught, BoostedTeacher
from holdfast.study.risk_model.teachers.cox_teacher import CoxTaught, CoxTeacher
from holdfast.study.risk_model.teachers.cross_fitting import TAUGHT, TEACHERS, cross_fit, foretell_without
from holdfast.study.risk_model.teachers.kernel_teacher import KernelTaught, KernelTeacher
from holdfast.study.risk_model.teachers.teacher import TeachingData


def data_of(inputs: NDArray[np.float64], *, age: int | None = None) -> TeachingData:
    """Return people of whom inputs and values are the same numbers."""
    is_age = np.arange(inputs.shape[1]) == (-1 if age is None else age)
    x = inputs.astype(np.float32)
    return TeachingData(inputs=x, values=x, is_bent=np.zeros(x.shape[1], dtype=np.bool_), is_age=is_age)


def concordance(hazard: NDArray[np.float64], follow_up: FollowUp) -> float:
    found = harrell_concordance(hazard, follow_up).index
    assert isinstance(found, Scored)
    return found.value


@dataclass(frozen=True)
class _Remembered:
    """Foretells the end of everybody it has seen, and nothing of others. ``seen``: first input -> log hazard."""

    seen: dict[float, float]

    def log_hazard(self, data: TeachingData) -> NDArray[np.float64]:
        return np.array([self.seen.get(float(x), 0.0) for x in data.inputs[:, 0]])

    @classmethod
    def average(cls, several: Sequence[Self]) -> Self:
        return cls({k: v for one in several for k, v in one.seen.items()})


@dataclass(frozen=True)
class _Memory:
    """A teacher that learns its people by heart, at two strengths: the second is the wrong way round."""

    name: ClassVar[str] = "memory"
    strengths: tuple[float, ...] = (1.0, -1.0)

    def at(self, strength: int) -> "_Memory":
        return _Memory((self.strengths[strength],))

    def begin(self, data: TeachingData, *, seed: int, threads: int) -> Self:
        del data, seed, threads
        return self

    def learn(self, data: TeachingData, follow_up: FollowUp) -> list[_Remembered]:
        by_heart = dict(zip(map(float, data.inputs[:, 0]), follow_up.event - follow_up.years / 100, strict=True))
        return [_Remembered({k: s * v for k, v in by_heart.items()}) for s in self.strengths]


@pytest.fixture(scope="module")
def risky(make: Any) -> tuple[TeachingData, FollowUp, NDArray[np.float64]]:
    """600 people whose log hazard is linear in two of six inputs."""
    x = np.random.default_rng(4).normal(size=(600, 6))
    eta = 0.9 * x[:, 0] - 0.6 * x[:, 1]
    return data_of(x), make.follow_up(eta, seed=1), eta


def test_a_teacher_that_learns_by_heart_knows_nothing_of_people_it_is_asked_about(risky: Any) -> None:
    data, follow_up, _ = risky
    folds = fold_of_each(follow_up, folds=4, seed=0)
    fitted = cross_fit(_Memory(), data, follow_up, folds, seed=0, threads=1)
    assert (fitted.log_hazard == 0).all()
    assert concordance(fitted.log_hazard, follow_up) == 0.5
    assert concordance(fitted.taught.log_hazard(data), follow_up) > 0.99
    for fold, model in enumerate(fitted.without):
        is_unknown = model.log_hazard(data) == 0
        assert is_unknown.tolist() == (folds == fold).tolist()


def test_without_two_folds_neither_is_seen(risky: Any) -> None:
    data, follow_up, _ = risky
    folds = fold_of_each(follow_up, folds=3, seed=0)
    found = foretell_without(_Memory().at(0), data, follow_up, folds, seed=0, threads=1)
    assert found.shape == (3, 600)
    for fold in range(3):
        assert np.isnan(found[fold, folds == fold]).all()
        assert (found[fold, folds != fold] == 0).all()


def test_without_two_folds_cox_is_cox_of_the_others(risky: Any) -> None:
    data, follow_up, _ = risky
    folds = fold_of_each(follow_up, folds=4, seed=2)
    found = foretell_without(CoxTeacher().at(1), data, follow_up, folds, seed=0, threads=1)
    x = data.inputs.astype(np.float64)
    for m in range(4):
        for own in set(range(4)) - {m}:
            others = np.flatnonzero((folds != m) & (folds != own))
            beta = fit_cox(x[others], follow_up.take(others), ridge=0.1)
            np.testing.assert_allclose(found[m, folds == own], x[folds == own] @ beta, atol=1e-5)


def test_cross_fitted_cox_is_cox_by_hand_fold_by_fold_at_the_likeliest_ridge(risky: Any) -> None:
    data, follow_up, _ = risky
    folds = fold_of_each(follow_up, folds=3, seed=5)
    teacher = CoxTeacher(ridges=(0.03, 10.0, 1e-3))
    x = data.inputs.astype(np.float64)
    by_hand = np.empty((3, 600))
    likelihood = np.zeros(3)
    coefficients = np.empty((3, 3, 6))
    for fold in range(3):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        for place, ridge in enumerate(teacher.ridges):
            coefficients[place, fold] = fit_cox(x[inside], follow_up.take(inside), ridge=ridge)
            by_hand[place, outside] = x[outside] @ coefficients[place, fold]
            likelihood[place] += partial_log_likelihood(by_hand[place, outside], follow_up.take(outside))
    fitted = cross_fit(teacher, data, follow_up, folds, seed=0, threads=1)
    assert fitted.strength == likelihood.argmax()
    np.testing.assert_allclose(fitted.log_hazard, by_hand[fitted.strength], atol=1e-5)
    mean = coefficients[fitted.strength].mean(axis=0)
    np.testing.assert_allclose(fitted.taught.log_hazard(data), x @ mean, atol=1e-5)


def test_more_noise_asks_for_more_ridge(make: Any) -> None:
    generator = np.random.default_rng(8)
    chosen = []
    for size in (0.0, 3.0):
        x = generator.normal(size=(300, 40))
        follow_up = make.follow_up(size * x[:, :20].sum(axis=1) / 4, seed=3)
        folds = fold_of_each(follow_up, folds=3, seed=0)
        chosen.append(cross_fit(CoxTeacher(), data_of(x), follow_up, folds, seed=0, threads=1).strength)
    assert chosen[0] == 3
    assert chosen[1] < 3


@pytest.mark.parametrize("name", ["cox", "trees", "kernel"])
def test_every_teacher_foretells_people_it_has_not_seen(risky: Any, name: str) -> None:
    data, follow_up, eta = risky
    folds = fold_of_each(follow_up, folds=3, seed=0)
    fitted = cross_fit(TEACHERS[name](), data, follow_up, folds, seed=0, threads=1)
    assert fitted.log_hazard.shape == (600,)
    assert concordance(fitted.log_hazard, follow_up) > concordance(eta, follow_up) - 0.05
    shuffled = follow_up.take(np.random.default_rng(0).permutation(600))
    chance = cross_fit(TEACHERS[name](), data, shuffled, folds, seed=0, threads=1)
    assert abs(concordance(chance.log_hazard, shuffled) - 0.5) < 0.08


@pytest.mark.parametrize("name", ["cox", "trees", "kernel"])
def test_a_teacher_at_one_strength_learns_what_it_learns_among_all(risky: Any, name: str) -> None:
    data, follow_up, _ = risky
    teacher = TEACHERS[name]()
    everything = teacher.begin(data, seed=3, threads=1).learn(data, follow_up)
    for strength in (0, len(everything) - 1):
        (alone,) = teacher.at(strength).begin(data, seed=3, threads=1).learn(data, follow_up)
        np.testing.assert_allclose(alone.log_hazard(data), everything[strength].log_hazard(data), atol=1e-5)


@pytest.mark.parametrize("name", ["cox", "trees", "kernel"])
def test_an_average_foretells_the_mean_of_its_parts(risky: Any, name: str) -> None:
    data, follow_up, _ = risky
    learner = TEACHERS[name]().begin(data, seed=0, threads=1)
    halves = [np.arange(600) % 2 == k for k in (0, 1)]
    parts = [learner.learn(data.take(h), follow_up.take(h))[1] for h in halves]
    mean = np.mean([part.log_hazard(data) for part in parts], axis=0)
    average = type(parts[0]).average(parts)  # type: ignore[arg-type]
    np.testing.assert_allclose(average.log_hazard(data), mean, atol=1e-3)


@pytest.mark.parametrize("name", ["cox", "trees", "kernel"])
def test_a_teacher_survives_being_kept(risky: Any, name: str) -> None:
    """Arrays as safetensors keeps them and JSON; xgboost's trees are cut to the rounds that count."""
    import json

    from safetensors.numpy import load, save

    data, follow_up, _ = risky
    learner = TEACHERS[name]().begin(data, seed=0, threads=1)
    halves = [np.arange(600) % 2 == k for k in (0, 1)]
    taught = TAUGHT[name].average([learner.learn(data.take(h), follow_up.take(h))[0] for h in halves])  # type: ignore[misc]
    arrays = load(save({key: np.ascontiguousarray(array) for key, array in taught.arrays().items()}))
    again = TAUGHT[name].from_stored(json.loads(json.dumps(taught.to_json())), arrays)
    assert again.log_hazard(data).tobytes() == taught.log_hazard(data).tobytes()


def test_the_types_kept_are_those_that_are_taught() -> None:
    assert set(TAUGHT) == set(TEACHERS) == {"cox", "trees", "kernel"}
    assert {"cox": CoxTaught, "trees": BoostedTaught, "kernel": KernelTaught} == TAUGHT


def test_trees_take_what_is_missing_as_it_is_and_count_their_rounds(make: Any) -> None:
    x = np.random.default_rng(6).normal(size=(500, 2))
    gone = np.random.default_rng(7).random(500) < 0.4
    follow_up = make.follow_up(np.where(gone, 1.2, -0.3), seed=2)
    values = x.copy()
    values[gone, 0] = np.nan
    data = TeachingData(
        inputs=np.zeros((500, 1), dtype=np.float32),
        values=values.astype(np.float32),
        is_bent=np.zeros(1, dtype=np.bool_),
        is_age=np.zeros(1, dtype=np.bool_),
    )
    few, many = BoostedTeacher(depths=((2, 0.1),), rounds=(1, 40)).begin(data, seed=0, threads=1).learn(data, follow_up)
    assert many.log_hazard(data)[gone].mean() - many.log_hazard(data)[~gone].mean() > 0.7
    assert np.ptp(few.log_hazard(data)) < np.ptp(many.log_hazard(data))


def test_the_kernel_bends_where_cox_cannot(make: Any) -> None:
    """A hazard that is high at both ends of one input, with no hinges among the inputs."""
    generator = np.random.default_rng(2)
    x = generator.normal(size=(1_500, 3))
    eta = 0.8 * x[:, 0] ** 2
    data, follow_up = data_of(x), make.follow_up(eta, seed=4)
    new = generator.normal(size=(1_000, 3))
    later = make.follow_up(0.8 * new[:, 0] ** 2, seed=5)
    folds = fold_of_each(follow_up, folds=3, seed=0)
    found = {
        teacher.name: cross_fit(teacher, data, follow_up, folds, seed=0, threads=1).taught.log_hazard(data_of(new))
        for teacher in (CoxTeacher(), KernelTeacher())
    }
    assert abs(concordance(found["cox"], later) - 0.5) < 0.05
    assert concordance(found["kernel"], later) > concordance(0.8 * new[:, 0] ** 2, later) - 0.04
    ends = np.array([[-2.0, 0, 0], [0.0, 0, 0], [2.0, 0, 0]])
    taught = cross_fit(KernelTeacher(), data, follow_up, folds, seed=0, threads=1).taught
    low, middle, high = taught.log_hazard(data_of(ends))
    assert low > middle + 0.5
    assert high > middle + 0.5


def test_no_landmark_is_a_person_however_far_from_others(make: Any) -> None:
    generator = np.random.default_rng(9)
    x = generator.normal(size=(1_000, 4))
    x[[10, 20, 30]] = [[40, 0, 0, 0], [0, -50, 0, 0], [30, 30, 30, 30]]
    data, follow_up = data_of(x), make.follow_up(x[:, 0].clip(-2, 2), seed=0)
    (taught, *_) = KernelTeacher().begin(data, seed=1, threads=1).learn(data, follow_up)
    landmarks = taught.arrays()["landmarks"]
    apart = np.abs(landmarks[:, None] - data.inputs[None]).max(axis=2)
    assert 20 < len(landmarks) <= 100
    assert apart.min() > 1e-3
    assert np.abs(landmarks).max() < 20  # no outlier can be read off


def test_the_kernel_leaves_hinges_out_and_counts_age_double(make: Any) -> None:
    x = np.random.default_rng(1).normal(size=(400, 3))
    plain = data_of(x, age=1)
    data = TeachingData(
        inputs=plain.inputs, values=plain.values, is_bent=np.array([False, False, True]), is_age=plain.is_age
    )
    (taught, *_) = KernelTeacher().begin(data, seed=0, threads=1).learn(data, make.follow_up(x[:, 0], seed=0))
    assert taught.arrays()["scales"].tolist() == [1, 2, 0]
    moved = x.copy()
    moved[:, 2] += 5
    np.testing.assert_array_equal(taught.log_hazard(data_of(moved)), taught.log_hazard(data_of(x)))


def test_the_kernel_is_the_formula(make: Any) -> None:
    x = np.random.default_rng(1).normal(size=(300, 2))
    data = data_of(x)
    (taught, *_) = KernelTeacher(width=0.7).begin(data, seed=0, threads=1).learn(data, make.follow_up(x[:, 0], seed=0))
    kept = taught.arrays()
    for person in range(5):
        by_hand = sum(
            float(w)
            * np.exp(-0.7 * sum((float(a) - float(b)) ** 2 for a, b in zip(x[person], landmark, strict=True)) / (2 * 2))
            for w, landmark in zip(kept["weights"], kept["landmarks"], strict=True)
        )
        assert taught.log_hazard(data)[person] == pytest.approx(by_hand, abs=1e-3)


def test_the_same_seed_teaches_the_same(risky: Any) -> None:
    data, follow_up, _ = risky
    folds = fold_of_each(follow_up, folds=3, seed=0)
    for name, make_teacher in TEACHERS.items():
        once, twice = (cross_fit(make_teacher(), data, follow_up, folds, seed=3, threads=1) for _ in range(2))
        assert once.log_hazard.tobytes() == twice.log_hazard.tobytes(), name
