"""Measure the library's retrieval and abstention; choose the threshold on split dev, report it on split test.

    python benchmarks/retrieval.py [--json OUT.json] [--plot OUT.svg] [--repeats 20]

Questions and their labels are in tests/care/education/questions.yaml. The threshold proposed is the lowest at which
at most 5% of the unanswerable dev questions are answered; the one in force is in answering.yaml. The same questions are
put once more behind an introduction, which must hide no answer and bring none about.
"""

import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click

from holdfast.care.conversation.state import Audience
from holdfast.care.education.evaluation import (
    Figures,
    LabelledQuestion,
    Split,
    Trial,
    load_questions,
    try_questions,
)
from holdfast.care.education.library import load_library
from holdfast.care.education.policy import load_answering
from holdfast.care.education.retrieval import FullTextRetriever
from holdfast.measured import Measurement, Scored

QUESTIONS = Path(__file__).parent.parent / "tests" / "care" / "education" / "questions.yaml"
THRESHOLDS = [step / 100 for step in range(0, 101, 5)]
FINE = [step / 100 for step in range(101)]
TOLERATED_ON_DEV = 0.05
INTRODUCTION = "Hi, I'm Tom Okafor, I drive a delivery van and I left school at sixteen."
SPLITS: tuple[Split, ...] = ("dev", "test")
COLUMNS = ("answered", "rightly_answered", "wrongly_answered", "coverage", "risk")


@click.command()
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write every figure here.")
@click.option("--plot", "plot_path", type=click.Path(path_type=Path), help="Draw the risk-coverage curve here (SVG).")
@click.option("--questions", type=click.Path(path_type=Path, exists=True), default=QUESTIONS, show_default=True)
@click.option("--repeats", type=click.IntRange(1), default=20, show_default=True, help="Timed rounds of all questions.")
def main(json_path: Path | None, plot_path: Path | None, questions: Path, repeats: int) -> None:
    """Measure retrieval and abstention."""
    labelled = load_questions(questions)
    library, policy = load_library(), load_answering().value
    retriever = FullTextRetriever(library.passages)
    trials = try_questions(labelled, retriever=retriever, policy=policy)
    dev, test = by_split(trials)
    introduced = [q.model_copy(update={"question": f"{INTRODUCTION} {q.question}"}) for q in labelled]
    behind = by_split(try_questions(introduced, retriever=retriever, policy=policy))
    report = {
        "library": {"articles": len(library.by_id), "passages": len(library.passages), "sha256": library.sha256},
        "threshold": {"in_force": policy.threshold, "proposed_on_dev": proposed(dev)},
        "dev": summary(dev, policy.threshold),
        "test": summary(test, policy.threshold),
        "behind_an_introduction": {
            split: {name: plain(getattr(figures, name)(policy.threshold)) for name in COLUMNS}
            for split, figures in zip(SPLITS, behind, strict=True)
        },
        "latency_ms": latency(labelled, retriever, repeats),
    }
    show(report)
    if json_path:
        json_path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if plot_path:
        plot_path.write_text(draw({"dev": dev, "test": test}, policy.threshold), encoding="utf-8")


def by_split(trials: tuple[Trial, ...]) -> tuple[Figures, Figures]:
    """Return the figures of dev and of test."""
    dev, test = (Figures([t for t in trials if t.question.split == split]) for split in SPLITS)
    return dev, test


def proposed(dev: Figures) -> float:
    """Return the lowest threshold at which dev tolerates what is wrongly answered."""
    return next(t for t in FINE if value(dev.wrongly_answered(t)) <= TOLERATED_ON_DEV)


def summary(figures: Figures, threshold: float) -> dict[str, Any]:
    """Return the figures of a split at the threshold in force, and over all thresholds."""
    missed = [t for t in figures.answerable if not (t.is_answered(threshold) and t.is_right(3))]
    wrong = [t for t in figures.unanswerable if t.is_answered(threshold)]
    return {
        "answerable": len(figures.answerable),
        "unanswerable": len(figures.unanswerable),
        "hit_at_1": plain(figures.hit_at(1)),
        "hit_at_3": plain(figures.hit_at(3)),
        **{name: plain(getattr(figures, name)(threshold)) for name in COLUMNS},
        "missed_by_group": dict(Counter(t.question.group for t in missed).most_common()),
        "wrongly_answered_by_group": dict(Counter(t.question.group for t in wrong).most_common()),
        "over_thresholds": [
            {"threshold": t, **{name: plain(getattr(figures, name)(t)) for name in COLUMNS}} for t in THRESHOLDS
        ],
    }


