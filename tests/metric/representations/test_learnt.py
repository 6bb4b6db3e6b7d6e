"""What the networks learn, on rows whose truth is known, and how their training goes."""

from typing import Any

import numpy as np
import pytest
import torch

from holdfast.metric.error import MetricError
from holdfast.metric.representations import Classes
from holdfast.metric.representations.dae import DenoisingAutoencoder
from holdfast.metric.representations.registry import make_representation
from holdfast.metric.representations.scarf import Scarf, _Contrast
from holdfast.metric.representations.triplet import TripletRepresentation
from holdfast.metric.representations.vae import VariationalAutoencoder


def explained(embeddings: np.ndarray, truth: np.ndarray, *, train: slice, test: slice) -> np.ndarray:
    """R2 of each factor by least squares on the embeddings, on people not fitted on."""
    with_one = np.column_stack([np.ones(len(embeddings)), embeddings])
    weights = np.linalg.lstsq(with_one[train], truth[train], rcond=None)[0]
    residual = truth[test] - with_one[test] @ weights
    return 1.0 - residual.var(axis=0) / truth[test].var(axis=0)


def nearest_agree(embeddings: np.ndarray, codes: np.ndarray, *, train: slice, test: slice) -> float:
    """Share of test people whose nearest training person is of their class."""
    squared = ((embeddings[test][:, None] - embeddings[train][None]) ** 2).sum(axis=2)
    return float((codes[train][squared.argmin(axis=1)] == codes[test]).mean())


def apart(embeddings: np.ndarray, codes: np.ndarray) -> float:
    """How many times further apart people of two classes are than people of one."""
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)
    is_same = codes[:, None] == codes[None]
    return float(distances[~is_same].mean() / distances[is_same & ~np.eye(len(codes), dtype=bool)].mean())


TRAIN, TEST = slice(0, 300), slice(300, 400)


def test_dae_denoises_masked_rows_better_than_predicting_the_mean(people: Any) -> None:
    fitted = DenoisingAutoencoder(dimensions=4, hidden=(16,), epochs=100, batch_size=32).fit(people.rows[TRAIN])
    clean = people.rows[TEST]
    is_masked = np.random.default_rng(0).random(clean.shape) < 0.2
    rebuilt = fitted.denoise(np.where(is_masked, np.float32(0), clean))
    of_mean = np.mean(clean[is_masked] ** 2)
    assert np.mean((rebuilt[is_masked] - clean[is_masked]) ** 2) < 0.6 * of_mean


def test_dae_codes_lie_between_minus_one_and_one_and_the_stack_has_a_layer_a_width(people: Any) -> None:
    told: list[tuple[str, int, int]] = []
    fitted = DenoisingAutoencoder(dimensions=4, hidden=(12, 8), epochs=2, progress=lambda *what: told.append(what)).fit(
        people.rows
    )
    assert np.abs(fitted.transform(people.rows * 50)).max() <= 1.0
    assert sorted({what for what, _, _ in told}) == [f"dae layer {depth} epoch" for depth in (1, 2, 3)]
    assert fitted.denoise(people.rows).shape == people.rows.shape


def test_the_posterior_mean_of_a_vae_carries_the_factors(people: Any) -> None:
    fitted = VariationalAutoencoder(dimensions=4, hidden=(32,)).fit(people.rows[TRAIN])
    assert explained(fitted.transform(people.rows), people.factors, train=TRAIN, test=TEST).min() > 0.8


def test_a_large_beta_leaves_a_vae_nothing_to_say(people: Any) -> None:
    spread = {
        beta: VariationalAutoencoder(dimensions=4, hidden=(32,), beta=beta)
        .fit(people.rows)
        .transform(people.rows)
        .std()
        for beta in (1.0, 500.0)
    }
    assert spread[500.0] < 0.1 * spread[1.0]


def test_scarf_separates_clusters_it_was_never_told_of() -> None:
    generator = np.random.default_rng(1)
    codes = generator.integers(3, size=450)
    rows = (generator.normal(size=(3, 12))[codes] * 1.5 + generator.normal(size=(450, 12))).astype(np.float32)
    embeddings = Scarf(dimensions=4, hidden=(16,), epochs=40, batch_size=64).fit(rows[:350]).transform(rows)
    assert nearest_agree(embeddings, codes, train=slice(0, 350), test=slice(350, 450)) > 0.75  # chance: a third


