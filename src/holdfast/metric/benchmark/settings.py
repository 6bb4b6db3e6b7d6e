"""Settings of a benchmark: those given to the command win, then the file's of one loss, then the file's defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import Field

from holdfast.content import ContentModel, load_yaml
from holdfast.errors import UnknownNameError
from holdfast.metric.benchmark.spec import BENCHMARK_LOSSES, RunSpec
from holdfast.metric.error import MetricError
from holdfast.metric.losses.registry import make_loss

__all__ = ["BenchmarkSettings", "read_settings", "specs_of"]

_LOSS_KEY = "loss"
_SPEC_KEYS = frozenset(item.name for item in fields(RunSpec)) - {"loss", "loss_settings", "seed"}


class BenchmarkSettings(ContentModel):
    """A settings file.

    ::

        defaults: {steps: 900, lr: 0.001}
        losses:
          nplb-all: {lr: 0.003, loss: {margin: 0.1, weight: 1.0}}

    Keys are those of ``RunSpec``; under ``loss`` stand settings of the loss itself.
    """

    defaults: dict[str, Any] = Field(default_factory=dict)
    losses: dict[str, dict[str, Any]] = Field(default_factory=dict)


def read_settings(path: Path) -> BenchmarkSettings:
    """Read a settings file.

    Raises:
        ContentError: It cannot be read, is not YAML or has other parts.
        UnknownNameError: It names a loss or a setting that does not exist.
    """
    settings = load_yaml(path, BenchmarkSettings).value
    for name in settings.losses:
        if name not in BENCHMARK_LOSSES:
            raise UnknownNameError("loss", name, BENCHMARK_LOSSES)
    for section in (settings.defaults, *settings.losses.values()):
        for key in section:
            if key not in _SPEC_KEYS | {_LOSS_KEY}:
                raise UnknownNameError("setting", key, _SPEC_KEYS | {_LOSS_KEY})
        if not isinstance(section.get(_LOSS_KEY, {}), Mapping):
            raise MetricError(f"{path.name} must hold settings by name under `loss`; write `loss: {{margin: 0.1}}`.")
    return settings


def specs_of(
    losses: Sequence[str],
    *,
    settings: BenchmarkSettings,
    given: Mapping[str, Any],
    given_loss: Mapping[str, Any],
) -> tuple[RunSpec, ...]:
    """Return one run for each loss, of seed 0.

    Args:
        losses: Names in ``BENCHMARK_LOSSES``, each once.
        settings: From the file; empty without one.
        given: Settings of every run that the caller gave, which win; None counts as not given.
        given_loss: Settings of the losses that the caller gave, such as margin; a loss without one is left as it is.

    Raises:
        MetricError: A setting is out of range, or no loss takes one of ``given_loss``.
        UnknownNameError: A loss does not exist.
    """
    if not losses or len(set(losses)) != len(losses):
        raise MetricError(f"Losses must be named once each, got `{','.join(losses)!r}`; name each once.")
    for name in losses:
        if name not in BENCHMARK_LOSSES:
            raise UnknownNameError("loss", name, BENCHMARK_LOSSES)
    taken = {name: set(make_loss(BENCHMARK_LOSSES[name][0]).settings()) for name in losses}
    given_loss = {key: value for key, value in given_loss.items() if value is not None}
    for key in given_loss:
        if not any(key in known for known in taken.values()):
            raise MetricError(f"{key} must be a setting of one of {', '.join(losses)}; none has it: leave it out.")
    chosen = {key: value for key, value in given.items() if value is not None}
    return tuple(_spec(name, taken[name], settings, chosen, given_loss) for name in losses)


def _spec(
    name: str,
    taken: set[str],
    settings: BenchmarkSettings,
    given: Mapping[str, Any],
    given_loss: Mapping[str, Any],
) -> RunSpec:
    own = settings.losses.get(name, {})
    merged = {**settings.defaults, **own, **given}
    merged.pop(_LOSS_KEY, None)
    shared, own_loss = settings.defaults.get(_LOSS_KEY, {}), own.get(_LOSS_KEY, {})
    of_loss = {
        **{key: value for key, value in shared.items() if key in taken},
        **own_loss,
        **{key: value for key, value in given_loss.items() if key in taken},
    }
    return RunSpec.from_json({**merged, "loss": name, "loss_settings": of_loss})
