"""Evening out inner layers: the whole network stays the same, the eight-bit one comes nearer to it."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from holdfast.safety.learned.semantic_encoder import SentenceNetwork
from holdfast.safety.learned.training.evening import even_out
from holdfast.safety.learned.training.onnx_export import export_network, read_source
from tiny_bert import tiny_bert, write_tiny_bert

WORDS = ["zorma", "blikta", "tarnok", "ubrelo", "kwesto", "yilmar", "drenfu", "pholga", "lumora", "senvik"]
TEXTS = [" ".join(WORDS[start : start + 5]) for start in range(6)] + WORDS


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small network in which three inner units of each layer put out far more than the rest."""
    folder = tmp_path_factory.mktemp("uneven") / "source"
    network = tiny_bert(WORDS, layers=3)
    for layer in network.encoder.layer:
        layer.intermediate.dense.weight.data[:3] *= 300
        layer.output.dense.weight.data[:, :3] /= 300
    write_tiny_bert(network, WORDS, folder)
    return folder


def whole(source: Path, *, evened: bool) -> NDArray[np.float32]:
    """Return unit vectors of the network as it is trained, shape (texts, width)."""
    tokenizer, network = read_source(source)
    if evened:
        even_out(network, tokenizer, TEXTS)
    with torch.no_grad():
        found: list[Tensor] = [
            network(**tokenizer(text, return_tensors="pt")).last_hidden_state.mean(1)[0] for text in TEXTS
        ]
    return torch.nn.functional.normalize(torch.stack(found)).numpy()


def eight_bit(source: Path, folder: Path, texts: list[str]) -> NDArray[np.float32]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_network(source, folder, texts)
    return SentenceNetwork.load(folder).encode(TEXTS)


def test_the_whole_network_stays_the_same(source: Path) -> None:
    assert whole(source, evened=True) == pytest.approx(whole(source, evened=False), abs=1e-4)


def test_the_eight_bit_network_comes_nearer_to_the_whole_one(source: Path, tmp_path: Path) -> None:
    meant = whole(source, evened=False)
    as_it_was, evened = (eight_bit(source, tmp_path / str(len(texts)), texts) for texts in ([], TEXTS))
    off = [float((1 - (meant * found).sum(axis=1)).mean()) for found in (as_it_was, evened)]
    assert off[1] < off[0] / 2
    assert off[1] < 0.01
