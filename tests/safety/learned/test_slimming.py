"""Claims about cutting a network to size: what is kept reads as before, what is not needed is gone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from holdfast.errors import ContentError, InputError

pytest.importorskip("torch", reason="the metric extra is not installed")
pytest.importorskip("tokenizers", reason="the semantic extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")
pytest.importorskip("wordfreq", reason="the train extra is not installed")

import tokenizers
import torch
import transformers
from click.testing import CliRunner

from holdfast.cli.main import cli
from holdfast.safety.learned.training.onnx_export import read_source
from holdfast.safety.learned.training.slimming import common_words, slim

KEPT, DROPPED = "the lake is warm", "привет"


def network(pieces: int) -> Any:
    torch.manual_seed(0)
    return transformers.BertModel(
        transformers.BertConfig(
            vocab_size=pieces,
            hidden_size=32,
            num_hidden_layers=4,
            num_attention_heads=2,
            intermediate_size=64,
        )
    )


@pytest.fixture(scope="module")
def unigram(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a network of four layers over pieces like those of multilingual ones."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁при", "вет", "▁the", "▁lake", "▁is", "▁warm", "▁", "a", "л", "!", "😭"]
    model = tokenizers.models.Unigram([(piece, -float(n)) for n, piece in enumerate(pieces)], unk_id=3)
    backend = tokenizers.Tokenizer(model)
    backend.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    backend.post_processor = tokenizers.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    folder = tmp_path_factory.mktemp("whole") / "unigram"
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<pad>"
    ).save_pretrained(folder)
    network(len(pieces)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def wordpiece(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "wordpiece"
    pieces = ["[PAD]", "[UNK]", "приве", "##т", "[CLS]", "[SEP]", "[MASK]", "the", "lake", "is", "warm", "!"]
    transformers.BertTokenizerFast(vocab={piece: n for n, piece in enumerate(pieces)}).save_pretrained(folder)
    network(len(pieces)).save_pretrained(folder)
    return folder


def states(folder: Path, text: str) -> np.ndarray:
    tokenizer, read = read_source(folder)
    fed = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        found = read(input_ids=fed["input_ids"], attention_mask=fed["attention_mask"]).last_hidden_state
    return np.asarray(found[0])


@pytest.mark.parametrize("kind", ["unigram", "wordpiece"])
def test_a_text_of_the_words_that_are_kept_reads_as_before(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole = request.getfixturevalue(kind)
    count = slim(whole, tmp_path / "cut", words=KEPT.split())
    np.testing.assert_allclose(states(tmp_path / "cut", KEPT), states(whole, KEPT), atol=1e-6)
    tokenizer, cut = read_source(tmp_path / "cut")
    assert cut.config.vocab_size == len(cut.embeddings.word_embeddings.weight) == count == len(tokenizer)
    assert count < len(read_source(whole)[0])


@pytest.mark.parametrize("kind", ["unigram", "wordpiece"])
def test_a_word_of_another_language_is_unknown_afterwards(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    slim(request.getfixturevalue(kind), tmp_path / "cut", words=KEPT.split())
    tokenizer, _ = read_source(tmp_path / "cut")
    assert tokenizer.unk_token_id in tokenizer(DROPPED)["input_ids"]
    assert tokenizer.unk_token_id not in tokenizer(f"{KEPT}!")["input_ids"]


def test_signs_emoji_and_single_letters_of_scripts_in_use_stay_to_spell_with(unigram: Path, tmp_path: Path) -> None:
    slim(unigram, tmp_path / "cut", words=())
    kept = set(read_source(tmp_path / "cut")[0].get_vocab())
    assert {"a", "!", "😭", "▁"} <= kept
    assert not {"л", "▁при", "вет", "▁lake"} & kept


def test_only_the_first_layers_are_kept(unigram: Path, tmp_path: Path) -> None:
    slim(unigram, tmp_path / "cut", words=KEPT.split(), layers=2)
    _, whole = read_source(unigram)
    _, cut = read_source(tmp_path / "cut")
    assert cut.config.num_hidden_layers == len(cut.encoder.layer) == 2
    for name, weights in cut.encoder.layer.state_dict().items():
        torch.testing.assert_close(weights, whole.encoder.layer.state_dict()[name])


def test_more_layers_than_there_are_are_refused(unigram: Path, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="must be 1 to 4, got 5"):
        slim(unigram, tmp_path / "cut", words=(), layers=5)
    assert not (tmp_path / "cut").exists()


def test_the_commonest_words_come_as_written_and_as_they_begin_a_sentence() -> None:
    words = list(common_words({"en": 50, "zh": 20}))
    assert {"the", "The", "THE"} <= set(words)
    assert "的" in words


def test_the_command_cuts_a_network_and_never_writes_over_one(unigram: Path, tmp_path: Path) -> None:
    target = tmp_path / "cut"
    asked = ["safety", "slim", "--encoder", str(unigram), "--layers", "1", "--out", str(target)]
    first = CliRunner().invoke(cli, asked, catch_exceptions=False)
    assert first.exit_code == 0
    assert "word pieces" in first.output
    assert len(read_source(target)[1].encoder.layer) == 1
    with pytest.raises(InputError, match="must be a new folder"):
        CliRunner().invoke(cli, asked, catch_exceptions=False)