def test_scarf_replaces_its_share_of_inputs_by_values_of_the_same_input(people: Any) -> None:
    rows = torch.from_numpy(people.rows)
    network = _Contrast(Scarf(dimensions=2, hidden=(4,), corruption=0.3), rows)
    corrupted = network._corrupted(rows, torch.Generator().manual_seed(0))
    changed = (corrupted != rows).sum(dim=1)
    assert changed.max() == 3
    assert (changed < 3).float().mean() < 0.05  # only where somebody drew their own value
    for column in range(rows.shape[1]):
        assert torch.isin(corrupted[:, column], rows[:, column]).all()


def test_the_scarf_loss_is_info_nce_by_plain_loops(people: Any) -> None:
    rows = torch.from_numpy(people.rows[:6])
    network = _Contrast(Scarf(dimensions=3, hidden=(5,), temperature=0.7), torch.from_numpy(people.rows))
    ours = float(network(rows, torch.Generator().manual_seed(9)).detach())
    other = network._corrupted(rows, torch.Generator().manual_seed(9))
    z, w = (network._head(network.encoder(part)).detach().double().numpy() for part in (rows, other))
    total = 0.0
    for i in range(6):
        cosines = [z[i] @ w[k] / np.linalg.norm(z[i]) / np.linalg.norm(w[k]) for k in range(6)]
        total -= np.log(np.exp(cosines[i] / 0.7) / sum(np.exp(value / 0.7) for value in cosines))
    assert ours == pytest.approx(total / 6, rel=1e-5)


@pytest.mark.parametrize("name", ["triplet", "nplb"])
def test_triplets_separate_classes_better_than_the_rows_do(name: str) -> None:
    generator = np.random.default_rng(3)
    codes = generator.integers(2, size=500)
    rows = generator.normal(size=(500, 40)).astype(np.float32)
    rows[:, 0] += 1.8 * (2 * codes - 1)
    train, test = slice(0, 350), slice(350, 500)
    classes = Classes(rows=np.arange(350), codes=codes[:350])
    fitted = make_representation(name, dimensions=2, settings={"hidden": (16,), "epochs": 30, "batch_size": 32}).fit(
        rows[train], classes
    )
    embeddings = fitted.transform(rows)
    assert nearest_agree(embeddings, codes, train=train, test=test) > 0.8  # chance: a half
    assert apart(embeddings[test], codes[test]) > 1.5 * apart(rows[test], codes[test])


def test_nplb_and_triplet_learn_different_embeddings(people: Any) -> None:
    one, other = (
        make_representation(name, dimensions=2, settings={"hidden": (8,), "epochs": 2})
        .fit(people.rows, people.classes)
        .transform(people.rows)
        for name in ("triplet", "nplb")
    )
    assert np.abs(one - other).max() > 1e-3


def test_training_stops_when_held_out_rows_are_predicted_no_better() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float32)  # nothing to learn
    told: list[int] = []
    VariationalAutoencoder(
        dimensions=2, hidden=(64,), epochs=400, learning_rate=0.01, progress=lambda _, done, total: told.append(done)
    ).fit(rows)
    assert told[0] == 0
    assert told[-1] == 400  # told as whole
    assert told[-2] < 399


def test_every_epoch_is_run_where_nothing_is_held_out(people: Any) -> None:
    told: list[tuple[str, int, int]] = []
    VariationalAutoencoder(dimensions=2, hidden=(8,), epochs=5, held_out=0, progress=lambda *it: told.append(it)).fit(
        people.rows
    )
    assert told == [("vae epoch", done, 5) for done in range(6)]


@pytest.mark.parametrize("name", ["dae", "vae", "scarf"])
def test_training_that_runs_away_is_refused(name: str, people: Any) -> None:
    settings = {"hidden": (8,), "learning_rate": 1e30, "epochs": 5}
    with pytest.raises(MetricError, match=r"Loss must stay finite, got `(nan|inf)` in epoch \d; lower learning_rate\."):
        make_representation(name, dimensions=2, settings=settings).fit(people.rows * 1e18)


def test_an_interrupted_fit_leaves_what_was_learnt_before(people: Any) -> None:
    fitted = VariationalAutoencoder(dimensions=2, hidden=(8,), epochs=3).fit(people.rows)
    before = fitted.transform(people.rows)

    def interrupt(what: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    fitted.progress = interrupt
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        fitted.fit(people.rows[:200])
    np.testing.assert_array_equal(fitted.transform(people.rows), before)


def test_an_interrupted_triplet_fit_is_not_taken_for_a_finished_one(
    people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(bar: object, course: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("holdfast.metric.encoder.training._show", interrupt)
    begun = TripletRepresentation(dimensions=2, hidden=(8,), epochs=3)
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        begun.fit(people.rows, people.classes)
    with pytest.raises(MetricError, match=r"triplet must have learnt something first"):
        begun.transform(people.rows)
