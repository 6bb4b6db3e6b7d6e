"""Claims about reading at fewer places: what is exported is what was taught, and teaching brings long texts home."""

import random
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from holdfast.errors import ContentError
from holdfast.safety.learned.pooling import WHOLE, averages
from holdfast.safety.learned.semantic_encoder import SentenceNetwork
from holdfast.safety.learned.training.narrowing import NarrowingSettings, narrow
from holdfast.safety.learned.training.onnx_export import export_network, read_source
from holdfast.safety.learned.training.pooled_network import PooledNetwork
from tiny_bert import tiny_bert, write_tiny_bert

WORDS = ["zorma", "blikta", "tarnok", "ubrelo", "kwesto", "yilmar", "drenfu", "pholga", "lumora", "senvik"]
SETTINGS = NarrowingSettings(epochs=12, rate=3e-3)


def said(count: int, seed: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=count))


LONG = [said(count, count) for count in range(WHOLE, 150, 2)]
SHORT = [said(count, 1_000 + count) for count in range(3, 50)]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small network that attends sharply, so that averages come as news to it."""
    folder = tmp_path_factory.mktemp("narrow") / "source"
    network = tiny_bert(WORDS, layers=4)
    for layer in network.encoder.layer:
        layer.attention.self.query.weight.data *= 20
    write_tiny_bert(network, WORDS, folder)
    return folder


def by_loops(network: torch.nn.Module, ids: torch.Tensor) -> NDArray[np.float32]:
    """Return the unit vector of a text, layer by layer, states averaged by slicing."""
    states = network.embeddings(input_ids=ids)[0]  # type: ignore[operator]
    stands_for = torch.ones(len(states))
    for number, layer in enumerate(network.encoder.layer):  # type: ignore[union-attr, arg-type]
        many = {2: 2, 3: 4}.get(number, 1) if ids.shape[1] > WHOLE else 1
        starts = range(0, len(states), many)
        shares = [stands_for[start : start + many, None] for start in starts]
        sums = [(states[start : start + many] * share).sum(0) for start, share in zip(starts, shares, strict=True)]
        stands_for = torch.stack([share.sum() for share in shares])
        put_out = layer((torch.stack(sums) / stands_for[:, None])[None])
        states = (put_out[0] if isinstance(put_out, tuple) else put_out)[0]
    vector = (states * stands_for[:, None]).sum(0)
    return torch.nn.functional.normalize(vector, dim=0).detach().numpy()


def test_long_and_short_texts_are_read_as_layer_by_layer_in_a_plain_loop(source: Path, tmp_path: Path) -> None:
    tokenizer, network = read_source(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_network(source, tmp_path, LONG)
    found = SentenceNetwork.load(tmp_path).encode([*LONG[:10], *SHORT[:10]])
    meant = [by_loops(network, tokenizer(text, return_tensors="pt")["input_ids"]) for text in [*LONG[:10], *SHORT[:10]]]
    likeness = (found * np.array(meant)).sum(axis=1)
    assert likeness.min() > 0.95, "eight bits are near the whole network"
    assert likeness.mean() > 0.98


def places(network: torch.nn.Module, tokenizer: transformers.PreTrainedTokenizerFast, texts: list[str]) -> torch.Tensor:
    found = []
    with torch.no_grad():
        for text in texts:
            ids = tokenizer(text, return_tensors="pt")["input_ids"]
            asked = averages(ids.shape[1])
            states = PooledNetwork(network)(ids, *map(torch.from_numpy, asked.steps))
            found.append((states * torch.from_numpy(asked.weights)[:, None]).sum(1)[0])
    return torch.stack(found)


def test_taught_long_texts_come_nearer_to_where_the_whole_network_puts_them_and_short_ones_stay(source: Path) -> None:
    tokenizer, before = read_source(source)
    _, taught = read_source(source)
    told: list[float] = []
    narrow(taught, tokenizer, [*LONG[::2], *SHORT], SETTINGS, tell=lambda _, away: told.append(away))
    assert len(told) == SETTINGS.epochs
    assert told[-1] < told[0]
    unseen = LONG[1::2]
    with torch.no_grad():
        fed = [tokenizer(text, return_tensors="pt") for text in unseen]
        home = torch.stack([before(**one).last_hidden_state.mean(1)[0] for one in fed])
    near = [torch.nn.functional.cosine_similarity(places(one, tokenizer, unseen), home) for one in (before, taught)]
    assert (1 - near[1]).mean() < 0.75 * (1 - near[0]).mean()
    stayed = torch.nn.functional.cosine_similarity(places(taught, tokenizer, SHORT), places(before, tokenizer, SHORT))
    assert stayed.mean() > 0.95


def test_without_long_texts_nothing_is_learnt(source: Path) -> None:
    tokenizer, network = read_source(source)
    as_it_was = {name: value.clone() for name, value in network.state_dict().items()}
    narrow(network, tokenizer, SHORT, SETTINGS, tell=lambda *_: pytest.fail("nothing is to be told"))
    assert all((value == as_it_was[name]).all() for name, value in network.state_dict().items())


def test_a_network_of_another_build_is_refused() -> None:
    network = transformers.DistilBertModel(transformers.DistilBertConfig(dim=32, n_layers=1, n_heads=2, hidden_dim=32))
    with pytest.raises(ContentError, match="must be one of bert, camembert, roberta, xlm-roberta, got 'distilbert'"):
        PooledNetwork(network)
