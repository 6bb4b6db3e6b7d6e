"""Explanations of models whose workings are known."""

import itertools

import numpy as np
import pytest

from holdfast.risk.error import RiskError
from holdfast.risk.explanation import InputGroup, explain

A, B, C = (InputGroup(name=name, columns=(place,)) for place, name in enumerate("abc"))


def linear(rows):
    return np.nan_to_num(rows) @ np.array([1.0, -3.0, 0.5])


def test_a_planted_input_is_found_first_among_many():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(30, 12))
    rows[:, 7] = 4.0
    inputs = [InputGroup(name=f"x{place}", columns=(place,)) for place in range(12)]
    found = explain(lambda z: 1 / (1 + np.exp(-(2 * z[:, 7] + 0.1 * z.sum(axis=1)))), rows, np.zeros(12), inputs=inputs)
    assert {one.alone[0].name for one in found} == {"x7"}
    assert {one.together[0].name for one in found} == {"x7"}


def test_moves_of_a_linear_model_by_hand():
    (found,) = explain(linear, np.array([[2.0, 1.0, 4.0]]), np.zeros(3), inputs=[A, B, C])
    assert found.risk == 1.0
    assert [(move.name, move.risk, move.lowered) for move in found.alone] == [
        ("a", -1.0, 2.0),
        ("c", -1.0, 2.0),
        ("b", 4.0, -3.0),
    ]
    assert [(move.name, move.risk, move.lowered) for move in found.together] == [("a", -1.0, 2.0), ("c", -3.0, 2.0)]


def test_the_way_together_is_the_greedy_one_of_a_plain_loop():
    generator = np.random.default_rng(1)
    rows, weights = generator.normal(size=(25, 5)), generator.normal(size=(5, 5))

    def score(z):
        return np.einsum("ij,jk,ik->i", z, weights, z)

    inputs = [InputGroup(name=str(place), columns=(place,)) for place in range(5)]
    found = explain(score, rows, np.full(5, 0.3), inputs=inputs, most_moves=4)
    for row, one in zip(rows, found, strict=True):
        now, way = row.copy(), []
        while len(way) < 4:
            options = {}
            for place in set(range(5)) - {int(name) for name in way}:
                moved = now.copy()
                moved[place] = 0.3
                options[place] = score(moved[None])[0]
            best = min(options, key=lambda place: options[place])
            if options[best] >= score(now[None])[0]:
                break
            now[best] = 0.3
            way.append(str(best))
        assert [move.name for move in one.together] == way


def test_lowered_amounts_of_the_way_add_up_to_the_whole():
    rows = np.random.default_rng(2).normal(size=(10, 3)) + 3
    for one in explain(linear, rows, np.zeros(3), inputs=[A, B, C]):
        assert one.together
        assert one.risk - sum(move.lowered for move in one.together) == pytest.approx(one.together[-1].risk)
        assert all(later.risk < earlier.risk for earlier, later in itertools.pairwise(one.together))


def test_columns_of_a_group_move_together_and_others_stay():
    seen = []

    def score(rows):
        seen.append(rows.copy())
        return rows.sum(axis=1)

    pressure = InputGroup(name="blood pressure", columns=(0, 2))
    explain(score, np.array([[5.0, 7.0, 9.0]]), np.ones(3), inputs=[pressure])
    assert seen[1].tolist() == [[1.0, 7.0, 1.0]]


def test_each_person_may_have_their_own_reference_values():
    rows, reference = np.array([[2.0, 0.0, 0.0], [2.0, 0.0, 0.0]]), np.array([[0.0, 0, 0], [1.5, 0, 0]])
    found = explain(linear, rows, reference, inputs=[A])
    assert [one.alone[0].lowered for one in found] == [2.0, 0.5]


def test_what_was_not_measured_or_is_at_the_reference_is_not_moved():
    rows = np.array([[np.nan, 0.0, 4.0]])
    (found,) = explain(linear, rows, np.zeros(3), inputs=[A, B, C])
    assert [move.name for move in found.alone] == ["c"]
    assert [move.name for move in found.together] == ["c"]


def test_nobody_to_explain_and_nothing_to_move_give_empty_answers():
    assert explain(linear, np.zeros((0, 3)), np.zeros(3), inputs=[A]) == ()
    (found,) = explain(linear, np.zeros((1, 3)), np.zeros(3), inputs=[])
    assert (found.alone, found.together) == ((), ())


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"inputs": [A, InputGroup(name="z", columns=(0,))]}, "Groups of inputs must not overlap"),
        ({"inputs": [A, InputGroup(name="a", columns=(1,))]}, "Groups of inputs must not overlap"),
        ({"inputs": [InputGroup(name="d", columns=(3,))]}, "Columns of a group must be places of 0 to 2"),
        ({"inputs": [InputGroup(name="d", columns=())]}, "Columns of a group must be places of 0 to 2"),
        ({"inputs": [A], "kept": [0]}, "Groups must leave kept columns alone, got a"),
        ({"inputs": [A], "reference": np.zeros(2)}, "Reference values must be one a column"),
        ({"inputs": [A], "reference": np.array([np.nan, 0, 0])}, "Reference values must be finite, got 2 that are not"),
        ({"inputs": [A], "score": lambda rows: rows}, "Scoring must return 2 finite numbers"),
        ({"inputs": [A], "score": lambda rows: rows[:, 0] * np.inf}, "Scoring must return 2 finite numbers"),
    ],
)
def test_what_cannot_be_explained_is_refused(given, match):
    asked = {"score": linear, "rows": np.ones((2, 3)), "reference": np.zeros(3), **given}
    with pytest.raises(RiskError, match=match):
        explain(**asked)
