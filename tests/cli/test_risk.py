"""``holdfast risk`` fits, scores, evaluates and runs again; bad input gets one clear line and loses nothing."""

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner, Result

from holdfast.cli.risk import risk
from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.synthetic import build_synthetic
from holdfast.errors import HoldfastError, UnknownNameError
from holdfast.metric.error import MetricError
from holdfast.risk.error import RiskError
from holdfast.risk.survival.concordance import harrell_concordance
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError

FEATURES = "age,sex,albumin,creatinine,urea,c_reactive_protein,glucose,red_cell_distribution_width,smoking_status"
INPUTS = "albumin,creatinine,c_reactive_protein,red_cell_distribution_width"


def run(*args: object) -> Result:
    return CliRunner().invoke(risk, [str(arg) for arg in args], catch_exceptions=True)


def good(*args: object) -> Result:
    result = run(*args)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def refused(*args: object) -> HoldfastError:
    result = run(*args)
    assert isinstance(result.exception, HoldfastError), (result.output, result.exception)
    return result.exception


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("risk") / "cohort"
    build_synthetic(folder, people=2000, seed=4, today=date(2026, 11, 30))
    return folder


@pytest.fixture(scope="module")
def model(cohort: Path) -> Path:
    folder = cohort.parent / "model"
    good("fit", cohort, "--preset", "fast", "--features", FEATURES, "--out", folder, "--quiet")
    return folder


@pytest.fixture(scope="module")
def table(cohort: Path) -> pl.DataFrame:
    opened = Cohort.open(cohort)
    deaths = opened.outcomes().filter(pl.col("outcome") == "death").select("person", "years", "event")
    return opened.people().join(deaths, on="person").collect()


def people_of(cohort: Path, out: Path, change: pl.Expr | list[pl.Expr] | None = None) -> Path:
    frame = pl.read_parquet(cohort / "people.parquet")
    (frame if change is None else frame.with_columns(change)).write_parquet(out)
    return out


def test_a_score_ranks_people_who_were_held_out_by_their_true_hazard(model: Path, cohort: Path, tmp_path: Path) -> None:
    good("score", model, cohort, "--out", tmp_path / "r.parquet", "--quiet")
    truth = pl.read_parquet(cohort / "truth.parquet")
    scored = pl.read_parquet(tmp_path / "r.parquet").join(truth, on="person").drop_nulls("score")
    order = scored.select(pl.corr("score", "death_log_hazard", method="spearman")).item()
    assert order > 0.75


def test_every_person_has_a_row_in_the_order_of_the_table(model: Path, cohort: Path, tmp_path: Path) -> None:
    result = good("score", model, cohort, "--out", tmp_path / "r.parquet", "--quiet", "--json")
    scored = pl.read_parquet(tmp_path / "r.parquet")
    assert scored["person"].to_list() == pl.read_parquet(cohort / "people.parquet")["person"].to_list()
    counts = json.loads(result.output)
    assert counts["people"] == 2000
    assert counts["normal"] + counts["lower"] + counts["higher"] + counts["not_estimated"] == 2000


def test_absolute_risks_rise_with_the_horizon_and_the_score(model: Path, cohort: Path, tmp_path: Path) -> None:
    good("score", model, cohort, "--out", tmp_path / "r.parquet", "--quiet")
    scored = pl.read_parquet(tmp_path / "r.parquet").drop_nulls("score").sort("score")
    assert (scored["risk_2_years"] <= scored["risk_5_years"]).all()
    assert (scored["risk_5_years"].diff().drop_nulls() >= -1e-12).all()
    assert scored["risk_5_years"].is_between(0, 1).all()


def test_a_csv_gives_the_scores_of_the_parquet(model: Path, cohort: Path, tmp_path: Path) -> None:
    frame = pl.read_parquet(cohort / "people.parquet")[:50]
    frame.write_csv(tmp_path / "p.csv")
    frame.write_parquet(tmp_path / "p.parquet")
    for name in ("csv", "parquet"):
        good("score", model, tmp_path / f"p.{name}", "--out", tmp_path / f"{name}.parquet", "--quiet")
    a, b = (pl.read_parquet(tmp_path / f"{name}.parquet") for name in ("csv", "parquet"))
    assert np.allclose(a["score"].to_numpy(), b["score"].to_numpy(), atol=1e-6, equal_nan=True)


