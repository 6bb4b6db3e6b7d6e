"""Claims about the second reader: every held-out message was read as it stands now, and the report groups by it."""

from dataclasses import replace

import pytest

from holdfast.safety.report.case import case_of
from holdfast.safety.report.second_reader import AGREED, DOUBTED, load_second_reading, seal_of
from holdfast.safety.utterances import Split, Utterance, UtteranceSet


@pytest.fixture(scope="module")
def read(labelled_set: UtteranceSet) -> tuple[Utterance, ...]:
    return labelled_set.of(load_second_reading().split)


def test_the_messages_are_still_those_that_were_read(read: tuple[Utterance, ...]) -> None:
    assert seal_of(read) == load_second_reading().texts_sha256, "lines of test changed: have them read again"


def test_the_seal_changes_with_a_word_and_not_with_the_order(read: tuple[Utterance, ...]) -> None:
    some = list(read[:5])
    assert seal_of(some) == seal_of(some[::-1])
    assert seal_of(some) != seal_of([replace(some[0], id="other"), *some[1:]])
    assert seal_of(some) != seal_of([replace(some[0], turns=some[1].turns), *some[1:]])


def test_what_is_doubted_names_messages_that_were_read_and_only_labels_a_reader_can_contradict(
    read: tuple[Utterance, ...],
) -> None:
    found, by_id = load_second_reading(), {one.id: one for one in read}
    assert not found.unsure & found.contrary
    assert found.unsure | found.contrary <= set(by_id)
    assert all(by_id[name].is_risk or by_id[name].is_benign for name in found.contrary)


def test_a_case_lies_in_the_group_its_reader_put_it_in_and_others_in_none(
    read: tuple[Utterance, ...], labelled_set: UtteranceSet
) -> None:
    found = load_second_reading()
    groups = {one.id: case_of(one).groups["second reader"] for one in read}
    assert {name for name, group in groups.items() if group == (DOUBTED,)} == found.unsure | found.contrary
    assert set(groups.values()) == {(AGREED,), (DOUBTED,)}
    assert all(case_of(one).groups["second reader"] == () for one in labelled_set.of(Split.DEV))
