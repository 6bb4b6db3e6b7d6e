"""``holdfast cohort build ukbiobank``: a cohort from a UK Biobank extract, in either layout, CSV or Parquet."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from holdfast.cohort.ukbiobank import Source, UkBiobankReport

__all__ = ["ukbiobank"]

_SHOWN = 8


@click.command("ukbiobank")
@click.option(
    "--in",
    "inputs",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="File of the extract: .csv, .tsv or .parquet. May repeat: files are joined on eid.",
)
@click.option(
    "--dictionary",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder with UK Biobank's field dictionary and codings.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write the cohort to.")
@click.option("--withdrawn", type=click.Path(path_type=Path), help="List of people who withdrew, one eid a line.")
@click.option(
    "--censored",
    multiple=True,
    metavar="[SOURCE=]DATE",
    help="Last complete day, of every source or of one: hospital, cancer, death. May repeat. Default: the last record.",
)
@click.option("--visit", default=0, show_default=True, type=click.IntRange(0, 3), help="Which assessment visit.")
@click.option("--fields", type=click.Path(path_type=Path), help="A field list of your own, in YAML.")
@click.option("--allow-unknown-fields", is_flag=True, help="Leave columns aside that the dictionary does not know.")
@click.option(
    "--leave-out-contradictory", is_flag=True, help="Leave out people whose records cannot all be true, and count them."
)
@click.option("--overwrite", is_flag=True, help="Replace a cohort that lies there.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def ukbiobank(out: Path, overwrite: bool, quiet: bool, as_json: bool, censored: tuple[str, ...], **given: Any) -> None:
    """Build a cohort from a UK Biobank extract.

    Columns may be named as on the research analysis platform (p30750_i0), or classically (30750-0.0, f.30750.0.0).
    Units and codes are checked against the dictionary before any row is read. Which fields are used, and what special
    codes and dates stand for, is in fields.yaml of holdfast.cohort.ukbiobank.

    Nothing is filled in for an outcome. Exits 2 where the input cannot be used; no half cohort is left.
    """
    from holdfast.optional import require

    for module in ("polars", "pyarrow"):
        require(module, extra="cohort")
    from holdfast.cohort.ukbiobank import UkBiobankSource, build_ukbiobank

    source = UkBiobankSource(
        inputs=given["inputs"],
        dictionary=given["dictionary"],
        withdrawn=given["withdrawn"],
        censored=_last_days(censored),
        visit=given["visit"],
        fields=given["fields"],
        is_allowing_unknown_fields=given["allow_unknown_fields"],
        is_leaving_out_contradictory=given["leave_out_contradictory"],
    )
    is_shown = not quiet and sys.stderr.isatty()
    report = build_ukbiobank(
        source,
        out,
        today=datetime.now(UTC).date(),
        overwrite=overwrite,
        progress=_show if is_shown else None,
    )
    click.echo(json.dumps(_plain(report)) if as_json else _spoken(report, out))


def _show(done: int, total: int) -> None:
    click.echo(f"\r{done:,} of {total:,} people read", err=True, nl=done >= total)


def _last_days(texts: tuple[str, ...]) -> "dict[Source, date]":
    """Read ``DATE`` for every source and ``SOURCE=DATE`` for one; the more specific one holds."""
    from holdfast.cohort.error import CohortError
    from holdfast.cohort.ukbiobank import Source

    registers = {s.value: s for s in Source if s is not Source.SELF_REPORT}
    days: dict[Source, date] = {}
    for text in sorted(texts, key=lambda text: "=" in text):
        name, equals, day = text.rpartition("=")
        try:
            read = date.fromisoformat(day)
        except ValueError:
            raise CohortError("--censored must be a day such as 2022-10-31", repr(text), "mend it") from None
        if equals and name not in registers:
            raise CohortError(f"--censored must name one of {', '.join(registers)}", repr(name), "mend it")
        days |= {registers[name]: read} if equals else dict.fromkeys(registers.values(), read)
    return days


def _plain(report: "UkBiobankReport") -> dict[str, Any]:
    return {
        "people": report.people,
        "conditions": report.conditions,
        "outcomes": report.outcomes,
        "absent": list(report.absent),
        "ignored": list(report.ignored),
        "last_complete_days": {source.value: str(day) for source, day in report.ends.items()},
        "last_days_from_records": [source.value for source in report.ends_seen],
        "withdrawn": report.withdrawn,
        "withdrawn_not_found": report.withdrawn_not_found,
        "contradictory": dict(report.contradictory),
        "undated_conditions": report.undated,
        "cancers_without_icd10": report.uncoded,
        "lost_at_visit": report.lost_at_visit,
        "findings": [finding.message for finding in report.findings],
    }


def _spoken(report: "UkBiobankReport", out: Path) -> str:
    ends = ", ".join(f"{source.value} {day}" for source, day in report.ends.items()) or "no register"
    lines = [
        f"Cohort: {out}",
        f"{report.people:,} people, {report.conditions} conditions looked for, {report.outcomes} outcomes.",
        f"Records are used up to: {ends}.",
    ]
    if report.ends_seen:
        seen = ", ".join(source.value for source in report.ends_seen)
        lines.append(f"Of {seen} that is the last record; give --censored with UK Biobank's own dates.")
    if report.withdrawn:
        lines.append(f"{report.withdrawn:,} people withdrew and were left out.")
    lines += [f"{count:,} people left out: {what}." for what, count in sorted(report.contradictory.items())]
    if report.undated:
        lines.append(f"{report.undated:,} conditions have no usable day; those people have no row for that outcome.")
    for said, names in (("No field in the extract for", report.absent), ("Columns left aside", report.ignored)):
        if names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            lines.append(f"{said}: {', '.join(names[:_SHOWN])}{more}.")
    lines += [finding.message for finding in report.findings[:_SHOWN]]
    if len(report.findings) > _SHOWN:
        lines.append(f"{len(report.findings) - _SHOWN} more findings; --json lists them all.")
    return "\n".join(lines)
