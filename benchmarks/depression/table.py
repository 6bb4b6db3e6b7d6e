"""The figures as text: every pair by set of inputs, the best by group, and the risk by band of PHQ-9."""

from typing import Any

import click

__all__ = ["said", "show"]

Row = dict[str, Any]


def show(figures: Row) -> None:
    """Print the tables."""
    people = figures["people"]
    positive = people["screen_positive"]
    click.echo(f"{people['labelled']:,} adults with a complete PHQ-9, {positive:,} at 10 or more (a screen)")
    for one in figures["sets"].values():
        _show_set(one)
    click.echo("\nThe best pairs of two sets of inputs")
    for row in figures["between_sets"]:
        click.echo(f"  {row['second']} less {row['first']}: {said(row['difference'], signed=True)}")
    click.echo("\nOne split, logistic regression: AUROC of the people learnt from, and of the others")
    for row in figures["learnt_by_heart"]:
        click.echo(f"  {row['representation']:8} {said(row['learnt_from'])} {said(row['others'])}")
    _show_risk(figures["risk"])


def said(measured: Row, *, signed: bool = False, digits: int = 3) -> str:
    """Say a measurement of the JSON with its interval, or why there is none."""
    if measured["outcome"] != "scored":
        return str(measured.get("reason") or measured.get("error"))
    number = f"{{:{'+' if signed else ''}.{digits}f}}"
    text = number.format(measured["value"])
    if measured["interval"] is None:
        return text
    low, high = (number.format(end) for end in measured["interval"][:2])
    return f"{text} ({low} to {high})"


def _show_set(one: Row) -> None:
    click.echo(f"\nAUROC from {one['title']} ({len(one['inputs'])} features); * the best")
    for pair in one["pairs"]:
        mark = "*" if [pair["representation"], pair["classifier"]] == one["best"] else " "
        click.echo(f"{mark} {pair['representation']:8} {pair['classifier']:9} {said(pair['auroc'])}")
    click.echo(f"  {' with '.join(one['best'])}, by group:")
    for group in one["groups"]:
        counts = f"{group['events']:,} of {group['people']:,}"
        click.echo(f"    {group['level']:22} {counts:15} {said(group['figure'])}")
    for gap in one["gaps"]:
        between = f"{gap['largest']} less {gap['smallest']}"
        click.echo(f"    widest gap, {gap['attribute']}: {said(gap['gap'])} ({between})")


def _show_risk(risk: Row) -> None:
    click.echo("\nHealth risk (of death, each person by a model fitted on the other half) and PHQ-9")
    if risk["outcome"] != "scored":
        click.echo(f"  not measured: {risk['reason']}")
        return
    click.echo(f"  Spearman {said(risk['spearman'], signed=True)}")
    click.echo(f"  with age and sex taken out {said(risk['spearman_adjusted'], signed=True)}")
    for band in risk["bands"]:
        mean, adjusted = (said(band[name], digits=1) for name in ("percentile", "adjusted"))
        click.echo(f"  PHQ-9 {band['band']:6} {band['people']:6,} people  percentile {mean}  adjusted {adjusted}")