def test_what_would_lower_a_risk_is_named_and_is_no_age_or_sex(model: Path, cohort: Path, tmp_path: Path) -> None:
    people_of(cohort, tmp_path / "p.parquet", pl.lit(120.0).alias("c_reactive_protein"))
    out = tmp_path / "r.parquet"
    good("score", model, tmp_path / "p.parquet", "--out", out, "--explain", 2, "--quiet")
    scored = pl.read_parquet(out).drop_nulls("score")
    assert not {"age", "sex"} & {*scored["lowers_1"], *scored["lowers_2"]}
    assert (scored["lowers_1"] == "c_reactive_protein").mean() > 0.8
    assert (scored["lowered_by_1"].drop_nulls() > 0).all()


def test_intervals_hold_the_score(model: Path, cohort: Path, tmp_path: Path) -> None:
    good("score", model, cohort, "--out", tmp_path / "r.parquet", "--interval", "--quiet")
    scored = pl.read_parquet(tmp_path / "r.parquet").drop_nulls("score")
    assert ((scored["score_low"] <= scored["score"]) & (scored["score"] <= scored["score_high"])).mean() > 0.9
    assert (scored["score_low"] < scored["score_high"]).all()


@pytest.mark.parametrize(("version", "suffix"), [("R4B", "json"), ("R5", "ndjson")])
def test_fhir_has_one_assessment_a_person(version: str, suffix: str, model: Path, cohort: Path, tmp_path: Path) -> None:
    people = tmp_path / "p.parquet"
    pl.read_parquet(cohort / "people.parquet")[:20].write_parquet(people)
    written = tmp_path / f"fhir.{suffix}"
    good(
        "score", model, people, "--out", tmp_path / "r.parquet", "--fhir", written, "--fhir-version", version, "--quiet"
    )
    text = written.read_text(encoding="utf-8")
    found = (
        [json.loads(x) for x in text.splitlines()]
        if suffix == "ndjson"
        else [entry["resource"] for entry in json.loads(text)["entry"]]
    )
    assert [one["resourceType"] for one in found] == ["RiskAssessment"] * 20
    assert all("Research use, not for care" in json.dumps(one) for one in found)


def test_fhir_without_a_name_lies_beside_the_result(model: Path, cohort: Path, tmp_path: Path) -> None:
    people = tmp_path / "p.parquet"
    pl.read_parquet(cohort / "people.parquet")[:3].write_parquet(people)
    good("score", model, people, "--out", tmp_path / "r.parquet", "--fhir", "--quiet")
    assert len(json.loads((tmp_path / "r.fhir.json").read_text(encoding="utf-8"))["entry"]) == 3


def test_people_without_most_inputs_get_a_reason_and_no_number(model: Path, cohort: Path, tmp_path: Path) -> None:
    people_of(
        cohort, tmp_path / "p.parquet", [pl.lit(None).cast(pl.Float64).alias(n) for n in (*INPUTS.split(","), "urea")]
    )
    good("score", model, tmp_path / "p.parquet", "--out", tmp_path / "r.parquet", "--quiet")
    scored = pl.read_parquet(tmp_path / "r.parquet")
    assert scored["score"].null_count() == 2000
    assert set(scored["abstention"]) == {"too many inputs are missing"}


def test_a_model_made_again_is_the_same(model: Path) -> None:
    assert good("rerun", model, "--quiet").output.startswith("The same: ")


def test_a_model_made_again_from_changed_data_is_refused(model: Path, cohort: Path, tmp_path: Path) -> None:
    moved = tmp_path / "model"
    shutil.copytree(model, moved)
    record = json.loads((moved / "run.json").read_text())
    record["data"][0]["sha256"] = "0" * 64
    (moved / "run.json").write_text(json.dumps(record))
    assert "must be as it was" in str(refused("rerun", moved))


def test_a_model_that_was_changed_is_refused(model: Path, cohort: Path, tmp_path: Path) -> None:
    moved = tmp_path / "model"
    shutil.copytree(model, moved)
    card = json.loads((moved / "model.json").read_text())
    card["settings"]["lead_scale"] = 4.0
    (moved / "model.json").write_text(json.dumps(card))
    error = refused("score", moved, cohort, "--out", tmp_path / "r.parquet")
    assert isinstance(error, StudyError)
    assert "must be as it was saved" in str(error)
    assert not (tmp_path / "r.parquet").exists()