def latency(labelled: tuple[LabelledQuestion, ...], retriever: FullTextRetriever, repeats: int) -> dict[str, Any]:
    """Time single searches in milliseconds: every question, ``repeats`` times, and one megabyte of text."""
    times = []
    for question in labelled * repeats:
        start = time.perf_counter()
        retriever.search(question.question, audience=question.audience, limit=10)
        times.append((time.perf_counter() - start) * 1000)
    start = time.perf_counter()
    retriever.search("why do I worry " * 70_000, audience=Audience.PUBLIC, limit=10)
    longest = (time.perf_counter() - start) * 1000
    cuts = statistics.quantiles(times, n=100)
    return {"n": len(times), "p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "one_megabyte": round(longest, 3)}


def value(measured: Measurement) -> float:
    """Return a proportion's value. Every split has questions of both kinds, so that none is unscored."""
    if not isinstance(measured, Scored):
        raise TypeError(f"figure must be scored, got {measured!r}; add questions to the split.")
    return measured.value


def plain(measured: Measurement) -> dict[str, Any]:
    """Return a measurement as JSON-ready values."""
    if isinstance(measured, Scored) and measured.interval is not None:
        low, high = measured.interval.low, measured.interval.high
        return {"value": round(measured.value, 4), "n": measured.n, "low": round(low, 4), "high": round(high, 4)}
    return {"unscored": str(measured)}


def show(report: dict[str, Any]) -> None:
    """Print the report as a table."""
    click.echo(f"library    {report['library']['articles']} articles, {report['library']['passages']} passages")
    click.echo(f"threshold  {report['threshold']['in_force']} (dev proposes {report['threshold']['proposed_on_dev']})")
    for split in SPLITS:
        rows = report[split]
        click.echo(f"\n{split}: {rows['answerable']} answerable, {rows['unanswerable']} unanswerable questions")
        for name in ("hit_at_1", "hit_at_3", *COLUMNS):
            click.echo(f"  {name:<18}{percent(rows[name])}")
        click.echo(f"  {'threshold':<11}{'answered':>9}{'right@3':>9}{'wrong':>8}{'coverage':>10}{'risk':>8}")
        for row in rows["over_thresholds"]:
            cells = [
                row[k].get("value") for k in ("answered", "rightly_answered", "wrongly_answered", "coverage", "risk")
            ]
            shown = ["-" if cell is None else f"{cell:.2f}" for cell in cells]
            click.echo(f"  {row['threshold']:<11.2f}{shown[0]:>9}{shown[1]:>9}{shown[2]:>8}{shown[3]:>10}{shown[4]:>8}")
    for split, rows in report["behind_an_introduction"].items():
        click.echo(f"\n{split}, behind an introduction")
        for name in COLUMNS:
            click.echo(f"  {name:<18}{percent(rows[name])}")
    times = report["latency_ms"]
    click.echo(f"\nsearch, ms  p50 {times['p50']}, p99 {times['p99']} over {times['n']}; 1 MB {times['one_megabyte']}")


def percent(figure: dict[str, Any]) -> str:
    """Return a figure with its interval on one line."""
    if "unscored" in figure:
        return str(figure["unscored"])
    return f"{figure['value']:6.1%}  [{figure['low']:.1%}, {figure['high']:.1%}]  n={figure['n']}"


def draw(curves: dict[str, Figures], threshold: float) -> str:
    """Return the risk-coverage curves as an SVG; a mark shows the threshold in force."""
    colours = {"dev": "#7a8a99", "test": "#1f5f8b"}
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 340" role="img"',
        ' font-family="sans-serif" font-size="12">',
        "<title>Risk against coverage of the education library</title>",
        '<rect width="480" height="340" fill="#fff"/>',
    ]
    for tenth in range(0, 11, 2):
        x, y = place(tenth / 10, 0)[0], place(0, tenth / 20)[1]
        lines.append(f'<line x1="{x}" y1="30" x2="{x}" y2="280" stroke="#e3e8ec"/>')
        lines.append(f'<line x1="60" y1="{y}" x2="450" y2="{y}" stroke="#e3e8ec"/>')
        lines.append(f'<text x="{x}" y="298" text-anchor="middle">{tenth * 10}%</text>')
        lines.append(f'<text x="52" y="{y + 4}" text-anchor="end">{tenth * 5}%</text>')
    for row, (name, figures) in enumerate(curves.items()):
        points = [(value(figures.coverage(t)), figures.risk(t)) for t in FINE]
        path = " ".join("{},{}".format(*place(c, r.value)) for c, r in points if isinstance(r, Scored))
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colours[name]}" stroke-width="2"/>')
        at = figures.risk(threshold)
        if isinstance(at, Scored):
            x, y = place(value(figures.coverage(threshold)), at.value)
            lines.append(f'<circle cx="{x}" cy="{y}" r="5" fill="{colours[name]}"/>')
        lines.append(f'<text x="80" y="{50 + 18 * row}" fill="{colours[name]}">{name}</text>')
    lines.append('<text x="255" y="325" text-anchor="middle">coverage: share of all questions answered</text>')
    lines.append('<text x="60" y="20">risk: share of answers without a right passage among the first three</text>')
    return "\n".join([*lines, "</svg>", ""])


def place(coverage: float, risk: float) -> tuple[float, float]:
    """Return where a point lies in the drawing; risk is drawn from 0 to 50%."""
    return round(60 + 390 * coverage, 1), round(280 - 250 * min(risk, 0.5) / 0.5, 1)


if __name__ == "__main__":
    main()
