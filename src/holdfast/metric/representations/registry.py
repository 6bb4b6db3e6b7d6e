"""The representations by name: made for settings files and command lines, and loaded from a folder.

What a representation needs is imported when it is asked for: raw, PCA and ICA bring no torch.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from holdfast.errors import UnknownNameError
from holdfast.metric.error import MetricError
from holdfast.metric.representations.card import read_card
from holdfast.metric.representations.representation import Progress, Representation

__all__ = ["REPRESENTATIONS", "load_representation", "make_representation"]

REPRESENTATIONS: Mapping[str, str] = MappingProxyType(
    {
        "raw": "the inputs as they are",
        "pca": "principal components",
        "ica": "independent components (FastICA)",
        "dae": "stacked denoising autoencoders, as in DeepPatient",
        "vae": "variational autoencoder: the posterior's mean",
        "scarf": "contrastive learning by random feature corruption (SCARF)",
        "triplet": "triplets of people of the same and of another class",
        "nplb": "No Pairs Left Behind: triplets whose positive and negative are kept apart too",
    }
)
"""Name to what it is, simplest first."""


def make_representation(
    name: str,
    *,
    dimensions: int = 32,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Representation:
    """Make a representation by name; what is left out of ``settings`` is its own default.

    Args:
        name: A key of ``REPRESENTATIONS``.
        dimensions: Columns of the embedding, 1 or more; ``raw`` keeps every input instead.
        seed: What is drawn while learning follows from it.
        settings: Settings of that representation, such as ``{"beta": 4.0}`` of ``vae``.
        threads: How many torch may use while learning; None leaves it as it is, and those without torch leave it out.
        progress: Told how far learning is; None for nobody.

    Raises:
        UnknownNameError: There is no representation of that name.
        MetricError: It has no such setting, or a value is out of range.
        MissingExtraError: It needs torch, which is not installed.
    """
    kind, given = _class_of(name), dict(settings or {})
    known = {entry.name for entry in fields(kind) if entry.init} - _GIVEN_APART
    for setting in given:
        if setting not in known:
            has = ", ".join(sorted(known)) or "none"
            raise MetricError(f"{name} must be given settings it has, got `{setting!r}`; it has {has}.")
    apart = {"dimensions": dimensions, "seed": seed, "threads": threads, "progress": progress}
    has_apart = {entry.name for entry in fields(kind)}
    made: Representation = kind(**given, **{key: value for key, value in apart.items() if key in has_apart})
    return made


def load_representation(folder: Path) -> Representation:
    """Load what a representation's ``save`` wrote.

    Raises:
        MetricError: The folder holds none, one of another format version, one that was changed, or one a stratum.
        UnknownNameError: It holds one of a name that is not known here.
        MissingExtraError: It needs torch, which is not installed.
    """
    card = read_card(folder)
    if card.name == "stratified":
        raise MetricError(f"Representation must be a single one, got one a stratum in `{folder}`; use Stratified.load.")
    kind = _class_of(card.name)
    loaded: Representation = (
        kind.revive(folder, card.content.get("settings", {})) if kind.uses_classes else kind.revive(card)
    )
    return loaded


_GIVEN_APART = {"dimensions", "seed", "threads", "progress"}
_WITHOUT_TORCH = ("raw", "pca", "ica")


def _class_of(name: str) -> Any:
    """Import the class of a name."""
    if name not in REPRESENTATIONS:
        raise UnknownNameError("representation", name, REPRESENTATIONS)
    if name in _WITHOUT_TORCH:
        return _without_torch()[name]
    from holdfast.optional import require

    require("torch", extra="metric")
    return _with_torch()[name]


def _without_torch() -> dict[str, Any]:
    from holdfast.metric.representations.ica import Ica
    from holdfast.metric.representations.pca import Pca
    from holdfast.metric.representations.raw import Raw

    return {kind.name: kind for kind in (Raw, Pca, Ica)}


def _with_torch() -> dict[str, Any]:
    from holdfast.metric.representations.dae import DenoisingAutoencoder
    from holdfast.metric.representations.scarf import Scarf
    from holdfast.metric.representations.triplet import NplbRepresentation, TripletRepresentation
    from holdfast.metric.representations.vae import VariationalAutoencoder

    kinds = (DenoisingAutoencoder, VariationalAutoencoder, Scarf, TripletRepresentation, NplbRepresentation)
    return {kind.name: kind for kind in kinds}
