"""``holdfast safety report``: judge detection on labelled cases, as figures and as one page to read."""

import hashlib
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.layer_names import layer_names
from holdfast.errors import ContentError, InputError, MissingExtraError

if TYPE_CHECKING:
    from holdfast.safety.detection.layered import LayeredDetector
    from holdfast.safety.report.case import Case, Progress
    from holdfast.safety.report.comments import CommentFigures
    from holdfast.safety.report.safety_report import SafetyReport
    from holdfast.safety.report.swaps import SwapFigures

__all__ = ["report"]

_INTERRUPTED = 130
_SHOWN_EVERY_S = 0.5
_LEARNED = "learned"


@dataclass(frozen=True)
class _Source:
    """Labelled cases and where they are from."""

    cases: "Sequence[Case]"
    name: str
    split: str
    sha256: str


@click.command()
@click.option(
    "--split", default="test", show_default=True, type=click.Choice(["train", "dev", "test"]), help="Of our own set."
)
@click.option("--labelled", type=click.Path(path_type=Path), help='Lines of {"id", "text" or "turns", "risk"} instead.')
@click.option("--comments", type=click.Path(path_type=Path), help="Everyday messages: JSON Lines or Parquet with text.")
@click.option("--layers", help="Layers in use, by comma.  [default: all]")
@click.option("--swaps/--no-swaps", default=True, show_default=True, help="Say the same as somebody else.")
@click.option("--with-text", is_flag=True, help="Put the words of what went wrong into the files. Keep them private.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for report.json and report.html.")
@click.pass_context
def report(  # noqa: PLR0913 -- one parameter an option
    ctx: click.Context,
    split: str,
    labelled: Path | None,
    comments: Path | None,
    layers: str | None,
    swaps: bool,
    with_text: bool,
    out: Path | None,
) -> None:
    """Judge how much danger is found and how often there is a false alarm, for whom, and said how.

    On our own held-out cases, or on labelled messages of yours, whose other columns are grouped by. The files name
    cases by id and hold none of their words unless --with-text is given. The same input gives the same bytes.
    """
    from holdfast.safety.detection.default import artefacts, default_detector

    if with_text and out is None:
        raise InputError("--with-text must come with --out, got none; the words go into the files alone.")
    source = _of_file(labelled) if labelled else _of_set(split)
    detector = default_detector()
    if layers is not None:
        detector = detector.only(layer_names(layers))
    try:
        found = _judge(detector, source, artefacts(), comments=comments, with_swaps=swaps, with_text=with_text)
    except KeyboardInterrupt:
        click.echo("\nStopped; nothing was written.", err=True)
        ctx.exit(_INTERRUPTED)
    if out is not None:
        found.write(out)
    _tell(found, out)


def _judge(
    detector: "LayeredDetector",
    source: _Source,
    artefacts: Mapping[str, str],
    *,
    comments: Path | None,
    with_swaps: bool,
    with_text: bool,
) -> "SafetyReport":
    from holdfast.safety.report.case import judge_cases
    from holdfast.safety.report.comments import judge_comments, read_comments
    from holdfast.safety.report.safety_report import About, make_report
    from holdfast.safety.report.swaps import judge_swaps, load_swaps

    messages = read_comments(comments) if comments else None  # what cannot be read is refused before long work
    judged = judge_cases(detector, source.cases, progress=_progress("cases"))
    everyday: CommentFigures | None = None
    if messages is not None:
        everyday = judge_comments(detector, messages, progress=_progress("comments"))
    swapped: SwapFigures | None = None
    if with_swaps:
        swapped = judge_swaps(detector, load_swaps(), progress=_progress("swaps"))
    return make_report(
        judged,
        About(source=source.name, split=source.split, source_sha256=source.sha256, artefacts=artefacts),
        estimates=_estimates(source.cases) if _LEARNED in detector.names else None,
        comments=everyday,
        swaps=swapped,
        with_text=with_text,
    )


def _of_set(split: str) -> _Source:
    from holdfast.safety.report.case import case_of
    from holdfast.safety.utterances import Split, load_utterances

    loaded = load_utterances()
    return _Source(
        [case_of(one) for one in loaded.of(Split(split))], "our labelled set", f"split {split}", loaded.sha256
    )


def _of_file(path: Path) -> _Source:
    from holdfast.safety.report.labelled import read_labelled

    cases = read_labelled(path)
    return _Source(cases, path.name, "all lines", hashlib.sha256(path.read_bytes()).hexdigest())


def _estimates(cases: "Sequence[Case]") -> Mapping[str, float] | None:
    """Return the built-in learned layer's probability of risk for each case, or None where it cannot be read."""
    from holdfast.safety.learned import load_model

    try:
        model = load_model()
    except (ContentError, MissingExtraError):
        return None
    read = model.reader().read([case.turns for case in cases])
    return {
        case.id: max((model.calibrations.of(one.language).probability(one.relative) for one in readings), default=0.0)
        for case, readings in zip(cases, read, strict=True)
    }


def _progress(what: str) -> "Progress":
    shown = time.monotonic()

    def show(done: int, of: int) -> None:
        nonlocal shown
        is_last = done == of
        if sys.stderr.isatty() and (is_last or time.monotonic() - shown >= _SHOWN_EVERY_S):
            shown = time.monotonic()
            click.echo(f"\r{what}: {done:,} of {of:,}", err=True, nl=is_last)

    return show


def _tell(found: "SafetyReport", out: Path | None) -> None:
    from holdfast.safety.report.wording import figure, interval, per_thousand

    click.echo(f"{found.about.source}, {found.about.split}: {sum(found.counts.values()):,} cases.")
    for name, rates in found.layers.items():
        click.echo(
            f"{name:10} risk flagged {figure(rates.recall)} ({interval(rates.recall)}), crisis flagged "
            f"{figure(rates.crisis_flagged)} ({interval(rates.crisis_flagged)}), false alarms in 1,000 look-alikes "
            f"{per_thousand(rates.false_alarms)} ({interval(rates.false_alarms, 1000)})"
        )
    if found.comments:
        crisis, concern = (found.comments.shares[level] for level in ("crisis", "concern"))
        click.echo(
            f"{found.comments.messages:,} everyday messages: in 1,000, crisis {per_thousand(crisis)} "
            f"({interval(crisis, 1000)}), concern {per_thousand(concern)}"
        )
    if found.swaps:
        for one in found.swaps.widest:
            click.echo(f"furthest by {one.set}: {one.variant}, {figure(one.difference)} ({interval(one.difference)})")
    if out is not None:
        click.echo(str(out))