def test_a_risk_of_another_model_is_refused(model: Path, cohort: Path, tmp_path: Path) -> None:
    mixed, other = tmp_path / "mixed", tmp_path / "other"
    features = ["--features", "age,sex,albumin", "--preset", "fast", "--quiet"]
    good("fit", cohort, *features, "--out", other, "--most-people", 300)
    shutil.copytree(model, mixed)
    shutil.rmtree(mixed / "risk")
    shutil.copytree(other / "risk", mixed / "risk")
    error = refused("score", mixed, cohort, "--out", tmp_path / "r.parquet", "--quiet")
    assert "must be as it was saved, got other bytes in 'mixed'" in str(error)


def test_a_model_holds_nobody(model: Path, cohort: Path) -> None:
    ids = pl.read_parquet(cohort / "people.parquet")["person"][:50].to_list()
    for path in (p for p in model.rglob("*") if p.is_file()):
        stored = path.read_bytes()
        assert not [person for person in ids if person.encode() in stored], path.name


BAD_PEOPLE = {
    "repeated": (pl.col("person").replace({"S0000002": "S0000001"}), StudyError, r"must be unique, got 1 of 2000 rows"),
    "without id": (
        pl.when(pl.col("person") == "S0000002").then(None).otherwise("person").alias("person"),
        StudyError,
        r"must have an id, got 1 rows",
    ),
    "another unit": (pl.col("albumin") / 10, StudyError, r"'albumin' .* as g/dL would be; convert it from g/dL"),
    "infinite": (pl.lit(float("inf")).alias("urea"), StudyError, r"'urea' .* must be finite"),
}


@pytest.mark.parametrize("case", BAD_PEOPLE)
def test_people_that_cannot_be_right_are_refused(case: str, model: Path, cohort: Path, tmp_path: Path) -> None:
    change, kind, message = BAD_PEOPLE[case]
    people_of(cohort, tmp_path / "p.parquet", change)
    with pytest.raises(kind, match=message):
        raise refused("score", model, tmp_path / "p.parquet", "--out", tmp_path / "r.parquet", "--quiet")
    assert not (tmp_path / "r.parquet").exists()


def test_a_missing_column_is_named(model: Path, cohort: Path, tmp_path: Path) -> None:
    pl.read_parquet(cohort / "people.parquet").drop("urea").write_parquet(tmp_path / "p.parquet")
    error = refused("score", model, tmp_path / "p.parquet", "--out", tmp_path / "r.parquet")
    assert "1 of 9 missing (urea)" in str(error)


def test_a_category_that_was_not_seen_takes_part_in_none(model: Path, cohort: Path, tmp_path: Path) -> None:
    people_of(cohort, tmp_path / "p.parquet", pl.lit(99).cast(pl.Int32).alias("smoking_status"))
    good("score", model, tmp_path / "p.parquet", "--out", tmp_path / "r.parquet", "--quiet")
    assert pl.read_parquet(tmp_path / "r.parquet")["score"].null_count() < 400  # some are unlike anybody now


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (["--outcome", "deaths"], UnknownNameError, "did you mean death"),
        (["--seed", "-1"], StudyError, "Seed must be 0 or more, got -1"),
        (["--features", "albumen"], UnknownNameError, "did you mean albumin"),
        (["--held-out", "1.5"], StudyError, "must lie in 0 to below 1"),
        (["--outcome", "dementia", "--held-out", "0.9"], StudyError, r"must hold 12 with the event"),
    ],
)
def test_a_fit_that_cannot_be_is_refused(
    options: list[str], kind: type[Exception], message: str, cohort: Path, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=message):
        raise refused("fit", cohort, "--preset", "fast", "--out", tmp_path / "m", "--quiet", *options)
    assert not (tmp_path / "m").exists()


