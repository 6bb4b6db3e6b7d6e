"""Claims about the published protocol: it is the one in force, whole, and there for anybody whatever is down."""

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from holdfast.safety.crisis.protocol import load_protocol
from holdfast.safety.detection.verdict import Category
from holdfast.service.accounts.token import COOKIE
from holdfast.service.storage.work import Work
from served import Served

PROTOCOL = load_protocol()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """An application of a test's own."""
    served = Served(tmp_path)
    yield served
    served.stop()


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An application for tests that only look."""
    served = Served(tmp_path_factory.mktemp("still"))
    yield served
    served.stop()


class Rows(HTMLParser):
    """The rows of the page's table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "tr":
            self.rows.append([])
        self._is_cell = tag in ("th", "td")

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._is_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1].append(data)


def table(page: str) -> dict[str, list[str]]:
    parser = Rows()
    parser.feed(page)
    return {row[0]: row[1:] for row in parser.rows}


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("&#39;", "'").replace("&#34;", '"').split())


def test_the_hash_on_the_page_is_that_of_the_file_handed_out_and_in_force(still: Served) -> None:
    browser = still.browser()
    file = browser.get("/protocol/file")
    digest = hashlib.sha256(file.content).hexdigest()
    assert digest == hashlib.sha256(PROTOCOL.path.read_bytes()).hexdigest() == PROTOCOL.sha256
    page = browser.get("/protocol").text
    assert digest in page
    assert f"version {PROTOCOL.value.version}" in page
    assert file.headers["content-type"].startswith("text/plain")


def test_every_kind_of_risk_text_and_source_is_on_the_page(still: Served) -> None:
    page = still.browser().get("/protocol").text
    read = words(page)
    assert all(category.value.replace("_", " ") in read for category in Category)
    assert page.count("<details>") == len(list(PROTOCOL.value.all_templates()))
    for work in PROTOCOL.value.informed_by:
        assert f"{work.publisher}: {work.title} ({work.year})" in read
    assert "none of their publishers has seen or approved them" in read
    assert PROTOCOL.value.status in read.lower()


def test_it_is_read_without_signing_in_without_scripts_and_without_a_cookie(still: Served) -> None:
    browser = still.browser()
    response = browser.get("/protocol")
    assert response.status_code == 200
    assert COOKIE not in browser.cookies
    assert "<script" not in response.text.partition("<main")[2]
    assert still.work(lambda work: work.alerts.queue()) == ()


def test_it_is_read_without_a_database_and_says_that_the_counts_cannot_be(served: Served) -> None:
    assert "cannot be read" not in served.browser().get("/protocol").text
    served.database_file.rename(served.database_file.with_suffix(".gone"))
    response = served.browser().get("/protocol")
    assert response.status_code == 200
    assert PROTOCOL.sha256 in response.text
    assert "The counts cannot be read right now" in response.text
    assert served.browser().get("/protocol/file").status_code == 200


def test_the_counts_of_the_year_are_on_the_page_and_small_ones_are_not(served: Served) -> None:
    """Six people are told once and two of them are in a crisis; the month is shown once it is over."""
    for number in range(6):
        browser = served.browser()
        browser.agree("conversation")
        page = browser.get("/talk")
        browser.press(page, "Send", {"message": "I want to end my life" if number < 2 else "thanks"})
    before = table(served.browser().get("/protocol").text)
    assert before["What"][-2:] == ["2026-10", "Together"]
    served.clock.forward(days=20)
    after = table(served.browser().get("/protocol").text)
    assert after["What"][-2:] == ["2026-11", "Together"]
    shown = {what: cells[-2:] for what, cells in after.items()}
    assert shown["Notices that this is software"] == ["6", "6"]
    for what in ("Crises", "Referrals shown", "Alerts to stewards"):
        assert shown[what] == ["<5", "<5"]
    assert shown["Concerns"] == ["0", "0"]


def test_the_page_shows_without_counts_where_they_are_kept_for_a_day(tmp_path: Path) -> None:
    served = Served(tmp_path, counter_retention_days=1)
    served.clock.forward(days=45)
    assert served.browser().get("/protocol").status_code == 200
    served.stop()


def test_no_planted_word_is_on_the_page(served: Served) -> None:
    browser = served.browser()
    browser.agree("conversation")
    for _ in range(6):
        browser.press(browser.get("/talk"), "Send", {"message": "marmalade: I want to end my life"})
    served.clock.forward(days=20)
    assert "marmalade" not in served.browser().get("/protocol").text

    async def kinds(work: Work) -> set[str]:
        return set(await work.counters.since(served.clock().date().replace(month=1, day=1)))

    assert not any("marmalade" in kind for kind in served.work(kinds))
