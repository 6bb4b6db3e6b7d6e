"""What the figures do not show, as follows from the record."""

from holdfast.measured import Scored, Unscored
from holdfast.study.judging.judgement import Judgement
from holdfast.study.judging.subgroup_figures import FEWEST_EVENTS
from holdfast.study.report.about import About
from holdfast.study.report.wording import count, method_name, percent_figure, share

__all__ = ["limits"]


def limits(judgement: Judgement, about: About) -> tuple[str, ...]:
    """Return sentences; which of them stand there depends on who was judged on and how the model was made."""
    settings = judgement.settings
    said = [
        _validation(about),
        f"Intervals are from resampling the {count(judgement.people.everyone.people)} people judged on, "
        f"{count(settings.resamples)} times ({count(settings.slow_resamples)} for figures that take long). The fitted "
        "models stay fixed: what another training sample would have given is not in them. None is corrected for the "
        "number of comparisons.",
        "Dying of something else, where that can happen, counts as the end of follow-up. Absolute risks are then not "
        "real-world frequencies. Censoring is taken not to depend on risk.",
        "Survey weights, where a study has them, are not used: figures are of the people in the file, not of a "
        "population.",
    ]
    if about.is_led:
        teachers = about.model["Teachers"].split(";")[0]
        said.append(
            f"The model's encoders are shown what its teachers ({teachers}) foretell. Much of what it knows about "
            "order comes from these teachers, which are ordinary survival models: it is not evidence that the "
            "representation alone does as well."
        )
    if about.top_coded is not None:
        top, at_top = about.top_coded
        said.append(
            f"Age looks cut off at {top:g} years: {share(at_top)} of the people have exactly that age. Within them "
            "nothing can be told by age, and age alone, or age and sex, look weaker than exact ages would."
        )
    said += _silent(judgement)
    said += _unequally_silent(judgement)
    said += _small(judgement)
    said += _not_measured(judgement)
    said.append(
        "Stress is one random draw of what goes missing or gets noisy. Real values go missing for reasons, and real "
        "errors are shared between markers."
    )
    return tuple(said)


def _validation(about: About) -> str:
    if about.is_external:
        return (
            "These people are of another cohort than the model's: one external validation. Columns were matched by "
            "name, kind and unit; whether they mean the same in both studies was not checked. Nor was whether a "
            "person is in both."
        )
    return (
        "There is no external validation here. The people judged on are of the same study, the same years and the "
        "same laboratories as those learnt from, and chosen from them at random. Elsewhere figures are likely worse."
    )


def _silent(judgement: Judgement) -> list[str]:
    """Say when the people about whom nothing is said fare worse: who is left out is then not like the others."""
    silent, others = judgement.abstentions.event_rate, judgement.abstentions.event_rate_estimated
    if not (isinstance(silent, Scored) and isinstance(others, Scored) and silent.interval and others.interval):
        return []
    if silent.interval.low <= others.interval.high:
        return []
    return [
        "People for whom the model says nothing had the event more often than the others. Risk groups, calibration, "
        "decision curve and reclassification are without them, of people who fare better. Concordance and AUC are of "
        "everybody."
    ]


def _unequally_silent(judgement: Judgement) -> list[str]:
    """Name attributes in whose groups the model abstains more and less often, intervals apart."""
    lines = []
    for attribute in dict.fromkeys(group.attribute for group in judgement.abstentions.groups):
        groups = [
            (group.share.interval, group)
            for group in judgement.abstentions.groups
            if group.attribute == attribute and isinstance(group.share, Scored) and group.share.interval is not None
        ]
        most = max(groups, key=lambda one: one[0].low, default=None)
        least = min(groups, key=lambda one: one[0].high, default=None)
        if most is not None and least is not None and most[0].low > least[0].high:
            lines.append(
                f"The model says nothing more often for some groups ({attribute}): for "
                f"{percent_figure(most[1].share)} of {most[1].level}, {percent_figure(least[1].share)} of "
                f"{least[1].level}."
            )
    return lines


def _small(judgement: Judgement) -> list[str]:
    small = {
        group.level
        for found in judgement.subgroups
        for group in found.groups
        if not isinstance(group.figure, Scored) and group.events < FEWEST_EVENTS
    }
    if not small:
        return []
    return [
        f"{len(small)} groups have fewer than {FEWEST_EVENTS} events and no figure of their own. They are listed. "
        "How the model does in them is not known."
    ]


def _not_measured(judgement: Judgement) -> list[str]:
    lines = []
    for method in judgement.ranking.methods:
        if isinstance(method.concordance, Unscored):
            lines.append(f"Not compared with {method_name(method.name)}: {method.concordance.reason.rstrip('.')}.")
    if isinstance(judgement.absolute.calibration, Unscored):
        lines.append(f"Absolute risks were not judged: {judgement.absolute.calibration.reason}.")
    return lines
