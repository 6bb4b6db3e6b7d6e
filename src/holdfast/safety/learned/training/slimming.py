"""Cut a sentence network to the size the semantic layer can run at, before it is fine-tuned.

A multilingual network spends most of its size on word pieces of a hundred languages, and its last layers on the task it
was trained for. Kept are the first layers, and of the pieces those that the words of some languages are made of, every
sign and emoji, and the pieces of one or two letters that spell whatever else is written in the scripts kept.

Dropping the last layers of a network that is fine-tuned afterwards costs little (Sajjad et al., On the effect of
dropping layers of pre-trained transformer models, 2023).
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from holdfast.errors import ContentError
from holdfast.optional import require
from holdfast.safety.learned.training.onnx_export import read_source

__all__ = ["WORDS", "common_words", "slim"]

WORDS: Mapping[str, int] = {
    "en": 60_000,
    "es": 35_000,
    "pt": 35_000,
    "fr": 35_000,
    "de": 40_000,
    "ar": 35_000,
    "hi": 35_000,
    "zh": 50_000,
}
"""How many of a language's commonest words count, by language tag."""

_SCRIPTS = ("LATIN", "DEVANAGARI", "ARABIC", "CJK")
_SPELLING = 2
"""Letters of a piece that is kept to spell with."""
_MARKS = "▁#"
"""What tokenizers mark the beginning, or the inside, of a word with."""
_BATCH = 20_000


def common_words(counts: Mapping[str, int] = WORDS) -> Iterator[str]:
    """Yield the commonest words of each language, and how they begin a sentence and shout.

    Source: wordfreq's lists (Speer 2022).

    Raises:
        MissingExtraError: wordfreq is not installed.
    """
    wordfreq = require("wordfreq", extra="train")
    for language, count in counts.items():
        for word in wordfreq.top_n_list(language, count):
            yield from dict.fromkeys((word, word.capitalize(), word.upper() if language == "en" else word))


def slim(source: str | Path, folder: Path, *, words: Iterable[str], layers: int | None = None) -> int:
    """Write ``source`` to ``folder``, cut to the pieces ``words`` need and to its first ``layers``; return the pieces.

    Args:
        source: A sentence-transformers folder, or a name on the hub, of a BERT-like network with a fast tokenizer.
        layers: How many layers to keep; all where None.

    Raises:
        ContentError: ``source`` is no network that can be cut, or has not so many layers.
        MissingExtraError: transformers is not installed.
    """
    torch = require("torch", extra="train")
    tokenizer, network = read_source(source)
    try:
        has, weights = len(network.encoder.layer), network.embeddings.word_embeddings.weight
    except AttributeError as error:
        raise ContentError(
            f"Encoder must be built like BERT to be cut, got {str(source)!r}; choose another."
        ) from error
    if layers is not None and not 1 <= layers <= has:
        raise ContentError(f"Layers to keep must be 1 to {has}, got {layers}; name another number.")
    written = json.loads(tokenizer.backend_tokenizer.to_str())
    kept = _kept(tokenizer, _pieces(written), words)
    new = {old: number for number, old in enumerate(kept)}
    if tokenizer.pad_token_id not in new:
        raise ContentError(f"Tokenizer must have a padding token, got none in {str(source)!r}; choose another encoder.")
    _cut_pieces(written, new)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
    network.embeddings.word_embeddings = torch.nn.Embedding.from_pretrained(weights[kept].detach().clone())
    network.config.vocab_size = len(kept)
    network.config.pad_token_id = new[tokenizer.pad_token_id]
    if layers is not None:
        network.encoder.layer = network.encoder.layer[:layers]
        network.config.num_hidden_layers = layers
    network.save_pretrained(folder)
    return len(kept)


def _pieces(written: Mapping[str, Any]) -> list[str]:
    """Return the pieces of a tokenizer, as it is written, by their numbers."""
    vocabulary = written["model"].get("vocab")
    if written["model"].get("type") == "Unigram":
        return [piece for piece, _ in vocabulary]
    if written["model"].get("type") == "WordPiece":
        return sorted(vocabulary, key=vocabulary.__getitem__)
    raise ContentError("Tokenizer must be Unigram or WordPiece to be cut; choose another encoder.")


def _kept(tokenizer: Any, pieces: Sequence[str], words: Iterable[str]) -> list[int]:
    kept = {number for number in tokenizer.all_special_ids if number < len(pieces)}
    kept |= {number for number, piece in enumerate(pieces) if _spells(piece.strip(_MARKS))}
    texts = list(words)
    for start in range(0, len(texts), _BATCH):
        for found in tokenizer.backend_tokenizer.encode_batch(texts[start : start + _BATCH], add_special_tokens=False):
            kept.update(number for number in found.ids if number < len(pieces))
    return sorted(kept)


def _spells(piece: str) -> bool:
    """Return whether ``piece`` is signs only, or a letter or two of the scripts that are kept."""
    letters = [letter for letter in piece if unicodedata.category(letter)[0] in "LM"]
    if not letters:
        return True
    return len(piece) <= _SPELLING and all(unicodedata.name(letter, "").startswith(_SCRIPTS) for letter in letters)


def _cut_pieces(written: dict[str, Any], new: Mapping[int, int]) -> None:
    """Keep only the pieces in ``new`` in a tokenizer as it is written, and give them their new numbers everywhere."""
    model = written["model"]
    if model["type"] == "Unigram":
        model["vocab"] = [model["vocab"][number] for number in new]
        model["unk_id"] = new.get(model.get("unk_id"))
    else:
        model["vocab"] = {piece: new[number] for piece, number in model["vocab"].items() if number in new}
    written["added_tokens"] = [
        {**token, "id": new[token["id"]]} for token in written.get("added_tokens", ()) if token["id"] in new
    ]
    _renumber(written.get("post_processor"), new)


def _renumber(part: Any, new: Mapping[int, int]) -> None:
    """Give the special tokens that a tokenizer puts around a text their new numbers."""
    if isinstance(part, list):
        for inner in part:
            _renumber(inner, new)
    if not isinstance(part, dict):
        return
    for name, value in part.items():
        if name == "ids" and isinstance(value, list):
            part[name] = [new[number] for number in value]
        elif name in {"cls", "sep"} and isinstance(value, list):
            part[name] = [value[0], new[value[1]]]
        else:
            _renumber(value, new)
