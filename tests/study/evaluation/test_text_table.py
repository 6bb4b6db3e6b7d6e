"""The table on the terminal, to the letter."""

from holdfast.measured import Failed, Interval, Scored, Unscored
from holdfast.study.evaluation.figures import Figures, Lead, MethodFigures
from holdfast.study.evaluation.text_table import text_table

GOLDEN = """\
method    concordance  95 % interval     in age bands  95 % interval     AUC     nplb is ahead by
cox       0.8500       0.8400 to 0.8600  0.7000        0.6800 to 0.7200  0.8600  +0.0123 (0.0010 to 0.0236)
phenoage  -            -                 -             -                 -       -
nplb      0.8623       0.8500 to 0.8700  0.7100        0.6900 to 0.7300  failed  -

1,000 people judged on, 120 events, 10 fits a method; higher is better.
Concordance: Harrell's; in age bands: of people of one band. AUC: at 5.25 years.
Intervals: 2000 resamples of people, the same for every method.
phenoage: no albumin
"""


def scored(value: float, low: float, high: float) -> Scored:
    return Scored(value=value, n=1_000, interval=Interval(low, high))


def figures() -> Figures:
    lead = Lead(
        overall=scored(0.0123, 0.001, 0.0236),
        p=Scored(value=0.03, n=1_000),
        within_age=Unscored("age is not known"),
        over_splits=Unscored("fewer than three training sets"),
    )
    return Figures(
        methods=(
            MethodFigures(
                name="cox",
                title="Cox",
                concordance=scored(0.85, 0.84, 0.86),
                within_age=scored(0.7, 0.68, 0.72),
                horizon_auc=Scored(value=0.86, n=1_000),
                lead=lead,
            ),
            MethodFigures(
                name="phenoage",
                title="PhenoAge",
                concordance=Unscored("no albumin"),
                within_age=Unscored("no albumin"),
                horizon_auc=Unscored("no albumin"),
                lead=None,
            ),
            MethodFigures(
                name="nplb",
                title="Ours",
                concordance=scored(0.8623, 0.85, 0.87),
                within_age=scored(0.71, 0.69, 0.73),
                horizon_auc=Failed("ValueError"),
                lead=None,
            ),
        ),
        n_people=1_000,
        n_events=120,
        n_cases=10,
        horizon_years=5.25,
        resamples=2_000,
    )


def test_the_table_is_this_one() -> None:
    assert text_table(figures()) == GOLDEN.rstrip("\n")
