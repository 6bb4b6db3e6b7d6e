"""The page: whole, self-contained, valid, the same every time, and saying no more than the judgement."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from holdfast.measured import Interval, Scored, Unscored, wilson
from holdfast.study.judging.judgement import Judgement
from holdfast.study.report.about import About
from holdfast.study.report.limits import limits
from holdfast.study.report.page import render_report
from holdfast.study.visits import Visits

_VOID = {"meta", "br"}
_SECTIONS = (
    "What this is, and is not",
    "Who was in it",
    "What was learned",
    "Risk groups and what became of them",
    "Beside other methods",
    "Are the absolute risks right?",
    "What acting on them would be worth",
    "Who moves between categories",
    "For whom it works",
    "With values missing or less exact",
    "For whom it says nothing",
    "Limits",
    "How it was made",
)


class Page(HTMLParser):
    """Keeps what a page is made of, and refuses one whose elements do not close in turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.headings: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


@pytest.fixture(scope="module")
def html(judgement: Judgement, about: About) -> str:
    return render_report(judgement, about)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_every_section_is_there_in_order_and_in_the_contents(page: Page) -> None:
    assert tuple(page.headings) == _SECTIONS
    linked = [a["href"] for a in page.all("a")]
    assert linked == [f"#{attributes['id']}" for attributes in page.all("h2")]


def test_it_refers_to_nothing_outside_itself_and_runs_nothing(html: str, page: Page) -> None:
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", html)
    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_ids_are_unique_and_everything_that_is_referred_to_exists(html: str, page: Page) -> None:
    ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert [name for name, n in ids.items() if n > 1] == []
    for name in re.findall(r'(?:href="#|url\(#|aria-labelledby=")([^")]+)', html):
        assert name in ids


def test_every_table_has_a_caption_and_every_head_a_scope(html: str, page: Page) -> None:
    assert html.count("<table>") == html.count("<caption>") > 12
    assert all(attributes.get("scope") in {"col", "row", "colgroup"} for attributes in page.all("th"))


def test_every_picture_has_words_in_its_place_and_a_table_after_it(html: str, page: Page) -> None:
    pictures = list(page.all("svg"))
    assert len(pictures) == 9
    assert all(p["role"] == "img" and p["aria-labelledby"] for p in pictures)
    for section in html.split("<h2")[1:]:
        if "<svg" in section:
            assert "<table>" in section[section.rindex("</svg>") :]


def test_the_same_judgement_gives_the_same_bytes(html: str, judgement: Judgement, about: About) -> None:
    assert render_report(judgement, about) == html


def test_no_person_is_named(html: str, people: Visits) -> None:
    assert not any(str(person) in html for person in people.persons)


def test_words_from_outside_are_escaped(html: str) -> None:
    assert "Death <from>" not in html
    assert "Death &lt;from&gt; any cause" in html
    assert "people &amp; more" in html


def test_it_says_what_it_is_not(html: str) -> None:
    words = " ".join(re.sub(r"<[^>]+>", "", html).split())
    assert "Research use, not for care." in words
    assert "No clinician and no person with lived experience has reviewed this model or this page." in words
    assert "A higher risk is worse." in words
    assert "Higher concordance is better" in words
    assert "It diagnoses nobody" in words


def test_figures_are_those_of_the_judgement(page: Page, judgement: Judgement) -> None:
    text = "".join(page.text)
    for method in judgement.ranking.methods:
        if isinstance(method.concordance, Scored):
            assert f"{method.concordance.value:.3f}" in text
        else:
            assert method.concordance.reason in text
    for curve in judgement.curves:
        assert isinstance(curve.event_rate, Scored)
        assert f"{100 * curve.event_rate.value:.1f} %" in text


def test_every_limit_is_on_the_page(page: Page, judgement: Judgement, about: About) -> None:
    text = "".join(page.text)
    assert len(limits(judgement, about)) > 5
    assert all(line in text for line in limits(judgement, about))


def test_it_says_whether_people_were_held_out_or_are_of_another_cohort(
    html: str, judgement: Judgement, about: About
) -> None:
    external = render_report(judgement, replace(about, kind="external"))
    assert "Held-out people." in html
    assert "There is no external validation here." in html
    assert "External validation." in external
    assert "There is no external validation here." not in external
    assert "c" * 64 in external
    assert "c" * 64 not in html


