"""``holdfast release``: what the gate decides about this release, and what this release is."""

import json
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from holdfast.proof.gate import Decision
    from holdfast.proof.manifest import Manifest

__all__ = ["release"]

_MODEL = click.option("--model", default="none", show_default=True, help="Language model of the release, or none.")
_HEADINGS = {
    "review": "Review by people",
    "text": "Signatures",
    "stage": "Participation",
    "claim": "Claims",
    "helplines": "Helplines",
}
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("release")
def release() -> None:
    """Check what a release still lacks before it may be used in care."""


@release.command("check")
@click.option("--evidence", type=click.Path(path_type=Path, file_okay=False), help="Folder of holdfast evaluate.")
@_MODEL
@_JSON
@click.pass_context
def check(ctx: click.Context, evidence: Path | None, model: str, as_json: bool) -> None:
    """Print the gate's decision and every reason. Exits 1 when it refuses."""
    from holdfast.language.specification import parse_model_spec
    from holdfast.proof.tier import current_decision

    now = datetime.now(UTC)
    decision = current_decision(now=now, model=str(parse_model_spec(model)), evidence=evidence)
    click.echo(json.dumps(_payload(decision), indent=2, ensure_ascii=False) if as_json else _spoken(decision))
    ctx.exit(0 if decision.is_granted else 1)


@release.command("manifest")
@_MODEL
@_JSON
def manifest(model: str, as_json: bool) -> None:
    """Print what this release is: its hash, the texts people sign, and every content file."""
    from holdfast.language.specification import parse_model_spec
    from holdfast.proof.manifest import Manifest

    of_package = Manifest.of_package(model=str(parse_model_spec(model)))
    texts = _texts(of_package)
    if as_json:
        click.echo(json.dumps({**of_package.to_dict(), "texts": texts}, indent=2, ensure_ascii=False))
        return
    named = {"release": of_package.sha256, "code": of_package.code_sha256}
    click.echo(f"Holdfast {of_package.version}, language model {of_package.model}")
    for heading, hashes in (("", named), ("Texts to sign", texts), ("Content files", of_package.artefacts)):
        click.echo(f"\n{heading}" if heading else "")
        for name, sha256 in sorted(hashes.items()):
            click.echo(f"{sha256 or 'not part of this release':64}  {name}")


def _texts(manifest: "Manifest") -> dict[str, str | None]:
    from holdfast.proof.policy import load_policy

    return {text.id: manifest.text_sha256(text.paths) for text in load_policy().value.signed_texts}


def _payload(decision: "Decision") -> dict[str, object]:
    reasons = [{"subject": r.subject, "defect": r.defect.value, "words": r.words} for r in decision.reasons]
    return {"granted": decision.is_granted, "tier": decision.tier, "reasons": reasons}


def _spoken(decision: "Decision") -> str:
    if decision.is_granted:
        return f"Granted: {decision.tier}."
    count = len(decision.reasons)
    lines = [f"Refused, for {count} reason{'s' if count > 1 else ''}. The tier stays: {decision.tier}."]
    for kind, reasons in groupby(decision.reasons, key=lambda reason: _kind(reason.subject)):
        lines += ["", kind, *(f"  - {reason.words}" for reason in reasons)]
    return "\n".join(lines)


def _kind(subject: str) -> str:
    return _HEADINGS.get(subject.split(" ", 1)[0], "Measurements")
