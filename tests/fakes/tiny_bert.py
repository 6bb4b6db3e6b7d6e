"""A BERT of letters and made-up words, small enough to be made in a test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers

__all__ = ["tiny_bert", "write_tiny_bert"]

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def tiny_bert(words: Sequence[str], *, layers: int) -> Any:
    """Return a network 32 wide with random weights, the same each time, that has a vector for each of ``words``."""
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(_SPECIAL) + len(words),
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.2,
    )
    return transformers.BertModel(config)


def write_tiny_bert(network: Any, words: Sequence[str], folder: Path) -> None:
    """Write ``network`` and a tokenizer of ``words`` to ``folder``, as transformers reads them."""
    vocabulary = {word: number for number, word in enumerate((*_SPECIAL, *words))}
    transformers.BertTokenizerFast(vocab=vocabulary).save_pretrained(folder)
    network.save_pretrained(folder)
