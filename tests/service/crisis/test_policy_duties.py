"""Claims about duties that the policies name and that are met for everybody: each is asked for, and each is done."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from holdfast.care.conversation.assembly import load_parts
from holdfast.errors import ContentError
from holdfast.safety.crisis.helplines import load_helplines
from holdfast.safety.crisis.protocol import load_protocol
from holdfast.safety.crisis.regional import fill_region
from holdfast.safety.detection.verdict import Category, Detection, Evidence, Level, Subject
from holdfast.safety.jurisdiction.age import Age
from holdfast.safety.jurisdiction.coverage import check_coverage
from holdfast.safety.jurisdiction.policy import Policy, load_policies
from holdfast.service.crisis.counts import YearCounts, count_year
from holdfast.service.storage.work import Work
from holdfast.turn import Turn
from served import Served

API = "/api/v1"
PROTOCOL = load_protocol().value
POLICIES = load_policies().value


class _Named:
    """A detector that finds a crisis of the kind that the newest words name."""

    def detect(self, turns: Sequence[Turn]) -> Detection:
        kinds = tuple(category for category in Category if category.value in turns[-1].text)
        evidence = tuple(
            Evidence(turn=len(turns) - 1, start=0, end=3, category=kind, level=Level.CRISIS, rule="t") for kind in kinds
        )
        level = Level.CRISIS if kinds else Level.NONE
        return Detection(level=level, categories=kinds, subject=Subject.SELF, evidence=evidence)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The application, with a detector that is told what it finds."""
    served = Served(tmp_path_factory.mktemp("served"), semantic_layer="off")
    services = served.app.state.services
    object.__setattr__(services, "conversation", replace(services.conversation, detector=_Named()))
    yield served
    served.stop()


def policy(served: Served) -> Policy:
    """What holds for somebody of whom nothing is known: everything that any law asks for."""
    return POLICIES.policy_for(None, Age.UNKNOWN, now=served.clock())


def say(served: Served, words: str) -> Any:
    """What somebody new is answered."""
    browser = served.browser()
    token = browser.send("POST", f"{API}/people").json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    return browser.send("POST", f"{API}/messages", headers=headers, json={"text": words}).json()["reply"]


def counted(served: Served) -> int:
    async def count(work: Work) -> int:
        return (await work.counters.of(served.clock().date())).get("referral.shown", 0)

    return served.work(count)


def test_detects_every_kind_that_is_promised_is_met_with_the_protocols_words_for_it(served: Served) -> None:
    promised = policy(served).detects
    assert promised
    for category in promised:
        template = PROTOCOL.template(category, Level.CRISIS, Subject.SELF)
        words = PROTOCOL.render(template, fill_region(load_helplines(), None, (category,)))
        assert words in say(served, f"this is {category.value}")["text"], category


def test_interrupts_in_crisis_no_part_answers_but_the_protocol(served: Served) -> None:
    assert policy(served).interrupts_in_crisis
    calm, grave = say(served, "what is a panic attack?"), say(served, "what is a panic attack? suicide")
    assert calm["route"] != "crisis"
    assert (grave["route"], grave["author"], grave["sources"]) == ("crisis", "template", [])
    assert grave["resources"]


def test_publishes_protocol_to_anybody_byte_for_byte(served: Served) -> None:
    assert policy(served).publishes_protocol
    file = served.browser().get("/protocol/file")
    assert hashlib.sha256(file.content).hexdigest() == load_protocol().sha256
    page = served.browser().get("/protocol")
    assert (page.status_code, load_protocol().sha256 in page.text) == (200, True)


def test_counts_referrals_goes_up_by_one_where_people_to_reach_are_shown(served: Served) -> None:
    assert policy(served).counts_referrals
    before = counted(served)
    say(served, "this is suicide")
    assert counted(served) == before + 1
    say(served, "hello")
    assert counted(served) == before + 1


def test_reports_yearly_what_was_counted_in_the_year_that_is_over(served: Served) -> None:
    assert policy(served).reports_yearly
    now = served.clock().replace(year=2027, month=1, day=5)

    async def count(work: Work) -> None:
        work.counters.add(date(2026, 12, 3), "referral.shown", 40)

    async def reported(work: Work) -> YearCounts:
        return await count_year(work, 2026, now=now, kept_days=served.settings.counter_retention_days)

    served.work(count)
    december = {row.what: row.by_month[-1] for row in served.work(reported).rows}
    assert december["referrals shown"] == 40


def test_policies_that_promise_more_than_the_protocol_covers_keep_the_service_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check_coverage(POLICIES, PROTOCOL)
    assert PROTOCOL.covers == set(Category)
    loaded = load_protocol()
    texts = {kind: bank for kind, bank in PROTOCOL.templates.items() if kind is not Category.EATING_DISORDER}
    lacking = replace(loaded, value=PROTOCOL.model_copy(update={"templates": texts}))
    monkeypatch.setattr("holdfast.care.conversation.assembly.load_protocol", lambda: lacking)
    with pytest.raises(ContentError, match=r"names eating_disorder besides; add texts"):
        load_parts()