def test_limits_follow_from_the_record(judgement: Judgement, about: About) -> None:
    led = " ".join(limits(judgement, replace(about, is_led=True, top_coded=(80.0, 0.064))))
    plain = " ".join(limits(judgement, about))
    for words in ("encoders are shown what its teachers (cox, trees) foretell", "Age looks cut off at 80 years: 6.4 %"):
        assert words in led
        assert words not in plain
    assert "The fitted models stay fixed" in plain


def test_people_about_whom_nothing_is_said_are_a_limit_where_they_fare_worse(
    judgement: Judgement, about: About
) -> None:
    words = "had the event more often than the others"
    worse = replace(
        judgement.abstentions,
        event_rate=Scored(value=0.3, n=50, interval=Interval(0.2, 0.4)),
        event_rate_estimated=Scored(value=0.1, n=900, interval=Interval(0.08, 0.12)),
    )
    alike = replace(worse, event_rate=Scored(value=0.1, n=50, interval=Interval(0.03, 0.2)))
    assert words in " ".join(limits(replace(judgement, abstentions=worse), about))
    assert words not in " ".join(limits(replace(judgement, abstentions=alike), about))


def test_groups_for_whom_nothing_is_said_more_often_are_a_limit(judgement: Judgement, about: About) -> None:
    words = "for 20.0 % of Male, 1.0 % of Female."
    first = next(group for group in judgement.abstentions.groups if group.attribute == "Sex")
    apart = [replace(first, level=level, share=wilson(n, 400)) for level, n in (("Female", 4), ("Male", 80))]
    alike = [replace(first, level=level, share=wilson(n, 400)) for level, n in (("Female", 8), ("Male", 12))]
    for groups, is_said in ((apart, True), (alike, False)):
        silent = replace(judgement.abstentions, groups=tuple(groups))
        said = " ".join(limits(replace(judgement, abstentions=silent), about))
        assert (words in said) is is_said
        assert ("more often for some groups (Sex)" in said) is is_said


def test_what_was_not_measured_is_said_with_its_reason_and_never_as_a_number(
    judgement: Judgement, about: About
) -> None:
    why = Unscored("nothing was known of it")
    bare = replace(
        judgement,
        absolute=replace(judgement.absolute, calibration=why, brier=(replace(judgement.absolute.brier[0], brier={}),)),
        decision=replace(judgement.decision, rows=why),
        reclassification=tuple(replace(r, by_category=why, any_change=why) for r in judgement.reclassification),
        stress=tuple(replace(r, concordance=why, change=why) for r in judgement.stress),
    )
    html = render_report(bare, about)
    Page(html)
    assert html.count("nothing was known of it") > 10
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL).lower().split()


def test_a_page_about_people_without_groups_is_a_page(judgement: Judgement, about: About) -> None:
    bare = replace(
        judgement,
        people=replace(judgement.people, groups=(), age=Unscored("age is not known"), age_quartiles=None, healthy=None),
        subgroups=tuple(replace(one, groups=(), gaps=()) for one in judgement.subgroups),
        abstentions=replace(judgement.abstentions, groups=()),
        ranking=replace(judgement.ranking, methods=judgement.ranking.methods[:1]),
        projection=replace(judgement.projection, is_healthy=None),
    )
    page = Page(render_report(bare, about))
    assert tuple(page.headings) == _SECTIONS
    assert len(list(page.all("svg"))) == 7


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.01, 0.03, "the model ranks better"), (-0.03, -0.01, "the model ranks worse"), (-0.01, 0.02, "not told apart")],
)
def test_a_difference_is_said_in_words(judgement: Judgement, about: About, low: float, high: float, words: str) -> None:
    first, second, *rest = judgement.ranking.methods
    second = replace(second, ahead=Scored(value=(low + high) / 2, n=1_000, interval=Interval(low, high)))
    methods = (first, second, *(replace(m, ahead=Unscored("not compared here")) for m in rest))
    html = render_report(replace(judgement, ranking=replace(judgement.ranking, methods=methods)), about)
    assert html.count(f"<td>{words}</td>") == 1


def test_the_flow_shows_who_stayed_and_who_left_and_why(html: str) -> None:
    diagram = html[html.index('aria-labelledby="flow-title"') :].split("</svg>")[0]
    said = re.findall(r"<text[^>]*>([^<]*)</text>", diagram)
    assert said == [
        "4,000 people", "Everyone.", "1,000 withdrawn", "They withdrew.", "3,000 people",
        "2,000 learnt from", "Training people.", "1,000 people", "judged on here",
    ]  # fmt: skip
