"""Judge a stored model on a cohort and write the page: what is asked for, as data, and the doing of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from holdfast.staged import staged
from holdfast.study.error import StudyError
from holdfast.study.judging.judgement import Judgement, judge
from holdfast.study.judging.people_to_judge import people_to_judge
from holdfast.study.judging.settings import JudgingSettings, Progress
from holdfast.study.report.about import About, about_report
from holdfast.study.report.page import render_report
from holdfast.study.risk_model.model_folder import load_model

__all__ = ["ModelReport", "check_free_for_page", "report_model"]


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    """What came of it.

    Attributes:
        judgement: The figures.
        about: What is said beside them.
    """

    judgement: Judgement
    about: About

    def to_html(self) -> str:
        """Return the page."""
        return render_report(self.judgement, self.about)

    def to_json(self) -> str:
        """Return the figures of the page as the text of a JSON file."""
        said = {"about": self.about.to_json(), "figures": self.judgement.to_json()}
        return json.dumps(said, indent=2, ensure_ascii=False) + "\n"

    def write(self, page: Path, figures: Path | None = None) -> None:
        """Write the page, and the figures where asked, each whole or not at all.

        Raises:
            StorageError: The disk is full or cannot be written to.
        """
        html = self.to_html()
        with staged(page) as beside:
            beside.write_text(html, encoding="utf-8")
        if figures is not None:
            with staged(figures) as beside:
                beside.write_text(self.to_json(), encoding="utf-8")


def check_free_for_page(path: Path, *, overwrite: bool) -> None:
    """Check before long work that a file can be put at ``path``.

    Raises:
        StudyError: The folder does not exist, or something lies there and is not to be replaced.
    """
    if not path.absolute().parent.is_dir():
        raise StudyError(
            f"{path.name!r} must lie in an existing folder", repr(str(path)), f"make {str(path.parent)!r} first"
        )
    if path.is_dir() or (path.exists() and not overwrite):
        remedy = "name another" if path.is_dir() else "name another, or give --overwrite"
        raise StudyError(f"{path.name!r} must be a new file", repr(str(path)), remedy)


def report_model(
    model: Path,
    cohort: Path,
    settings: JudgingSettings,
    *,
    progress: Progress = lambda _done, _of, _what: None,
    reading: Callable[[int], None] = lambda _: None,
) -> ModelReport:
    """Judge a model's folder on a cohort's folder.

    Raises:
        StudyError, CohortError, RiskError: The model or the cohort cannot be read, or nobody can be judged on; see
            ``people_to_judge`` and ``judge``.
        UnknownNameError: Something asked for does not exist.
    """
    stored = load_model(model)
    people = people_to_judge(stored, cohort, reading=reading)
    found = judge(stored.model, people.test, train=people.train, settings=settings, progress=progress)
    return ModelReport(judgement=found, about=about_report(stored, model, cohort, people, settings))