def test_a_fit_that_is_stopped_says_so_and_leaves_what_was_there(
    cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("holdfast.study.risk_model.cohort_fit.fit_cohort", stopped)
    found = run("fit", cohort, "--out", tmp_path / "m", "--quiet")
    assert (found.exit_code, found.output.strip()) == (130, "Stopped; nothing was written.")
    assert not list(tmp_path.iterdir())


def test_a_model_is_not_written_over_unasked(model: Path, cohort: Path) -> None:
    assert "give --overwrite" in str(refused("fit", cohort, "--out", model, "--quiet"))


def test_a_folder_that_is_no_model_is_never_replaced(cohort: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    assert "nothing but a model" in str(refused("fit", cohort, "--out", tmp_path, "--overwrite", "--quiet"))
    assert (tmp_path / "mine.txt").read_text() == "keep"


def test_embeddings_made_elsewhere_give_a_risk(cohort: Path, table: pl.DataFrame, tmp_path: Path) -> None:
    z = table.select("person", *(pl.col(n).fill_null(pl.col(n).median()).alias(n) for n in ("age", *INPUTS.split(","))))
    standard = z.with_columns((pl.col(n) - pl.col(n).mean()) / pl.col(n).std() for n in z.columns[1:])
    standard.write_parquet(tmp_path / "z.parquet")
    good("fit", cohort, "--embeddings", tmp_path / "z.parquet", "--out", tmp_path / "m", "--quiet")
    good("score", tmp_path / "m", "--embeddings", tmp_path / "z.parquet", "--out", tmp_path / "r.parquet")
    scored = table.join(pl.read_parquet(tmp_path / "r.parquet"), on="person").drop_nulls("score")
    follow_up = FollowUp(scored["years"].to_numpy(), scored["event"].to_numpy().astype(bool))
    index = harrell_concordance(scored["score"].to_numpy(), follow_up).index
    assert getattr(index, "value", 0) > 0.65


WAYS = ("z", "turned", "others")


def test_dimensions_of_embeddings_are_found_by_name(cohort: Path, table: pl.DataFrame, tmp_path: Path) -> None:
    names = ["age", *INPUTS.split(",")]
    z = table.select("person", *(pl.col(name).fill_null(pl.col(name).median()) for name in names))
    z.write_parquet(tmp_path / "z.parquet")
    z.select("person", *reversed(names)).write_parquet(tmp_path / "turned.parquet")
    z.rename({"age": "years_old"}).write_parquet(tmp_path / "others.parquet")
    good("fit", cohort, "--embeddings", tmp_path / "z.parquet", "--out", tmp_path / "m", "--quiet")
    for name in ("z", "turned"):
        good(
            "score",
            tmp_path / "m",
            "--embeddings",
            tmp_path / f"{name}.parquet",
            "--out",
            tmp_path / f"{name}-r.parquet",
        )
    assert pl.read_parquet(tmp_path / "z-r.parquet").equals(pl.read_parquet(tmp_path / "turned-r.parquet"))
    error = refused(
        "score", tmp_path / "m", "--embeddings", tmp_path / "others.parquet", "--out", tmp_path / "o.parquet"
    )
    assert "2 that differ (age, years_old)" in str(error)


def test_options_that_embeddings_make_meaningless_are_refused(cohort: Path, tmp_path: Path) -> None:
    error = refused("fit", cohort, "--embeddings", "z.parquet", "--features", "age", "--out", tmp_path / "m")
    assert "got --features; leave it out" in str(error)


@pytest.mark.parametrize("blank", ["", "  ", "NaN"])
def test_a_blank_id_is_no_id(blank: str, model: Path, cohort: Path, tmp_path: Path) -> None:
    people_of(cohort, tmp_path / "p.parquet", pl.col("person").replace({"S0000002": blank}))
    error = refused("score", model, tmp_path / "p.parquet", "--out", tmp_path / "r.parquet", "--quiet")
    assert "must have an id, got 1 rows" in str(error)


def evaluated(train: Path, test: Path, *more: object) -> list[object]:
    named = ["--time", "years", "--event", "event", "--features", INPUTS, "--age", "age", "--sex", "sex"]
    return ["evaluate", "--train", train, "--test", test, *named, "--seeds", 1, "--resamples", 50, "--quiet", *more]


@pytest.fixture
def halves(table: pl.DataFrame, tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "train.parquet", tmp_path / "test.parquet"
    table[:1000].write_parquet(paths[0])
    table[1000:].write_parquet(paths[1])
    return paths


def test_evaluation_prints_a_row_a_method_and_writes_the_same(halves: tuple[Path, Path], table: pl.DataFrame) -> None:
    out = halves[0].with_name("figures.json")
    result = good(*evaluated(*halves, "--methods", "age,cox,phenoage,pca", "--json", out))
    said = json.loads(out.read_text())
    assert [method["method"] for method in said["methods"]] == ["age", "cox", "phenoage", "pca"]
    test = table[1000:]
    follow_up = FollowUp(test["years"].to_numpy(), test["event"].to_numpy().astype(bool))
    by_age = harrell_concordance(test["age"].to_numpy(), follow_up).index
    assert said["methods"][0]["concordance"]["value"] == pytest.approx(getattr(by_age, "value", None))
    assert f"{getattr(by_age, 'value', 0):.4f}" in result.output
    assert said["methods"][2]["concordance"]["outcome"] == "unscored"
    assert "missing marker" in result.output


def test_a_run_goes_on_where_it_stopped_and_is_made_again(halves: tuple[Path, Path]) -> None:
    run_folder = halves[0].with_name("run")
    asked = evaluated(*halves, "--methods", "age,cox,raw", "--run", run_folder)
    first = good(*asked).output
    for kept in (run_folder / "risks").glob("*cox*"):
        kept.unlink()
    assert good(*asked).output == first
    assert good("rerun", run_folder, "--quiet").output.startswith("The same: ")
    result = json.loads((run_folder / "result.json").read_text())
    result["figures"]["methods"][0]["concordance"]["value"] += 0.01
    (run_folder / "result.json").write_text(json.dumps(result))
    differs = run("rerun", run_folder, "--quiet")
    assert differs.exit_code == 1
    assert "methods.0.concordance.value" in differs.output


def test_a_run_folder_of_other_settings_is_refused(halves: tuple[Path, Path]) -> None:
    run_folder = halves[0].with_name("run")
    good(*evaluated(*halves, "--methods", "age", "--run", run_folder))
    error = refused(*evaluated(*halves, "--methods", "cox", "--run", run_folder))
    assert "one with other settings or data" in str(error)


def test_a_map_brings_another_studys_columns(halves: tuple[Path, Path]) -> None:
    train, test = halves
    plain, mapped = train.with_name("plain.json"), train.with_name("mapped.json")
    good(*evaluated(train, test, "--methods", "cox", "--json", plain))
    frame = pl.read_parquet(test)
    other = test.with_name("other.parquet")
    frame.with_columns((pl.col("albumin") / 10).alias("alb_g_dl")).drop("albumin").write_parquet(other)
    map_file = test.with_name("map.yaml")
    map_file.write_text("version: 1\nsource: made up\ncolumns:\n  albumin: {column: alb_g_dl, factor: 10}\n")
    good(*evaluated(train, other, "--methods", "cox", "--json", mapped, "--map", map_file))
    values = [json.loads(p.read_text())["methods"][0]["concordance"]["value"] for p in (plain, mapped)]
    assert values[0] == pytest.approx(values[1], abs=1e-4)


def test_a_map_of_an_empty_table_is_refused_as_an_empty_table_is(halves: tuple[Path, Path]) -> None:
    train, test = halves
    pl.read_parquet(test)[:0].write_parquet(test)
    map_file = test.with_name("map.yaml")
    map_file.write_text("version: 1\nsource: made up\ncolumns:\n  albumin: {column: albumin, factor: 10}\n")
    for more in ([], ["--map", map_file]):
        assert "must hold people, got 0 rows" in str(refused(*evaluated(train, test, "--methods", "cox", *more)))


def test_being_judged_on_the_people_learnt_from_is_said(halves: tuple[Path, Path]) -> None:
    train, test = halves
    remembered = "judged on the people they learnt from"
    assert remembered in good(*evaluated(train, train, "--methods", "age")).output
    assert remembered not in good(*evaluated(train, test, "--methods", "age")).output


def test_figures_never_take_the_place_of_a_table(halves: tuple[Path, Path]) -> None:
    before = halves[1].read_bytes()
    error = refused(*evaluated(*halves, "--methods", "age", "--json", halves[1]))
    assert "must be written to a file of their own" in str(error)
    assert halves[1].read_bytes() == before


BAD_TABLES = {
    "event before visit": (-pl.col("years"), StudyError, "must come after the visit, got 1000 of 1000 times below 0"),
    "event of two": (pl.lit(2).alias("event"), StudyError, "must be 0 or 1, got 1000 of 1000 values of another"),
    "all censored": (pl.lit(0).alias("event"), StudyError, "must have had events, got 0 of 1000: all censored"),
    "no times": (pl.lit(None).cast(pl.Float64).alias("years"), StudyError, "must have been followed up, got 0 of"),
    "words": (pl.lit("a").alias("albumin"), MetricError, "must be readable as Float64, got String"),
    "ages": (pl.col("age") * 12, StudyError, "must lie in 0 to 130 years"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_a_table_that_cannot_be_right_is_refused(case: str, halves: tuple[Path, Path]) -> None:
    change, kind, message = BAD_TABLES[case]
    train, test = halves
    pl.read_parquet(test).with_columns(change).write_parquet(test)
    with pytest.raises(kind, match=message):
        raise refused(*evaluated(train, test, "--methods", "age"))


@pytest.mark.parametrize(
    ("more", "kind", "message"),
    [
        (["--methods", "coxx"], UnknownNameError, "did you mean cox"),
        (["--methods", ","], StudyError, "Methods must be at least one, got none"),
        (["--json", "none/figures.json"], MetricError, "must lie in an existing folder"),
        (["--time", "year"], MetricError, "did you mean years"),
        (["--features", "albumin,albumin"], StudyError, "must be named once each"),
        (["--features", "albumin,event"], StudyError, "must not hold the outcome"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(
    more: list[str], kind: type[Exception], message: str, halves: tuple[Path, Path]
) -> None:
    with pytest.raises(kind, match=message):
        raise refused(*evaluated(*halves, *more))


def scored_embeddings(cohort: Path, table: pl.DataFrame, folder: Path, *more: object) -> pl.DataFrame:
    z = folder / "z.parquet"
    table.select("person", "age", pl.col("albumin").fill_null(45.0)).cast({"age": pl.Float64}).write_parquet(z)
    good("fit", cohort, "--embeddings", z, "--distance", "centroid", "--out", folder / "m", "--quiet")
    good("score", folder / "m", "--embeddings", z, "--out", folder / "r.parquet", *more)
    return pl.read_parquet(folder / "r.parquet")


def test_embeddings_of_nobody_of_the_cohort_are_refused(cohort: Path, table: pl.DataFrame, tmp_path: Path) -> None:
    others = table.select(("X" + pl.col("person")).alias("person"), pl.col("age").cast(pl.Float64))
    others.write_parquet(tmp_path / "z.parquet")
    error = refused("fit", cohort, "--embeddings", tmp_path / "z.parquet", "--out", tmp_path / "m", "--quiet")
    assert "must be of people of the cohort, got 0 of 2000 who are; check the column person" in str(error)
    assert "XS0" not in str(error)


def test_embeddings_get_intervals_where_asked(cohort: Path, table: pl.DataFrame, tmp_path: Path) -> None:
    scored = scored_embeddings(cohort, table, tmp_path, "--interval").drop_nulls("score")
    assert (scored["score_low"] < scored["score_high"]).all()
    named = refused(
        "score", tmp_path / "m", "--embeddings", "z.parquet", "--out", tmp_path / "s.parquet", "--explain", 1
    )
    assert "Inputs to name must be known, got embeddings alone" in str(named)


def test_what_is_read_is_never_replaced(model: Path, cohort: Path, tmp_path: Path) -> None:
    people = people_of(cohort, tmp_path / "p.parquet")
    before = people.read_bytes()
    assert "place of what is read" in str(refused("score", model, people, "--out", people, "--overwrite", "--quiet"))
    assert people.read_bytes() == before


def test_a_place_for_fhir_is_looked_at_before_anybody_is_scored(model: Path, cohort: Path, tmp_path: Path) -> None:
    out, kept = tmp_path / "r.parquet", tmp_path / "kept.json"
    kept.write_text("mine")
    assert "give --overwrite" in str(refused("score", model, cohort, "--out", out, "--fhir", kept))
    missing = tmp_path / "none" / "f.json"
    assert "must lie in an existing folder" in str(refused("score", model, cohort, "--out", out, "--fhir", missing))
    assert kept.read_text() == "mine"
    assert not out.exists()


@pytest.mark.parametrize("name", ["score", "risk_5_years", "lowers_1"])
def test_a_column_of_ids_called_as_a_figure_is_refused(name: str, model: Path, cohort: Path, tmp_path: Path) -> None:
    people = tmp_path / "p.parquet"
    pl.read_parquet(cohort / "people.parquet").rename({"person": name}).write_parquet(people)
    error = refused("score", model, people, "--person", name, "--out", tmp_path / "r.parquet", "--quiet")
    assert "must not be called as a figure is" in str(error)


def test_fewer_than_no_inputs_cannot_be_named(model: Path, cohort: Path, tmp_path: Path) -> None:
    error = refused("score", model, cohort, "--out", tmp_path / "r.parquet", "--explain", -1)
    assert "must be 0 or more, got -1" in str(error)


def test_a_score_without_people_or_with_both_is_refused(model: Path, cohort: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    assert "got neither" in str(refused("score", model, "--out", out))
    assert "got both" in str(refused("score", model, cohort, "--embeddings", "z.parquet", "--out", out))
    assert isinstance(refused("score", tmp_path, cohort, "--out", out), StudyError)
    assert isinstance(refused("score", model, "--embeddings", tmp_path / "none.parquet", "--out", out), RiskError)
