"""What an encoder's card says: settings, network, loss, classes and how training went, as JSON-ready values."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from holdfast.metric.encoder.input import label_array
from holdfast.metric.encoder.networks import multilayer_perceptron, with_unit_length
from holdfast.metric.encoder.objective import make_objective
from holdfast.metric.encoder.storing import load_into
from holdfast.metric.encoder.training import TrainingSummary, part_of
from holdfast.metric.error import MetricError
from holdfast.metric.tabular.encoding import TabularEncoding

__all__ = ["built_with", "card_of", "kept_parameters", "parameters_from", "revive"]

BUILT_WITH = ("loss", "loss_settings", "embedding_dim", "hidden", "normalize", "categorical", "network")
"""Hyperparameters that make network, loss and encoding: changing one afterwards changes nothing that is fitted."""

NOT_KEPT = ("network", "device", "checkpoint", "progress")
"""Hyperparameters which belong to the machine or are given again when loading."""

_ROW_TYPES = {
    str(kind).removeprefix("torch."): kind
    for kind in (
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.bool,
    )
}


def card_of(encoder: Any) -> dict[str, Any]:
    """Describe a fitted ``TripletEncoder``.

    A loss or network of the caller's own is named only; a seed that is no number is left out.
    """
    names = getattr(encoder, "feature_names_in_", None)
    built = {name: value for name, value in encoder._built.items() if name not in NOT_KEPT}
    if isinstance(built["loss"], nn.Module):
        built["loss"] = None
    return {
        "parameters": kept_parameters(encoder) | built,
        "architecture": _architecture(encoder),
        "loss": {"class": type(encoder.loss_).__name__, "settings": _loss_settings(encoder.loss_)},
        "encoding": None if encoder.encoding_ is None else encoder.encoding_.to_json(),
        "feature_names_in": None if names is None else [str(name) for name in names],
        "classes": {"dtype": encoder.classes_.dtype.str, "values": encoder.classes_.tolist()},
        "seed": encoder._seed,
        "training": encoder.training_.to_json(),
    }


def built_with(encoder: Any) -> dict[str, Any]:
    """Return the hyperparameters that a network, loss and encoding are made with now; modules as they are."""
    given = {name: getattr(encoder, name) for name in BUILT_WITH}
    return {name: value if isinstance(value, nn.Module) else _plain(value) for name, value in given.items()}


def kept_parameters(encoder: Any) -> dict[str, Any]:
    """Return the hyperparameters a card keeps, JSON-ready."""
    given = {name: value for name, value in encoder.get_params(deep=False).items() if name not in NOT_KEPT}
    if isinstance(encoder.loss, nn.Module):
        given["loss"] = None
    if not isinstance(encoder.random_state, int | np.integer):
        given["random_state"] = None
    return {name: _plain(value) for name, value in given.items()}


def _architecture(encoder: Any) -> dict[str, Any]:
    width = int(encoder._n_features_out)
    if encoder.encoding_ is None:
        return {
            "kind": "own",
            "class": type(encoder._built["network"]).__name__,
            "embedding_dim": width,
            "normalize": encoder._built["normalize"],
            "row_shape": list(encoder._row_shape),
            "row_dtype": str(encoder._row_dtype).removeprefix("torch."),
        }
    return {
        "kind": "multilayer_perceptron",
        "n_inputs": encoder.encoding_.n_outputs,
        "hidden": encoder._built["hidden"],
        "embedding_dim": width,
        "normalize": encoder._built["normalize"],
    }


def _loss_settings(loss: Any) -> dict[str, Any] | None:
    return _plain(loss.settings()) if hasattr(loss, "settings") else None


def _plain(value: Any) -> Any:
    """Turn numpy numbers, tuples, paths and mappings into what JSON holds; leave the rest for JSON to refuse."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(name): _plain(held) for name, held in value.items()}
    if isinstance(value, list | tuple | range | np.ndarray):
        return [_plain(held) for held in value]
    return str(value) if isinstance(value, Path) else value


