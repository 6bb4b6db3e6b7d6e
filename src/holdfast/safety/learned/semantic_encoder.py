"""The semantic encoder: a sentence-transformers network, fine-tuned with the NPLB loss and run by ONNX Runtime.

The folder holds ``network.onnx`` (eight-bit weights) and ``tokenizer.json``, made by ``training.onnx_export``. Vectors
of an eight-bit network must never be compared with those of the network it came from: the references in the folder
were made with the very same file, and the model's hash covers it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import ContentError
from holdfast.optional import require
from holdfast.safety.learned.calibration import DEFAULT
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.ngram_encoder import unit
from holdfast.safety.learned.pieces import Piece, stretches
from holdfast.safety.learned.pooling import AVERAGED, averages

__all__ = ["NETWORK", "TOKENIZER", "SemanticEncoder", "SentenceNetwork"]

KIND = "semantic"
_UNKNOWN = ("<unk>", "[UNK]")
NETWORK, TOKENIZER = "network.onnx", "tokenizer.json"
INPUTS = ("input_ids", *(f"average_{number}" for number in range(len(AVERAGED))))
"""What the network is fed: word pieces, and how their states are averaged on the way."""

MOST_TOKENS = 160
"""Word pieces of a text that are read at once, in training as well, with the two that mark its ends."""

_ENDS = 2
_STEP = 120
_SLOWER_FUSIONS = ["SkipLayerNormFusion"]
"""The fused operation works number by number: a quarter of a long message's time went into it."""


@dataclass(frozen=True, kw_only=True)
class SentenceNetwork:
    """The network and its tokenizer: texts in, the mean of the token vectors out, scaled to length one."""

    session: Any
    tokenizer: Any

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1) -> Self:
        """Read the network.

        Args:
            threads: How many cores one text may take at once: two where people wait, one where many texts do.

        Raises:
            ContentError: A file is missing or damaged, or the network was made by another version.
            MissingExtraError: ONNX Runtime or tokenizers are not installed.
        """
        runtime = require("onnxruntime", extra="semantic")
        tokenizers = require("tokenizers", extra="semantic")
        missing = [name for name in (NETWORK, TOKENIZER) if not (folder / name).is_file()]
        if missing:
            raise ContentError(f"{folder.name} must hold {missing[0]}; make it with: holdfast safety train --encoder.")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            session = runtime.InferenceSession(
                str(folder / NETWORK),
                sess_options=options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=_SLOWER_FUSIONS,
            )
            tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # both libraries raise bare Exception for a damaged file
            raise ContentError(f"{folder.name} must hold a whole network and tokenizer; make them again.") from error
        if [one.name for one in session.get_inputs()] != [*INPUTS]:
            raise ContentError(f"{folder.name} must hold a network of this version; train it again.")
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(session=session, tokenizer=tokenizer)

    def cut(self, text: str) -> list[Piece]:
        """Return ``text`` whole, or stretches of a long one that are as long as can be read at once."""
        spans = self.tokenizer.encode(text, add_special_tokens=False).offsets
        return stretches(text, spans, whole=MOST_TOKENS - _ENDS, step=_STEP)

    def reads_all(self, text: str) -> bool:
        """Return whether ``text`` is short enough to be read at once and holds nothing that stands for the unknown."""
        ids = self.tokenizer.encode(text).ids
        return len(ids) <= MOST_TOKENS and self._unknown not in ids

    @cached_property
    def _unknown(self) -> int | None:
        known = [self.tokenizer.token_to_id(name) for name in _UNKNOWN]
        return next((number for number in known if number is not None), None)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, the network's width).

        One text at a time: an eight-bit network scales its numbers by the batch, and a verdict must not depend on
        whose messages are judged beside it.
        """
        return np.array([self._encode(text) for text in texts], dtype=np.float32)

    def _encode(self, text: str) -> Vectors:
        read = self.tokenizer.encode(text).ids
        ids = np.array([[*read[: MOST_TOKENS - 1], read[-1]] if len(read) > MOST_TOKENS else read], dtype=np.int64)
        asked = averages(ids.shape[1])
        states = self.session.run(None, dict(zip(INPUTS, (ids, *asked.steps), strict=True)))[0]
        vector: Vectors = unit((states * asked.weights[:, None]).sum(axis=1))[0]
        return vector


@dataclass(frozen=True, kw_only=True)
class SemanticEncoder:
    """A fine-tuned sentence network, and scores by which it guesses the language, shape (width, languages)."""

    network: SentenceNetwork
    tongues: Vectors
    languages: tuple[str, ...]
    id: str

    @classmethod
    def load(
        cls, folder: Path, card: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], seal: Any, *, threads: int = 1
    ) -> Self:
        """Read the encoder of a model's folder; the network's bytes go into ``seal``."""
        network = SentenceNetwork.load(folder, threads=threads)
        for name in (NETWORK, TOKENIZER):
            seal.update((folder / name).read_bytes())
        tongues, languages = tensors["tongues"].astype(np.float32), tuple(card["languages"])
        if tongues.ndim != 2 or tongues.shape[1] != len(languages):
            raise ValueError("tongues")
        return cls(network=network, tongues=tongues, languages=languages, id=f"{KIND}@{seal.hexdigest()[:12]}")

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return what has to be stored beside the network."""
        return {"tongues": self.tongues}

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return int(self.tongues.shape[0])

    @property
    def joins_turns(self) -> bool:
        """No: it learnt from messages, and takes unrelated answers in a row for something else."""
        return False

    def cut(self, text: str) -> list[Piece]:
        """Return ``text`` whole, or stretches of a long one: the network reads a message as it stands."""
        return self.network.cut(text)

    def reads_all(self, text: str) -> bool:
        """Return whether the network reads ``text`` to its end and knows every word piece of it."""
        return self.network.reads_all(text)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, dimensions); all zeros for a blank text."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        said = [number for number, text in enumerate(texts) if text.strip()]
        if said:
            vectors[said] = self.network.encode([texts[number] for number in said])
        return vectors

    def encode_with_language(self, texts: Sequence[str]) -> tuple[Vectors, list[str]]:
        """Return the vectors, and for each text the language it was taken for; any language for a blank one."""
        vectors = self.encode(texts)
        best = (vectors @ self.tongues).argmax(axis=1)
        said = [bool(row.any()) for row in vectors]
        return vectors, [self.languages[n] if is_said else DEFAULT for n, is_said in zip(best, said, strict=True)]
