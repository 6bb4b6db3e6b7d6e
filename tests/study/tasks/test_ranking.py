"""AUROC and average precision against plain loops and scikit-learn; the bootstrap against drawing people by hand."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from holdfast.measured import Scored, Unscored
from holdfast.study.tasks.ranking import Ranked, SplitScores, auroc, average_precision, ranking_draws


def loop_auroc(scores: np.ndarray, has: np.ndarray, weights: np.ndarray) -> float:
    won = pairs = 0.0
    for i in np.flatnonzero(has):
        for j in np.flatnonzero(~has):
            weight = weights[i] * weights[j]
            pairs += weight
            won += weight * (1.0 if scores[i] > scores[j] else 0.5 if scores[i] == scores[j] else 0.0)
    return won / pairs


def loop_precision(scores: np.ndarray, has: np.ndarray, weights: np.ndarray) -> float:
    total = 0.0
    for score, weight in zip(scores[has], weights[has], strict=True):
        seen = scores >= score
        total += weight * (weights[seen & has].sum() / weights[seen].sum() if weight else 0.0)
    return total / weights[has].sum()


@pytest.mark.parametrize("distinct", [3, 1000])
def test_figures_are_those_of_plain_loops_and_scikit_learn_with_ties_and_weights(distinct: int) -> None:
    generator = np.random.default_rng(distinct)
    scores = generator.integers(distinct, size=60) / distinct
    has = generator.random(60) < 0.3
    weights = np.column_stack([np.ones(60), generator.integers(3, size=60), generator.integers(4, size=60)]).astype(
        float
    )
    ranked = Ranked.of(scores, has)
    for figure, loop, theirs in (
        (auroc, loop_auroc, roc_auc_score),
        (average_precision, loop_precision, average_precision_score),
    ):
        found = figure(*ranked.counts(weights))
        for k in range(3):
            assert found[k] == pytest.approx(loop(scores, has, weights[:, k]), abs=1e-12)
            assert found[k] == pytest.approx(theirs(has, scores, sample_weight=weights[:, k]), abs=1e-12)


def test_published_example_of_average_precision() -> None:
    """The example in scikit-learn's documentation of average_precision_score: 0.83."""
    ranked = Ranked.of(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    assert average_precision(*ranked.counts(np.ones((4, 1))))[0] == pytest.approx(5 / 6)
    assert auroc(*ranked.counts(np.ones((4, 1))))[0] == pytest.approx(0.75)


def test_turning_scores_round_turns_the_auroc_round() -> None:
    generator = np.random.default_rng(1)
    scores, has = generator.integers(9, size=80).astype(float), generator.random(80) < 0.4
    weights = generator.integers(3, size=(80, 5)).astype(float)
    there, back = (auroc(*Ranked.of(sign * scores, has).counts(weights)) for sign in (1, -1))
    np.testing.assert_allclose(there + back, 1.0)


@pytest.fixture
def splits() -> tuple[list[SplitScores], np.ndarray]:
    generator = np.random.default_rng(4)
    has = np.arange(120) % 3 == 0
    good = has + generator.normal(size=120)
    poor = has + 20 * generator.normal(size=120)
    halves = [np.arange(0, 60), np.arange(60, 120)]
    return [SplitScores(test=t, scores={"good": good[t], "poor": poor[t], "same": good[t] * 2}) for t in halves], has


def test_figures_are_means_over_splits(splits: tuple[list[SplitScores], np.ndarray]) -> None:
    made, has = splits
    aurocs, precisions = ranking_draws(made, has, seed=0, resamples=50)
    for drawn, theirs in ((aurocs, roc_auc_score), (precisions, average_precision_score)):
        expected = [theirs(has[s.test], s.scores["good"]) for s in made]
        found = drawn.figure("good")
        assert isinstance(found, Scored)
        assert found.value == pytest.approx(np.mean(expected))
        assert found.n == 120
        np.testing.assert_allclose(drawn.by_split("good"), expected)


def test_intervals_are_those_of_drawing_people_by_hand(splits: tuple[list[SplitScores], np.ndarray]) -> None:
    made, has = splits
    drawn = ranking_draws(made, has, seed=7, resamples=300)[0]
    generator, by_hand = np.random.default_rng(7), []
    for _ in range(300):
        people = generator.integers(120, size=120)
        figures = []
        for split in made:
            scores = dict(zip(split.test, split.scores["good"], strict=True))
            inside = [i for i in people if i in scores]
            figures.append(roc_auc_score(has[inside], [scores[i] for i in inside]))
        by_hand.append(np.mean(figures))
    found = drawn.figure("good")
    assert isinstance(found, Scored)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(np.quantile(by_hand, [0.025, 0.975])))


def test_differences_are_paired_person_by_person(splits: tuple[list[SplitScores], np.ndarray]) -> None:
    made, has = splits
    drawn = ranking_draws(made, has, seed=0, resamples=300)[0]
    difference, p = drawn.difference("good", "poor")
    good, poor = drawn.figure("good"), drawn.figure("poor")
    assert isinstance(difference, Scored)
    assert isinstance(good, Scored)
    assert isinstance(poor, Scored)
    assert difference.value == pytest.approx(good.value - poor.value)
    same, p_same = drawn.difference("same", "good")
    assert isinstance(same, Scored)
    assert same.interval is not None
    assert (same.value, same.interval.low, same.interval.high) == (0.0, 0.0, 0.0)
    assert isinstance(p, Scored)
    assert isinstance(p_same, Scored)
    assert p.value < 0.05 < p_same.value


def test_the_same_seed_gives_the_same_intervals(splits: tuple[list[SplitScores], np.ndarray]) -> None:
    made, has = splits
    one, again, other = (ranking_draws(made, has, seed=seed, resamples=60)[1].figure("poor") for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_a_split_with_one_kind_of_people_is_unscored() -> None:
    made = [SplitScores(test=np.arange(3), scores={"a": np.arange(3.0), "b": np.arange(3.0)})]
    drawn = ranking_draws(made, np.zeros(3, dtype=np.bool_), seed=0, resamples=10)[0]
    assert drawn.figure("a") == Unscored("a test set has people of one kind only")
    assert drawn.difference("a", "b")[1] == Unscored("too few resamples with people of both kinds in every split")


def test_where_resamples_often_lack_a_kind_there_is_no_interval() -> None:
    made = [SplitScores(test=np.arange(6), scores={"a": np.arange(6.0)})]
    found = ranking_draws(made, np.arange(6) == 5, seed=0, resamples=200)[0].figure("a")
    assert found == Scored(value=1.0, n=6, interval=None)