def parameters_from(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters a card keeps, as ``TripletEncoder`` takes them."""
    machine = sorted(set(NOT_KEPT) & set(card["parameters"]))
    if machine:
        raise MetricError(f"Encoder card must not set {', '.join(machine)}, got it changed; save the encoder again.")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in card["parameters"].items()}


def _is_own(card: Mapping[str, Any], network: nn.Module | None) -> bool:
    """Say whether a card is of a network of the caller's own, after checking that one is given exactly if so.

    Raises:
        MetricError: It is and none was given, or it is not and one was.
    """
    is_own = bool(card["architecture"]["kind"] == "own")
    if is_own and network is None:
        name = card["architecture"]["class"]
        raise MetricError(
            f"network must be given again for an encoder with one of your own, got None; pass a `{name}`."
        )
    if not is_own and network is not None:
        raise MetricError(
            "network must be None for an encoder whose network Holdfast built, got a module; leave it out."
        )
    return is_own


def revive(encoder: Any, card: Mapping[str, Any], tensors: Mapping[str, Tensor], loss: nn.Module | None) -> None:
    """Give a new ``TripletEncoder`` what a card and its tensors say.

    Args:
        encoder: Made with ``parameters_from(card)`` and the network of the caller's own, if there was one.
        card: What ``card_of`` returned.
        tensors: Of the network and the loss.
        loss: The caller's own loss, if there was one and training is to go on.

    Raises:
        MetricError: The network or loss does not fit.
        KeyError: The card lacks an entry.
    """
    if _is_own(card, encoder.network):
        _revive_own(encoder, card["architecture"])
    else:
        _revive_table(encoder, card)
    load_into(encoder.network_, part_of(tensors, "network."), "network")
    encoder.loss_ = nn.Identity()
    if encoder.loss is None:
        encoder.loss = loss
    if encoder.loss is not None:
        encoder.loss_ = copy.deepcopy(make_objective(encoder.loss, encoder.loss_settings).loss)
        load_into(encoder.loss_, part_of(tensors, "loss."), "loss")
    encoder._built = built_with(encoder)
    classes = card["classes"]
    kind = np.dtype(classes["dtype"])
    encoder.classes_, encoder._is_closed = label_array(np.array(classes["values"], kind), len(classes["values"])), False
    encoder._seed, encoder._optimizer_state = int(card["seed"]), {}
    encoder.training_ = TrainingSummary.from_json(card["training"])


def _revive_own(encoder: Any, architecture: Mapping[str, Any]) -> None:
    network = copy.deepcopy(encoder.network)
    encoder.encoding_ = None
    encoder.network_ = with_unit_length(network) if architecture["normalize"] else network
    encoder._n_features_out = int(architecture["embedding_dim"])
    encoder._row_shape = tuple(architecture["row_shape"])
    if architecture["row_dtype"] not in _ROW_TYPES:
        raise MetricError(
            f"Encoder must read rows of a known type, got `{str(architecture['row_dtype'])[:40]!r}`; save it again."
        )
    encoder._row_dtype = _ROW_TYPES[architecture["row_dtype"]]


def _revive_table(encoder: Any, card: Mapping[str, Any]) -> None:
    architecture = card["architecture"]
    encoder.encoding_ = TabularEncoding.from_json(card["encoding"])
    encoder.n_features_in_ = encoder.encoding_.n_features_in
    if card["feature_names_in"] is not None:
        if card["feature_names_in"] != list(encoder.encoding_.feature_names_in or ()):
            raise MetricError("Encoder card must name the columns of its encoding, got others; save it again.")
        encoder.feature_names_in_ = np.array(card["feature_names_in"], dtype=object)
    encoder._n_features_out = int(architecture["embedding_dim"])
    with torch.device("meta"):  # no memory until the weights are known to fit, however large a card says it is
        encoder.network_ = multilayer_perceptron(
            encoder.encoding_.n_outputs,
            hidden=architecture["hidden"],
            embedding_dim=architecture["embedding_dim"],
            normalize=architecture["normalize"],
        )
