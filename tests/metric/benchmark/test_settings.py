"""What the caller gives wins over a file's settings of a loss, and those over the file's defaults."""

from pathlib import Path

import pytest

from holdfast.errors import ContentError, UnknownNameError
from holdfast.metric.benchmark.settings import BenchmarkSettings, read_settings, specs_of
from holdfast.metric.error import MetricError

FILE = """
defaults: {steps: 900, lr: 0.01, loss: {margin: 0.1, power: 4}}
losses:
  nplb: {lr: 0.003, loss: {margin: 0.2}}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "c.yaml").write_text(text)
    return folder / "c.yaml"


def test_precedence_is_given_then_own_then_defaults(tmp_path):
    settings = read_settings(written(tmp_path, FILE))
    nplb, triplet = specs_of(["nplb", "triplet"], settings=settings, given={"steps": 5, "lr": None}, given_loss={})
    assert (nplb.steps, nplb.lr, nplb.loss_settings) == (5, 0.003, {"margin": 0.2, "power": 4})
    assert (triplet.steps, triplet.lr, triplet.loss_settings) == (5, 0.01, {"margin": 0.1})
    (given,) = specs_of(["nplb"], settings=settings, given={}, given_loss={"margin": 0.7, "weight": None})
    assert given.loss_settings == {"margin": 0.7, "power": 4}


def test_a_margin_goes_to_the_losses_that_have_one():
    npair, swap = specs_of(["npair", "swap"], settings=BenchmarkSettings(), given={}, given_loss={"margin": 0.7})
    assert npair.loss_settings == {}
    assert swap.loss_settings == {"margin": 0.7}


def test_a_setting_no_loss_has_is_refused():
    with pytest.raises(MetricError, match="margin must be a setting of one of npair"):
        specs_of(["npair"], settings=BenchmarkSettings(), given={}, given_loss={"margin": 0.7})


@pytest.mark.parametrize("losses", [[], ["nplb", "nplb"]])
def test_losses_are_named_once_each(losses):
    with pytest.raises(MetricError, match="named once each"):
        specs_of(losses, settings=BenchmarkSettings(), given={}, given_loss={})


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("losses: {nlpb: {}}", UnknownNameError, "did you mean nplb"),
        ("defaults: {step: 3}", UnknownNameError, "did you mean steps"),
        ("defaults: {seed: 3}", UnknownNameError, "known id, got 'seed'"),
        ("losses: {nplb: {loss: 3}}", MetricError, "by name under `loss`"),
        ("other: {}", ContentError, "does not fit"),
        ("{", ContentError, "must be valid YAML"),
    ],
)
def test_a_file_that_names_what_does_not_exist_is_refused(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        read_settings(written(tmp_path, text))


def test_a_value_out_of_range_is_refused_before_anything_runs(tmp_path):
    settings = read_settings(written(tmp_path, "defaults: {steps: many}"))
    with pytest.raises(MetricError, match="must fit"):
        specs_of(["nplb"], settings=settings, given={}, given_loss={})
