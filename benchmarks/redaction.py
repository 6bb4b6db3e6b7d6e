"""Measure redaction on the labelled sentences: recall and precision by kind and by language, and speed.

    python benchmarks/redaction.py [--all] [--json OUT.json] [--missed] [FILE ...]

The sentences are in tests/safety/privacy; of every two neighbours the rules were tuned on the first, so the held-out
half is the figure to quote, and is what is measured unless --all is given. They were written by the authors of the
rules: other people's words are the harder test. Name files of your own, marked the same way, to measure those.
"""

import json
import platform
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from holdfast.measured import Measurement, Scored, measurement_to_dict
from holdfast.safety.privacy import Kind, Redactor, Vault, load_redactor
from holdfast.safety.privacy.labelled import Figures, LabelledSentence, measure, read_labelled

FOLDER = Path(__file__).parents[1] / "tests" / "safety" / "privacy"
LANGUAGES = ("en", "es", "pt", "fr", "de", "it")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Measure the half that rules were tuned on as well.")
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.option(
    "--missed", is_flag=True, help="List the ids of sentences in which something shows, or is hidden in vain."
)
def main(files: tuple[Path, ...], everything: bool, out: Path | None, missed: bool) -> None:
    """Print what is found, with Wilson 95% intervals."""
    started = time.perf_counter()
    redactor = load_redactor()
    loading_s = time.perf_counter() - started
    named = files or (FOLDER / "sentences_en.txt", FOLDER / "sentences_other.txt")
    sentences = [s for path in named for s in read_labelled(path) if everything or files or s.is_held_out]
    by_kind, wrong = measure(redactor, sentences)
    figures = {
        "sentences": len(sentences),
        "machine": f"Python {platform.python_version()}, {platform.machine()}",
        "loading_s": loading_s,
        "by_kind": {kind.value: _as_json(found) for kind, found in by_kind.items()},
        "by_language": {name: _as_json(found) for name, found in _by_language(redactor, sentences).items()},
        "speed": _speed(redactor, sentences),
    }
    _show(figures, by_kind)
    if missed:
        for item in wrong:
            shown, vain = (", ".join(kind.value for kind in kinds) for kinds in (item.shown, item.hidden_in_vain))
            click.echo(f"{item.id}  shows: {shown or 'nothing'}  hidden in vain: {vain or 'nothing'}")
    if out:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _by_language(redactor: Redactor, sentences: Sequence[LabelledSentence]) -> dict[str, Figures]:
    """Return the figures of names alone, language by language: the other kinds look alike everywhere."""
    found = {}
    for language in LANGUAGES:
        kinds, _ = measure(redactor, [s for s in sentences if s.language == language])
        if Kind.PERSON in kinds:
            found[language] = kinds[Kind.PERSON]
    return found


def _speed(redactor: Redactor, sentences: Sequence[LabelledSentence]) -> dict[str, float]:
    """Time every sentence, one at a time, in milliseconds."""
    timed = []
    for sentence in sentences:
        begun = time.perf_counter()
        redactor.redact(sentence.text, Vault())
        timed.append((time.perf_counter() - begun) * 1_000)
    ordered = sorted(timed)
    return {"p50_ms": statistics.median(ordered), "p99_ms": ordered[int(len(ordered) * 0.99)], "max_ms": ordered[-1]}


def _as_json(found: Figures) -> dict[str, Any]:
    return {
        "recall": measurement_to_dict(found.recall),
        "named": measurement_to_dict(found.named),
        "precision": measurement_to_dict(found.precision),
    }


def _show(figures: dict[str, Any], by_kind: dict[Kind, Figures]) -> None:
    click.echo(f"{figures['sentences']} sentences; {figures['machine']}; loading took {figures['loading_s']:.1f} s")
    click.echo(f"{'kind':<12}{'recall':>28}{'kind right':>28}{'precision':>28}")
    for kind, found in by_kind.items():
        click.echo(
            f"{kind.value:<12}" + "".join(f"{_said(m):>28}" for m in (found.recall, found.named, found.precision))
        )
    for language, found in figures["by_language"].items():
        recall, precision = found["recall"], found["precision"]
        click.echo(f"names, {language}: recall {recall.get('value', 0):.3f}, precision {precision.get('value', 0):.3f}")
    click.echo("a sentence: " + ", ".join(f"{name} {value:.1f}" for name, value in figures["speed"].items()))


def _said(measured: Measurement) -> str:
    if not isinstance(measured, Scored) or measured.interval is None:
        return "none"
    return f"{measured.value:.3f} ({measured.interval.low:.3f}-{measured.interval.high:.3f}) {measured.n:>3}"


if __name__ == "__main__":
    main()
