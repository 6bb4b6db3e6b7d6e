"""Claims about the instruments as data: their wording, their shape and what loading refuses."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from holdfast.care.assessment.catalogue import INSTRUMENTS, Catalogue, instruments
from holdfast.care.education.readability import readability
from holdfast.errors import ContentError, UnknownNameError

PINNED = {
    "asq": "fe5e0ec8d9f6b8d5bdf710996219bbd1e76b1308b6be351e4b78a8041900a4eb",
    "audit-c": "5a983171de02358298b7b095d5785c0e352db8fd4af4fa6cb4e243cb33eb6dc6",
    "gad-2": "b222eded257953aa289a88ffd1bc5e09da305e230be8dbcc03b1d334057f704e",
    "gad-7": "fa651ffbaa6afa3530eeef878c7e2b6a4b2c6e2e69de8ae99a73053c98a84767",
    "k6": "b0946889c9790b66a26e9a9f4543ca9eb522bca9eb1fc7dc0f36eb387dc8bee9",
    "pc-ptsd-5": "f68e7dab1ca826806dc0003089789b71781a875a378cff9bde780b7d1b5f5163",
    "pcl-5": "d3a9420b5fbc355835f0d936382845f3cf40d577bc470a9fc971e359d99d01f4",
    "phq-2": "f2fc28fc57acf6ce6982155cbe172994047af017df905eb16d3968cd9677511e",
    "phq-4": "adf8436c97191beabf8725e4c26f7f66852c4a4974f11b93b2148928f8f9d1e9",
    "phq-8": "29935b1d8b6e0eb1fbab35b9a637bdf45d0960344589761eefd4f0379c7826fb",
    "phq-9": "8f6b91e630b4d7a06a6a54887a1a8940e7ec61cc162dd49a45247f19de3d2058",
}

FREQUENCY = [(0, "Not at all"), (1, "Several days"), (2, "More than half the days"), (3, "Nearly every day")]

PHQ_9 = [  # Kroenke, Spitzer and Williams 2001, as on the form in use since
    "Little interest or pleasure in doing things",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself — or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    "Moving or speaking so slowly that other people could have noticed? Or the opposite — being so fidgety or restless "
    "that you have been moving around a lot more than usual",
    "Thoughts that you would be better off dead or of hurting yourself in some way",
]

GAD_7 = [  # Spitzer, Kroenke, Williams and Löwe 2006, as on the form in use since
    "Feeling nervous, anxious or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
]

ASQ = [  # National Institute of Mental Health, ASQ toolkit
    "In the past few weeks, have you wished you were dead?",
    "In the past few weeks, have you felt that you or your family would be better off if you were dead?",
    "In the past week, have you been having thoughts about killing yourself?",
    "Have you ever tried to kill yourself?",
    "Are you having thoughts of killing yourself right now?",
]


def texts(catalogue: Catalogue, name: str) -> list[str]:
    return [item.text for item in catalogue.get(name).items]


def test_the_eleven_instruments_are_there(catalogue: Catalogue) -> None:
    assert set(catalogue.ids) == set(PINNED)
    assert [instrument.id for instrument in catalogue] == sorted(PINNED)


@pytest.mark.parametrize("name", sorted(PINNED))
def test_the_wording_a_person_reads_is_the_wording_that_was_checked(catalogue: Catalogue, name: str) -> None:
    instrument = catalogue.get(name)
    asked = [*instrument.items, *([instrument.functional] if instrument.functional else [])]
    items = []
    for item in asked:
        options = [[option.value, option.label] for option in item.options or instrument.options or ()]
        items.append({"lead": item.lead, "text": item.text, "options": options})
    wording = {"instruction": instrument.instruction, "stem": instrument.stem, "items": items}
    digest = hashlib.sha256(json.dumps(wording, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    assert digest == PINNED[name] == instrument.wording_sha256


def test_phq_family_reads_word_for_word(catalogue: Catalogue) -> None:
    phq = catalogue.get("phq-9")
    assert texts(catalogue, "phq-9") == PHQ_9
    assert texts(catalogue, "phq-8") == PHQ_9[:8]
    assert texts(catalogue, "phq-2") == PHQ_9[:2]
    assert [(option.value, option.label) for option in phq.options or ()] == FREQUENCY
    assert phq.stem == "Over the last 2 weeks, how often have you been bothered by any of the following problems?"
    assert phq.functional is not None
    assert phq.functional.text == (
        "If you checked off any problems, how difficult have these problems made it for you to do your work, take care "
        "of things at home, or get along with other people?"
    )


def test_gad_family_reads_word_for_word(catalogue: Catalogue) -> None:
    assert texts(catalogue, "gad-7") == GAD_7
    assert texts(catalogue, "gad-2") == GAD_7[:2]
    assert set(texts(catalogue, "phq-4")) == {*GAD_7[:2], *PHQ_9[:2]}


def test_asq_reads_word_for_word_and_asks_for_no_detail(catalogue: Catalogue) -> None:
    assert texts(catalogue, "asq") == ASQ
    assert "left out" in catalogue.get("asq").licence


@pytest.mark.parametrize(("name", "low", "high"), [
    ("phq-9", 0, 27), ("phq-8", 0, 24), ("phq-4", 0, 12), ("phq-2", 0, 6), ("gad-7", 0, 21), ("gad-2", 0, 6),
    ("pc-ptsd-5", 0, 5), ("pcl-5", 0, 80), ("audit-c", 0, 12), ("k6", 0, 24),
])  # fmt: skip
def test_ranges_are_the_published_ones(catalogue: Catalogue, name: str, low: int, high: int) -> None:
    assert (catalogue.get(name).minimum, catalogue.get(name).maximum) == (low, high)


@pytest.mark.parametrize("name", sorted(PINNED))
def test_our_own_words_never_name_a_diagnosis_and_stay_plain(catalogue: Catalogue, name: str) -> None:
    instrument = catalogue.get(name)
    own = [instrument.about, instrument.seek_help]
    own += [text for band in instrument.bands for text in (f"{band.label}.", band.meaning, band.next)]
    text = "\n\n".join(own)
    assert not re.search(r"\byou have (?:depression|anxiety|ptsd|an? \w+ disorder)\b|disorder|diagnos|!", text, re.I)
    assert readability(text).flesch_kincaid_grade <= 9


@pytest.mark.parametrize("name", sorted(PINNED))
def test_every_instrument_carries_licence_attribution_and_sources(catalogue: Catalogue, name: str) -> None:
    instrument = catalogue.get(name)
    assert instrument.licence
    assert instrument.attribution
    assert all(1990 <= source.year <= 2026 and source.text.count(source.title) == 1 for source in instrument.sources)


def test_an_id_is_found_whatever_its_case_and_a_wrong_one_suggests_the_closest(catalogue: Catalogue) -> None:
    assert catalogue.get(" PHQ 9 ").id == "phq-9"
    with pytest.raises(UnknownNameError, match="Instrument must be a known id, got 'phq-99'; did you mean phq-9"):
        catalogue.get("phq-99")


def test_hashes_are_those_of_the_files(catalogue: Catalogue) -> None:
    for name in catalogue.ids:
        expected = hashlib.sha256((INSTRUMENTS / f"{name}.yaml").read_bytes()).hexdigest()
        assert catalogue.sha256(name) == catalogue.artefacts[f"instrument:{name}"] == expected


def copy_of(name: str, folder: Path, *changes: tuple[str, str]) -> Path:
    """Write an instrument's file with parts replaced; each must be there to begin with."""
    text = (INSTRUMENTS / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("change", "message"), [
    (("Trouble relaxing", "Trouble to relax"), "wording_sha256 must be"),
    (("label: Several days", "label: Some days"), "wording_sha256 must be"),
    (("maximum: 21", "maximum: 20"), "lowest and the highest sum"),
    (("high: 9", "high: 8"), "without a gap or an overlap"),
    (("citation: toussaint-2020", "citation: nobody-2020"), "nobody-2020 does not"),
    (('id: "2", text', 'id: "1", text'), "ids of their own"),
    (("{value: 1, label: Several days}", "{value: 0, label: Several days}"), "values of their own"),
    (("rule: refuse", "rule: prorate"), "most must be given for prorate"),
    (("rule: refuse", "rule: guess"), "missing.rule"),
    (("version: 1", "version: one"), "version"),
    (("method: sum", "method: model"), "method"),
    (("seek_help:", "seek_hlep:"), "seek_hlep"),
])  # fmt: skip
def test_a_corrupt_file_is_refused_with_its_name_and_its_problem(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    copy_of("gad-7", tmp_path, change)
    with pytest.raises(ContentError, match=rf"gad-7\.yaml.*{message}"):
        instruments(tmp_path)


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gad-7.yaml").write_text("id: [gad-7", encoding="utf-8")
    with pytest.raises(ContentError, match=r"gad-7\.yaml must be valid YAML"):
        instruments(tmp_path)


def test_a_file_must_be_named_after_its_id(tmp_path: Path) -> None:
    copy_of("gad-7", tmp_path).rename(tmp_path / "gad-8.yaml")
    with pytest.raises(ContentError, match=r"gad-8\.yaml must be named after its id 'gad-7'"):
        instruments(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="must hold at least one instrument"):
        instruments(tmp_path)


@pytest.mark.parametrize(("change", "message"), [
    (('item: "5", levels', 'item: "6", levels'), "risk_items names item 6"),
    (('when: {items: ["5"]', 'when: {items: ["9"]'), "bands names item 9"),
    (('items: ["5"]\n    answers_count', 'items: ["7"]\n    answers_count'), "skips names item 7"),
    (('    when: {items: ["5"], values: [1], or_unanswered: true}\n', ""), "every band but the last must have a rule"),
    (("  citation: nimh-2017\nrisk_items", "risk_items"), "positive must cite the source"),
    (("version: 1", "version: 1\ncut_points: [{at: 1, group: a, flags: b, citation: nimh-2017}]"), "no total, so no"),
])  # fmt: skip
def test_rules_that_point_nowhere_are_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    copy_of("asq", tmp_path, change)
    with pytest.raises(ContentError, match=rf"asq\.yaml.*{message}"):
        instruments(tmp_path)
