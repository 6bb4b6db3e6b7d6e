"""Claims about ``holdfast safety train``: it trains from the package's data and replaces nothing before the end."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from holdfast.cli.main import cli, main
from holdfast.safety.detection.verdict import Category, Level, Subject, Tense
from holdfast.safety.learned import load_model
from holdfast.safety.learned.ngram_encoder import NGramEncoder
from holdfast.safety.learned.training.network_fitting import NetworkSettings
from holdfast.safety.utterances.collection import UtteranceSet
from holdfast.safety.utterances.utterance import Form, Language, Split, Utterance
from holdfast.turn import Role, Turn

pytest.importorskip("torch", reason="the metric extra is not installed")

SECRET = "zebra-lampshade"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["safety", "train", *args], catch_exceptions=False)


def made_up() -> Iterator[Utterance]:
    """Yield twelve families of eight lines, half of them in the held-out split."""
    for number in range(24 * 8):
        family = number // 8
        is_risk = family % 2 == 0
        yield Utterance(
            id=str(number),
            family=f"f{family}",
            split=Split.TEST if family >= 16 else Split.TRAIN,
            turns=(
                Turn(Role.PERSON, f"{SECRET} so {'zorma blikta' if is_risk else 'lumora senvik'} word{number % 9}"),
            ),
            level=Level.CRISIS if is_risk else Level.NONE,
            categories=(Category.SUICIDE,) if is_risk else (),
            form=Form.PLAIN,
            subject=Subject.SELF,
            tense=Tense.PRESENT,
            language=Language.ENGLISH if number % 3 else Language.SPANISH,
        )


@pytest.fixture(autouse=True)
def small_set(monkeypatch: pytest.MonkeyPatch) -> UtteranceSet:
    found = UtteranceSet(utterances=tuple(made_up()), sha256="made in the test")
    monkeypatch.setattr("holdfast.safety.utterances.load_utterances", lambda: found)
    return found


def test_it_trains_on_all_but_the_held_out_split_and_writes_a_folder_that_loads(tmp_path: Path) -> None:
    out = tmp_path / "model"
    result = run("--out", str(out), "--seed", "7")
    assert result.exit_code == 0
    assert f"wrote {out}" in result.stdout
    assert "1 of 8 epochs" in result.stderr
    model = load_model(out)
    assert (model.card["trained_on"], model.card["families"]) == (16 * 8, 16)
    assert model.card["settings"]["seed"] == 7
    assert model.card["utterances_sha256"] == "made in the test"
    assert SECRET not in result.output + (out / "model.json").read_text(encoding="utf-8")


def test_the_same_seed_writes_the_same_model(tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("--out", str(tmp_path / name), "--seed", "7")
    one, two = (load_model(tmp_path / name) for name in ("one", "two"))
    assert one.sha256 == two.sha256
    assert isinstance(one.encoder, NGramEncoder)


def test_without_a_folder_the_installed_model_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.safety.learned.model.BUILT_IN", tmp_path / "built_in")
    assert run().exit_code == 0
    assert load_model(tmp_path / "built_in").card["encoder"] == "hashed-ngrams"


def test_stopped_by_ctrl_c_nothing_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.json").write_text("as it was", encoding="utf-8")

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("holdfast.safety.learned.training.fitting.choose_references", stop)
    result = CliRunner().invoke(cli, ["safety", "train", "--out", str(tmp_path)])
    assert result.exit_code != 0
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [
        ("model.json", "as it was")
    ]


def test_review_is_trained_only_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(
        "holdfast.safety.review.training.fitting.train_review", lambda passages: asked.append(len(passages))
    )
    monkeypatch.setattr("holdfast.safety.learned.training.fitting.train_ngrams", lambda *_, **__: None)
    run("--out", str(tmp_path / "without"))
    assert asked == []
    run("--out", str(tmp_path / "with"), "--review")
    assert len(asked) == 1
    assert asked[0] > 0


def test_epochs_and_rate_reach_the_fine_tuning_and_are_the_usual_ones_unsaid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[NetworkSettings] = []
    monkeypatch.setattr(
        "holdfast.safety.learned.training.fitting.train_semantic", lambda *_, settings, **__: given.append(settings)
    )
    asked = ["--encoder", "some-folder", "--out", str(tmp_path / "model")]
    assert run(*asked, "--epochs", "2", "--rate", "0.00005").exit_code == 0
    assert run(*asked).exit_code == 0
    usual = NetworkSettings()
    assert [(one.epochs, one.rate) for one in given] == [(2, 0.00005), (usual.epochs, usual.rate)]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--encoder", "some-folder"], "A semantic model must be written somewhere, got no --out; name a folder"),
        (["--seed", "-1"], "Invalid value for '--seed'"),
        (
            ["--epochs", "2"],
            "--epochs and --rate are settings of a sentence network, got no --encoder; name its folder",
        ),
        (["--encoder", "some-folder", "--out", "model", "--rate", "0"], "Invalid value for '--rate'"),
    ],
)
def test_unusable_options_exit_2_and_say_what_is_needed(
    args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["safety", "train", *args])
    assert message in capsys.readouterr().err


def test_an_encoder_that_is_no_network_exits_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("transformers", reason="the semantic extra is not installed")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SystemExit, match=r"[1-9]"):
        main(["safety", "train", "--encoder", str(tmp_path / "empty"), "--out", str(tmp_path / "out")])
    assert "must be a sentence-transformers folder or a name on the hub" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_torch_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SystemExit, match=r"[1-9]"):
        main(["safety", "train"])
    assert "holdfast[metric]" in capsys.readouterr().err


def of_two_tenses() -> Iterator[Utterance]:
    """Yield lines of danger now, of danger past and of none, a third of each held back as dev."""
    kinds = (
        ("zorma blikta", Level.CRISIS, Tense.PRESENT),
        ("wenlo arkumi", Level.NOTICE, Tense.PAST),
        ("lumora senvik", Level.NONE, Tense.UNKNOWN),
    )
    for number in range(3 * 120):
        words, level, tense = kinds[number % 3]
        yield Utterance(
            id=str(number),
            family=f"f{number // 3}",
            split=Split.DEV if number % 9 < 3 else Split.TRAIN,
            turns=(Turn(Role.PERSON, f"so it is {words} word{number % 7}"),),
            level=level,
            categories=(Category.SUICIDE,) if level else (),
            form=Form.PLAIN,
            subject=Subject.SELF,
            tense=tense,
            language=Language.ENGLISH,
        )


def test_a_model_learns_to_tell_past_from_present_and_keeps_its_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_set: UtteranceSet
) -> None:
    out = tmp_path / "model"
    run("--out", str(out), "--seed", "7")
    before = load_model(out)
    assert before.tense is None, "all that it was shown is of now"
    kept = (out / "model.json").read_bytes()
    assert "cannot be told well enough" in run("--out", str(out), "--tense").stderr
    assert (out / "model.json").read_bytes() == kept
    found = UtteranceSet(utterances=tuple(of_two_tenses()), sha256="made in the test too")
    monkeypatch.setattr("holdfast.safety.utterances.load_utterances", lambda: found)
    run("--out", str(out), "--seed", "7")
    trained = load_model(out)
    assert trained.tense is not None
    tensors = trained.encoder.encode(["so it is wenlo arkumi"]), trained.encoder.encode(["so it is zorma blikta"])
    assert [trained.tense.tell(one)[0] for one in tensors] == [Tense.PAST, Tense.PRESENT]
    assert run("--out", str(out), "--tense").exit_code == 0
    again = load_model(out)
    assert again.tense is not None
    assert (again.encoder.encode(["so it is wenlo arkumi"]) == tensors[0]).all()
    assert again.calibrations == trained.calibrations
    assert (again.card["tense"]["set_on"], again.card["utterances_sha256"]) == (80, found.sha256)


@pytest.mark.parametrize("other", [("--encoder", "nowhere"), ("--review",)])
def test_teaching_tense_trains_nothing_else(tmp_path: Path, other: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, ["safety", "train", "--tense", "--out", str(tmp_path), *other])
    assert "--tense must come without --encoder and --review" in str(result.exception)
