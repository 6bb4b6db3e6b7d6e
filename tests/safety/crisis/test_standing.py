"""Claims about what a person is told of the people behind the service: nothing that is not so."""

from itertools import product

import pytest

from holdfast.safety.crisis.standing import AlertStanding, Watch, watch_over


@pytest.mark.parametrize(
    ("standing", "is_staffed", "watch"),
    [
        (AlertStanding(), False, Watch.NOBODY),
        (AlertStanding(), True, Watch.SOMEONE),
        (AlertStanding(is_late=True), True, Watch.LATE),
        (AlertStanding(is_late=True), False, Watch.NOBODY),
        (AlertStanding(is_late=True, is_failing=True), False, Watch.UNREACHED),
        (AlertStanding(is_late=True, is_reached=True), False, Watch.LATE),
        (AlertStanding(is_late=True, is_reached=True, is_failing=True), False, Watch.LATE),
        (AlertStanding(is_seen=True, is_late=True, is_failing=True), False, Watch.SEEN),
    ],
)
def test_what_is_said_follows_from_what_became_of_the_alert(
    standing: AlertStanding, is_staffed: bool, watch: Watch
) -> None:
    assert watch_over(standing, is_staffed=is_staffed) is watch


def test_nobody_is_said_to_have_been_told_who_was_not() -> None:
    for seen, late, reached, failing, staffed in product([False, True], repeat=5):
        standing = AlertStanding(is_seen=seen, is_late=late, is_reached=reached, is_failing=failing)
        said = watch_over(standing, is_staffed=staffed)
        if said in (Watch.SOMEONE, Watch.LATE):
            assert staffed or reached
        if said is Watch.SEEN:
            assert seen
