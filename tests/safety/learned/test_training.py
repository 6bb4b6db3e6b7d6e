"""Claims about training: it separates what it was not shown, repeats itself, and calibrates on strangers only."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from holdfast.errors import ContentError, InputError
from holdfast.safety.detection.verdict import Category, Level, Subject
from holdfast.safety.learned import BENIGN, NOTICE, Calibration, Kind, LearnedDetector, NGramEncoder, load_model
from holdfast.safety.learned.calibration import DEFAULT
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.pieces import Piece, pieces
from holdfast.safety.learned.reading import Reader
from holdfast.safety.learned.training.cross_fitting import FOLDS, Placed, cross_fitted
from holdfast.safety.learned.training.examples import KINDS, Examples, kind_of
from holdfast.safety.learned.training.noise import disturbed
from holdfast.safety.learned.training.prototypes import choose_references
from holdfast.safety.learned.training.thresholds import Aims, calibrated
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Utterance

pytest.importorskip("torch", reason="the metric extra is not installed")

from holdfast.safety.learned.training.fitting import train_ngrams
from holdfast.safety.learned.training.ngram_fitting import NGramSettings, fit_ngrams

SETTINGS = NGramSettings(dimensions=8, epochs=4, batch=64, seed=5)


def quiet(*_: object) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def examples(small_set: UtteranceSet) -> Examples:
    return Examples.of(small_set.utterances)


@pytest.fixture(scope="module")
def encoder(examples: Examples) -> NGramEncoder:
    return fit_ngrams(examples, SETTINGS, tell=quiet)


def test_training_separates_lines_it_was_not_shown(
    encoder: NGramEncoder, examples: Examples, held_out: Sequence[Utterance]
) -> None:
    references = choose_references(encoder.encode(examples.texts), examples.labels, seed=0)
    worst = Reader(encoder=encoder, references=references).worst([one.turns for one in held_out])
    risk = np.array([one.is_risk for one in held_out])
    assert np.mean((np.array([place for place, _ in worst]) >= 0.5) == risk) > 0.95
    relative = references.relative_distance(encoder.encode([one.text for one in held_out]))
    right = [
        references.risks[row.argmax()] == kind_of(one)
        for row, one in zip(relative, held_out, strict=True)
        if one.is_risk
    ]
    assert np.mean(right) > 0.9


def test_without_training_the_same_lines_are_not_separated(examples: Examples, held_out: Sequence[Utterance]) -> None:
    """So the separation is learnt and no property of hashing."""
    still = NGramSettings(dimensions=8, epochs=1, rate=1e-9, seed=5)
    untrained = fit_ngrams(examples, still, tell=quiet)
    references = choose_references(untrained.encode(examples.texts), examples.labels, seed=0)
    worst = Reader(encoder=untrained, references=references).worst([one.turns for one in held_out])
    risk = np.array([one.is_risk for one in held_out])
    assert np.mean((np.array([place for place, _ in worst]) >= 0.5) == risk) < 0.9


def test_the_same_seed_gives_the_same_encoder_and_another_seed_another(
    encoder: NGramEncoder, examples: Examples
) -> None:
    again = fit_ngrams(examples, SETTINGS, tell=quiet)
    for name, tensor in encoder.tensors().items():
        assert (again.tensors()[name] == tensor).all(), name
    other = fit_ngrams(examples, NGramSettings(dimensions=8, epochs=4, batch=64, seed=6), tell=quiet)
    assert (other.vectors.codes != encoder.vectors.codes).any()


def test_the_loss_falls_and_is_told_after_each_epoch(examples: Examples) -> None:
    told: list[tuple[int, float]] = []
    fit_ngrams(examples, SETTINGS, tell=lambda epoch, loss: told.append((epoch, loss)))
    assert [epoch for epoch, _ in told] == [1, 2, 3, 4]
    assert told[-1][1] < told[0][1]


def test_what_occurs_in_too_few_texts_is_not_trained(encoder: NGramEncoder) -> None:
    assert not encoder.encode(["\u16a0\u16a1\u16a2 \u16a3\u16a4\u16a5"]).any()
    assert not encoder.vectors.scales[encoder.rarity == 0].any()


def test_languages_are_guessed_from_what_was_shown() -> None:
    german, english = ["ich bin heute sehr müde", "das ist mir zu viel"], ["i am tired today", "it is too much for me"]
    texts = (german + english) * 6
    shown = Examples(
        tuple(texts),
        np.array([KINDS.index(BENIGN), 0] * 12, dtype=np.int64),
        np.array([False, True] * 12),
        tuple(f"f{n}" for n in range(24)),
        ("de", "de", "en", "en") * 6,
    )
    found = fit_ngrams(shown, NGramSettings(dimensions=4, epochs=1), tell=quiet)
    assert found.languages == ("de", "en")
    assert found.encode_with_language(["heute ist mir zu viel", "it is much today"])[1] == ["de", "en"]


class Remembers:
    """An encoder that keeps what it was trained on, and what it was asked to place."""

    id = "remembers"
    dimensions = 2

    def __init__(self, seen: Examples) -> None:
        self.seen = seen
        self.placed: list[str] = []

    joins_turns = True

    def cut(self, text: str) -> list[Piece]:
        return pieces(text)

    def encode(self, texts: Sequence[str]) -> Vectors:
        draw = np.random.default_rng(len(texts))
        return draw.normal(size=(len(texts), 2)).astype(np.float32)

    def encode_with_language(self, texts: Sequence[str]) -> tuple[Vectors, list[str]]:
        self.placed += texts
        return self.encode(texts), ["en"] * len(texts)


def test_no_family_is_placed_by_an_encoder_that_saw_it_and_each_is_placed_once(small_set: UtteranceSet) -> None:
    made: list[Remembers] = []

    def fit(examples: Examples) -> Remembers:
        made.append(Remembers(examples))
        return made[-1]

    placed = cross_fitted(small_set.utterances, fit)
    families = {one.text: one.family for one in small_set.utterances}
    assert 1 < len(made) <= FOLDS
    for encoder in made:
        asked = {families[text] for text in encoder.placed}
        assert asked
        assert asked.isdisjoint(encoder.seen.families)
        assert asked | set(encoder.seen.families) == set(families.values())
    assert Counter(one.id for one in placed.utterances) == Counter(one.id for one in small_set.utterances)
    assert len(placed.relative) == len(placed.languages) == len(placed.utterances)


def made_up(small_set: UtteranceSet, *, others: int) -> Placed:
    """Return 1,200 look-alikes and 600 risks in English placed at random, and ``others`` of each in German."""
    draw = np.random.default_rng(9)
    benign = next(one for one in small_set.utterances if one.is_benign)
    risk = next(one for one in small_set.utterances if one.is_risk)
    counts = ((benign, "en", 1200), (risk, "en", 600), (benign, "de", others), (risk, "de", others))
    rows = [(one, language) for one, language, count in counts for _ in range(count)]
    centre = np.array([0.3 if one.is_benign else 0.6 for one, _ in rows])
    relative = np.clip(centre + draw.normal(scale=0.12, size=len(rows)), 0.01, 0.99).astype(np.float32)
    return Placed(tuple(one for one, _ in rows), relative, tuple(language for _, language in rows))


def share_above(placed: Placed, calibration: Calibration, language: str | None, least: Level) -> float:
    levels = [
        calibration.level(calibration.probability(float(relative)))
        for one, relative, tongue in zip(placed.utterances, placed.relative, placed.languages, strict=True)
        if one.is_benign and language in (None, tongue)
    ]
    return sum(level >= least for level in levels) / len(levels)


def test_the_stated_share_of_look_alikes_is_asked_about_and_none_is_a_crisis(small_set: UtteranceSet) -> None:
    placed = made_up(small_set, others=400)
    found = calibrated(placed, Aims(alarms=0.04, alarms_elsewhere=0.1))
    assert set(found.by_language) == {DEFAULT, "en", "de"}
    for language, tag, alarms in ((None, DEFAULT, 0.04), ("en", "en", 0.04), ("de", "de", 0.1)):
        one = found.by_language[tag]
        assert share_above(placed, one, language, Level.CONCERN) == pytest.approx(alarms, abs=0.003)
        assert share_above(placed, one, language, Level.CRISIS) == 0


def test_the_stated_share_of_look_alikes_is_as_near_as_a_crisis_where_gravity_is_told_besides(
    small_set: UtteranceSet,
) -> None:
    placed = made_up(small_set, others=400)
    found = calibrated(placed, Aims(alarms=0.04, alarms_elsewhere=0.1, crises=0.02))
    for language, tag in ((None, DEFAULT), ("en", "en"), ("de", "de")):
        one = found.by_language[tag]
        assert share_above(placed, one, language, Level.CRISIS) == pytest.approx(0.02, abs=0.003)
    above = calibrated(placed, Aims(alarms=0.01, alarms_elsewhere=0.01, crises=0.02)).of("en")
    assert above.crisis == above.ask, "what is a crisis is asked about"


def test_at_most_the_stated_share_of_risks_counts_as_calm_and_only_where_there_are_risks_enough(
    small_set: UtteranceSet,
) -> None:
    placed = made_up(small_set, others=400)
    found = calibrated(placed, Aims(called_calm=0.05)).by_language
    assert found[DEFAULT].calm is None
    for language in ("en", "de"):
        one = found[language]
        assert one.calm is not None
        rows = zip(placed.utterances, placed.relative, placed.languages, strict=True)
        risks = [float(relative) for item, relative, tongue in rows if item.is_risk and tongue == language]
        assert sum(one.probability(relative) < one.calm for relative in risks) / len(risks) == pytest.approx(
            0.05, abs=0.01
        )
    assert calibrated(placed, Aims()).of("en").calm is None
    draw = np.random.default_rng(3).permutation(1_800)
    fewer = [n for n in draw if placed.utterances[n].is_benign][:900] + [
        n for n in draw if placed.utterances[n].is_risk
    ][:59]
    few = Placed(tuple(placed.utterances[n] for n in fewer), placed.relative[fewer], ("en",) * len(fewer))
    assert calibrated(few, Aims(called_calm=0.05)).of("en").calm is None


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 7.0, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="called_calm must be a share between 0 and 1"):
        Aims(called_calm=share)


def test_a_language_with_too_few_look_alikes_shares_the_calibration_of_all(small_set: UtteranceSet) -> None:
    found = calibrated(made_up(small_set, others=59), Aims())
    assert set(found.by_language) == {DEFAULT, "en"}
    assert set(calibrated(made_up(small_set, others=60), Aims()).by_language) == {DEFAULT, "en", "de"}


def test_probabilities_are_about_the_shares_of_risks_there(small_set: UtteranceSet) -> None:
    placed = made_up(small_set, others=0)
    scale = calibrated(placed, Aims()).of("en")
    estimates = np.array([scale.probability(float(relative)) for relative in placed.relative])
    risk = np.array([one.is_risk for one in placed.utterances])
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        there = (estimates >= low) & (estimates < low + 0.2)
        assert risk[there].mean() == pytest.approx(estimates[there].mean(), abs=0.12)


def test_a_set_without_risks_or_without_look_alikes_cannot_be_calibrated(small_set: UtteranceSet) -> None:
    for wanted in (True, False):
        some = tuple(one for one in small_set.utterances if one.is_risk is wanted)
        placed = Placed(some, np.full(len(some), 0.5, dtype=np.float32), ("en",) * len(some))
        with pytest.raises(ContentError, match="must have risks and look-alikes, got none of one"):
            calibrated(placed, Aims())


def test_examples_stand_for_the_main_category_and_for_who_is_at_risk(small_set: UtteranceSet) -> None:
    found = Examples.of(small_set.utterances)
    names = Counter(KINDS[label].name for label in found.labels)
    assert names == {"suicide/self": 60, "harm_to_others/other": 60, "benign": 120}
    assert (found.is_danger == [one.is_risk for one in small_set.utterances]).all()
    assert found.families == tuple(one.family for one in small_set.utterances)


def test_what_lies_behind_is_a_notice_and_what_is_not_clear_counts_as_about_oneself(
    utterances: UtteranceSet,
) -> None:
    kinds = {one.id: kind_of(one) for one in utterances.utterances}
    for one in utterances.utterances:
        kind = kinds[one.id]
        if one.level is Level.NOTICE:
            assert kind == NOTICE
        elif one.is_risk:
            assert kind == Kind.risk(one.categories[0], Subject.OTHER if one.subject == "other" else Subject.SELF)
        else:
            assert kind == BENIGN
    assert set(kinds.values()) == set(KINDS)


@pytest.mark.parametrize(("examples_of_a_kind", "points"), [(2, 2), (10, 3), (250, 10), (2500, 80)])
def test_a_kind_has_about_one_point_for_25_examples_at_least_three_and_at_most_eighty(
    examples_of_a_kind: int, points: int
) -> None:
    draw = np.random.default_rng(3)
    benign, danger = KINDS.index(BENIGN), KINDS.index(Kind.risk(Category.SUICIDE, Subject.SELF))
    labels = np.array([danger] * examples_of_a_kind + [benign] * 30)
    found = choose_references(draw.normal(size=(len(labels), 2)).astype(np.float32), labels, seed=0)
    assert found.kinds == (KINDS[danger], BENIGN), "a kind without examples is left out"
    assert Counter(found.owners.tolist()) == {0: points, 1: 3}


def test_points_lie_in_the_middle_of_what_they_stand_for() -> None:
    draw = np.random.default_rng(3)
    centres = np.array([[0, 9], [9, 0], [9, 9], [-9, -9], [-9, 9], [-9, 0]], dtype=np.float32)
    vectors = np.repeat(centres, 12, axis=0) + draw.normal(scale=0.1, size=(72, 2)).astype(np.float32)
    labels = np.array([0] * 36 + [KINDS.index(BENIGN)] * 36)
    found = choose_references(vectors.astype(np.float32), labels, seed=0)
    for kind, expected in ((0, centres[:3]), (1, centres[3:])):
        points = found.points[found.owners == kind]
        away = np.linalg.norm(points[:, None] - expected[None], axis=2)
        assert sorted(away.argmin(axis=1).tolist()) == [0, 1, 2]
        assert away.min(axis=1).max() < 0.2


def test_noise_is_repeated_by_the_same_seed_and_touches_the_stated_share() -> None:
    text = "some words that are long enough to be typed in a hurry by somebody at the station"
    first = [disturbed(text, draw, share=0.3) for draw in [random.Random(1)] for _ in range(2000)]
    assert first == [disturbed(text, draw, share=0.3) for draw in [random.Random(1)] for _ in range(2000)]
    assert 0.2 < sum(found != text for found in first) / len(first) <= 0.33
    assert all(found.strip() for found in first)


@pytest.mark.parametrize("text", ["", " ", "one", "a b", "😀 😀"])
def test_noise_leaves_the_shortest_texts_readable(text: str) -> None:
    draw = random.Random(2)
    assert all(len(disturbed(text, draw, share=1.0).strip()) >= len(text.split()) for _ in range(200))


def test_a_trained_folder_is_read_and_finds_what_it_was_not_shown(
    small_set: UtteranceSet, held_out: Sequence[Utterance], tmp_path: Path
) -> None:
    told: list[str] = []
    train_ngrams(small_set, tmp_path / "model", settings=SETTINGS, aims=Aims(), tell=told.append)
    model = load_model(tmp_path / "model")
    assert model.card["utterances_sha256"] == small_set.sha256
    assert (model.card["trained_on"], model.card["families"]) == (240, 24)
    assert model.card["languages"] == ["de", "en"]
    assert "training on all of them" in told
    found = LearnedDetector(model).detect_many([one.turns for one in held_out])
    right = [(one.level >= Level.CONCERN) == said.is_risk for one, said in zip(found, held_out, strict=True)]
    assert np.mean(right) > 0.9
